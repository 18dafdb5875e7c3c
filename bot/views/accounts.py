"""Accounts: connecting one, which there are, which is used, giving one up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import AccountInUse, CannotConnect, NoAccount
from bot.models.account import Account, TradingChoices, label_of
from bot.models.dialogue import Dialogue, Problem, Step, steps_of
from bot.models.market import AccountType
from bot.models.offer import Action
from bot.models.role import Role
from bot.views.commands import ROLE_OF_COMMAND
from bot.views.reply import Button, Reply, in_rows, one
from bot.views.text import DAY, count_of, escaped

GOOD_FOR = 6 * 3600.0
MAX_REASON = 200

TYPES = {AccountType.SPOT: "spot", AccountType.LINEAR: "unified (perpetuals)"}
CANCEL = Button("Cancel", Action("stop connecting"))
LIST = Button("My accounts", Action("accounts"))
CONNECT = Button("Connect an account", Action("connect"))

STOPPED = one("Stopped: nothing was connected, and I keep nothing of what you sent.", LIST)
NOTHING_BEGUN = one("Nothing is being connected just now.", LIST)
NO_TEXT = "That is nothing I can use: send it as text that you have typed or pasted yourself."
DELETE_IT = "I could not delete your message: please delete it yourself."
IN_PRIVATE = "Keys are never for a group. Send me /connect in private."
LEAKED = (
    "Keys are never for a group: whoever can read here may have seen it. I have not used it.\n"
    "Delete that key at the exchange and make a new one, then send me /connect in private."
)

_ASKED = {
    Step.KEY: "Send me the <b>API key</b>.",
    Step.SECRET: "Now send me the key's <b>secret</b>.",
    Step.PASSPHRASE: "Now send me the <b>passphrase</b> that you chose for the key.",
}
_UNFIT = {
    Step.KEY: "That is no API key: it is one word, of 8 characters or more.",
    Step.SECRET: "That is no secret.",
    Step.PASSPHRASE: "That is no passphrase.",
}
_PROBLEMS = {
    Problem.VENUE: "That is no exchange that can be connected here.\nSend /connect to choose one.",
    Problem.WITHDRAWS: (
        "That key may withdraw money, so I do not use it.\n"
        "Make a key without the right to withdraw, and send /connect again."
    ),
    Problem.EXPIRED: "That key has expired.\nMake a new one, and send /connect again.",
    Problem.KNOWN: "That key is connected already.\nSee /accounts.",
    Problem.MANY: "You have as many accounts as one may have.\nGive one up first: /disconnect",
    Problem.REFUSED: "The exchange does not take that key.\nCheck it there, and send /connect again.",
    Problem.STOPPED: "Stopped: nothing was connected.",
}


def venues(names: Collection[str]) -> Reply:
    """Where is the account?"""
    if not names:
        return one("No exchange can be connected here: an admin has named none. Your paper account is there.")
    buttons = in_rows((Button(_title(name), Action("connect", (name,))) for name in names), 2)
    text = (
        "Which exchange is the account at?\n"
        "You need an API key that may read and trade, but not withdraw; one that may only read is enough to look."
    )
    return Reply((text,), buttons)


def prompt(dialogue: Dialogue, *, understood: bool = True) -> Reply:
    """What is to be sent next; `understood`: the last message fitted."""
    if dialogue.step not in _ASKED:
        text = f"I have all I need. Shall I ask {_title(dialogue.venue)} about the key?"
        return one(text, _again(dialogue.venue), CANCEL)
    steps = steps_of(dialogue.venue)
    where = f"Connecting {_title(dialogue.venue)}, step {steps.index(dialogue.step) + 1} of {steps.index(Step.CHECK)}."
    first = where if understood else _UNFIT[dialogue.step]
    return one(f"{first}\n{_ASKED[dialogue.step]} I delete your message at once.", CANCEL)


def no_text() -> Reply:
    """A photo, a file, a forwarded message: none is read."""
    return one(NO_TEXT, CANCEL)


def checking(venue: str) -> str:
    """Meanwhile."""
    return f"Asking {_title(venue)} about the key…"


def unreachable(venue: str) -> Reply:
    """The venue was not asked; what was said is kept for a while."""
    text = (
        f"{_title(venue)} cannot be reached just now, so the key could not be checked; nothing was connected.\n"
        "I keep what you sent for ten minutes, encrypted: try again, or cancel."
    )
    return one(text, _again(venue), CANCEL)


def ended(dialogue: Dialogue) -> Reply:
    """How connecting has ended."""
    if dialogue.problem is Problem.REFUSED and dialogue.detail:
        text = f"{_title(dialogue.venue)} does not take that key: {_reason(dialogue.detail)}"
        return one(f"{text}\nCheck it there, and send /connect again.")
    if dialogue.problem is not None:
        return one(problem(dialogue.problem))
    label = label_of(dialogue.venue, dialogue.tail)
    rights = "It may trade." if dialogue.can_trade else "Its key may only look: it cannot trade."
    return one(
        f"Connected: <b>{escaped(label)}</b>. {rights}\nTo use it, choose it among your accounts.",
        LIST,
    )


def problem(name: str) -> str:
    """Why an account was not connected; `name` is a Problem's value."""
    return _PROBLEMS[Problem(name)]


