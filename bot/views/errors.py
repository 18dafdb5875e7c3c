"""Errors for people: one line what happened, one line what to do; never an exception's own text."""

from __future__ import annotations

from bot.errors import (
    FixedAdmin,
    KeyRefused,
    LastAdmin,
    NotAllowed,
    NotEnough,
    NotYours,
    OfferLapsed,
    OrderRefused,
    OthersWait,
    OutcomeUnknown,
    OverLimit,
    PeerBusy,
    PeerError,
    PeerRefused,
    PreviewLapsed,
    QuartermasterError,
    RequestConflict,
    ResourceFrozen,
    SheetLayoutError,
    StillPending,
    StorageError,
    UnknownPerson,
    UnknownResource,
)
from bot.views import alerts, trading_errors
from bot.views.proxies import not_enough, unknown_resource
from bot.views.text import count_of, duration, escaped, listed

_PLURALS = {"user": "users", "trader": "traders", "admin": "admins"}
NOTHING_DONE = "That cannot be done, and nothing was changed.\nSee /help for what can."
LAPSED = "This button is not yours or has lapsed. Send the command again."


def explain(error: QuartermasterError) -> str:
    """The text for an error that we raise on purpose."""
    match error:
        case PeerError():
            return _peer(error)
        case SheetLayoutError():
            return _layout(error)
        case StorageError():
            return "I cannot write my records just now, so nothing was done.\nTry again in a minute."
        case UnknownResource():
            return unknown_resource(error.resource, 1, error.nearest).texts[0]
        case UnknownPerson():
            return _unknown_person(error)
        case NotEnough():
            return not_enough(error.resource, error.asked, error.available).texts[0]
        case RequestConflict():
            return "That message was answered before, as another request.\nSend the command as a new message."
        case OfferLapsed():
            return LAPSED
        case NotYours():
            return "You do not hold that proxy.\nSee /my for those you hold."
        case StillPending():
            return (
                "That one is still being written into the sheet; nothing was changed.\nTry again in a minute."
            )
        case NotAllowed() | FixedAdmin() | LastAdmin():
            return _rights(error)
        case OverLimit():
            return _over_limit(error)
        case ResourceFrozen():
            return f"{escaped(error.resource)} is frozen: an admin has stopped handing out for it.\nAsk an admin."
        case OthersWait():
            return _others_wait(error)
        case PreviewLapsed():
            return "Those are not reserved for you any more.\nSend /proxies to choose again."
    return trading_errors.explain(error) or alerts.explain(error) or NOTHING_DONE


def _rights(error: NotAllowed | FixedAdmin | LastAdmin) -> str:
    match error:
        case NotAllowed():
            return f"That is for {_PLURALS[error.needed]}.\nSee /help for what you can use."
        case FixedAdmin():
            name = escaped(error.name)
            return f"{name} is an admin by the settings.\nTake the id out of ADMIN_IDS to change that."
    return f"{escaped(error.name)} is the only admin.\nMake somebody else an admin first: /role @USER admin"


def _others_wait(error: OthersWait) -> str:
    people = count_of(error.waiting, "person", "people")
    return (
        f"What is free for {escaped(error.resource)} is for the {people} in line before you. "
        "Nothing was taken."
    )


def _over_limit(error: OverLimit) -> str:
    remedy = "Give some back in /my first." if error.what == "held" else "Take them, or send /cancel first."
    return f"At most {error.limit} may be {error.what} at a time; you have {error.has}. Nothing was taken.\n{remedy}"


def _unknown_person(error: UnknownPerson) -> str:
    name = escaped(error.name[:64])
    if not error.candidates:
        return f"I know nobody called {name}.\nSee /users for everybody; write @name or the id."
    ids = listed([str(user_id) for user_id in error.candidates])
    return f"More than one person is called {name}.\nWrite the id instead: {ids}."


def bad_argument(problem: str, remedy: str) -> str:
    """What is wrong with a command's words, and what to do."""
    return f"{escaped(problem)}\n{escaped(remedy)}"


def unexpected(reference: str) -> str:
    """Something that we did not foresee; the reference is in the log too."""
    return (
        f"Something went wrong on my side (reference {escaped(reference)}). "
        "Nothing was lost; please try again."
    )


def _peer(error: PeerError) -> str:
    peer = escaped(error.peer[:1].upper() + error.peer[1:])
    match error:
        case PeerBusy(retry_after=float() | int() as seconds):
            return f"{peer} asks me to slow down; nothing was changed.\nTry again in {duration(seconds)}."
        case PeerBusy():
            return f"{peer} asks me to slow down; nothing was changed.\nTry again in a minute."
        case OutcomeUnknown():
            return f"{peer} did not confirm in time.\nIt is being checked: look at /my in a few minutes."
        case KeyRefused():
            return f"{peer} does not take the account's key; nothing was changed.\nSee /accounts for why."
        case OrderRefused():
            return trading_errors.refused(error)
        case PeerRefused(status=403 | 404):
            remedy = "Tell an admin: the sheet may not be shared with me any more."
            return f"{peer} gives no access; nothing was changed.\n{remedy}"
        case PeerRefused():
            return f"{peer} refused (status {error.status}); nothing was changed.\nTell an admin."
    return f"{peer} cannot be reached; nothing was changed.\nTry again in a minute."


def _layout(error: SheetLayoutError) -> str:
    missing = ", ".join(f"“{escaped(name)}”" for name in error.missing)
    found = ", ".join(f"“{escaped(name[:24])}”" for name in error.found[:20]) or "nothing"
    remedy = "Tell an admin: it is to be added there, then /refresh."
    return f"Row 1 of the sheet has no column {missing}; it has {found}.\n{remedy}"