def leaked(*, is_deleted: bool) -> str:
    """Said in the group where somebody has shown a key."""
    return LEAKED if is_deleted else f"{LEAKED}\n{DELETE_IT}"


def overview(
    accounts: Sequence[Account], chosen: Account, choices: TradingChoices, role: Role, *, heading: str = ""
) -> Reply:
    """Every account with what its key may do, and buttons: which to use, which to give up, spot or perpetuals."""
    lines = [
        *([f"{heading}\n"] if heading else []),
        f"<b>You have {count_of(len(accounts), 'account')}.</b>",
        *(_line(account, chosen) for account in accounts),
        f"\nTrading: {TYPES[choices.account_type]}.{' Paused: /resume' if choices.paused else ''}",
    ]
    types = [_type(each, choices) for each in AccountType]
    more = [CONNECT] if role.covers(ROLE_OF_COMMAND["connect"]) else []
    reply = Reply(("\n".join(lines),), good_for=GOOD_FOR)
    return reply.with_buttons(*(tuple(_row(account, chosen)) for account in accounts), types, more)


def give_up(accounts: Sequence[Account]) -> Reply:
    """Which one is to be disconnected?"""
    able = [account for account in accounts if not account.is_paper]
    if not able:
        return one("You have no account that could be disconnected: the paper account stays.", LIST)
    buttons = (Button(account.label, Action("disconnect", (account.id,))) for account in able)
    return replace(one("Which account shall I disconnect?", *buttons), good_for=GOOD_FOR)


def confirm(account: Account) -> Reply:
    """Really?"""
    text = (
        f"Disconnect <b>{escaped(account.label)}</b>? I forget its key at once.\n"
        "Open orders and positions stay as they are at the exchange; delete the key there, too."
    )
    sure = Button("Yes, disconnect it", Action("disconnect now", (account.id, account.label)))
    return one(text, sure, Button("No, keep it", Action("accounts")))


def disconnected(label: str) -> str:
    """Said above the list."""
    return f"{escaped(label)} is not connected any more, and I have forgotten its key."


def accepted(account: Account) -> str:
    """The exchange takes a key again; said above the list."""
    return f"{_title(account.venue)} takes the key of {escaped(account.label)}."


def refused(error: NoAccount | AccountInUse | CannotConnect) -> str:
    """What cannot be done, and what can."""
    match error:
        case CannotConnect():
            return problem(error.problem)
        case AccountInUse():
            label = escaped(error.label)
            return (
                f"It is not known yet what has become of an order on {label}, and only its key can tell.\n"
                "Try again once you were told."
            )
    return "You have no such account any more.\nSee /accounts for those you have."


def key_refused(data: Mapping[str, Any], _: float) -> Reply:
    """The notice that an exchange takes a key no longer."""
    text = (
        f"The exchange no longer takes the key of <b>{escaped(data['account'])}</b>: {_reason(data['reason'])}\n"
        "I do not use it until that is mended; your other accounts go on."
    )
    check = Button("It is mended: check it", Action("check key", (data["account_id"],)))
    return replace(one(text, check, LIST), good_for=DAY)


def _line(account: Account, chosen: Account) -> str:
    used = " · <b>in use</b>" if account.id == chosen.id else ""
    if account.is_paper:
        return f"• paper · play money, real prices{used}"
    may = "may trade" if account.can_trade else "may only look"
    refused = f"\n  The exchange refuses its key: {_reason(account.refused)}" if account.refused else ""
    return f"• {escaped(account.label)} · {may}{used}{refused}"


def _row(account: Account, chosen: Account) -> Iterable[Button]:
    yield Button(
        _ticked(f"Use {account.label}", on=account.id == chosen.id), Action("account", (account.id,))
    )
    if account.refused:
        yield Button("Check its key", Action("check key", (account.id,)))
    if not account.is_paper:
        yield Button("Disconnect", Action("disconnect", (account.id,)))


def _type(account_type: AccountType, choices: TradingChoices) -> Button:
    label = _ticked(TYPES[account_type], on=account_type is choices.account_type)
    return Button(label, Action("account type", (account_type.value,)))


def _again(venue: str) -> Button:
    return Button("Try again", Action("connect again", (venue,)))


def _ticked(label: str, *, on: bool) -> str:
    return f"✓ {label}" if on else label


def _reason(words: str) -> str:
    return escaped(words[:MAX_REASON])


def _title(venue: str) -> str:
    return escaped(venue[:1].upper() + venue[1:])
