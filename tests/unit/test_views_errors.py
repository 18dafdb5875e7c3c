"""Errors in people's words: what happened, and what to do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot import errors
from bot.views.errors import bad_argument, explain, unexpected

SECRET = "192.0.2.1:80:user:hunter2"
CASES = [
    (
        errors.StorageError(SECRET),
        "I cannot write my records just now, so nothing was done.\nTry again in a minute.",
    ),
    (
        errors.AlreadyRunning(SECRET),
        "I cannot write my records just now, so nothing was done.\nTry again in a minute.",
    ),
    (
        errors.PeerError("google Sheets", SECRET),
        "Google Sheets cannot be reached; nothing was changed.\nTry again in a minute.",
    ),
    (
        errors.PeerUnavailable("<X>", SECRET),
        "&lt;X&gt; cannot be reached; nothing was changed.\nTry again in a minute.",
    ),
    (
        errors.PeerBusy("X", SECRET, 12),
        "X asks me to slow down; nothing was changed.\nTry again in 12 s.",
    ),
    (errors.PeerBusy("X", SECRET), "X asks me to slow down; nothing was changed.\nTry again in a minute."),
    (
        errors.OutcomeUnknown("X", SECRET),
        "X did not confirm in time.\nIt is being checked: look at /my in a few minutes.",
    ),
    (
        errors.PeerRefused("X", 403, SECRET),
        "X gives no access; nothing was changed.\nTell an admin: the sheet may not be shared with me any more.",
    ),
    (errors.PeerRefused("X", 400, SECRET), "X refused (status 400); nothing was changed.\nTell an admin."),
    (
        errors.RowsRefused("X", 400, SECRET, frozenset({7})),
        "X refused (status 400); nothing was changed.\nTell an admin.",
    ),
    (
        errors.SheetLayoutError(("issued", "proxy"), ()),
        (
            "Row 1 of the sheet has no column “issued”, “proxy”; it has nothing.\n"
            "Tell an admin: it is to be added there, then /refresh."
        ),
    ),
    (
        errors.UnknownResource("bebo", ("beboo",)),
        "“bebo” is not in use yet, so nothing was taken. Did you mean <b>beboo</b>?",
    ),
    (errors.NotEnough("beboo", 10, 3), "Only 3 of 10 are free for beboo. Nothing was taken."),
    (
        errors.RequestConflict(SECRET),
        "That message was answered before, as another request.\nSend the command as a new message.",
    ),
    (errors.OfferLapsed(SECRET), "This button is not yours or has lapsed. Send the command again."),
    (
        errors.StillPending(SECRET),
        "That one is still being written into the sheet; nothing was changed.\nTry again in a minute.",
    ),
    (errors.NotYours(SECRET), "You do not hold that proxy.\nSee /my for those you hold."),
    (
        errors.Unreachable("X", 403, SECRET),
        "X gives no access; nothing was changed.\nTell an admin: the sheet may not be shared with me any more.",
    ),
    (
        errors.KeyRefused("bybit", 401, SECRET),
        "Bybit does not take the account's key; nothing was changed.\nSee /accounts for why.",
    ),
    (
        errors.UnknownSymbol("BTX", ("BTCUSDT",)),
        "“BTX” is not traded there.\nDid you mean BTCUSDT?",
    ),
    (
        errors.UnknownPerson("<b>", ()),
        "I know nobody called &lt;b&gt;.\nSee /users for everybody; write @name or the id.",
    ),
    (errors.NotAllowed("admin"), "That is for admins.\nSee /help for what you can use."),
    (
        errors.FixedAdmin("<b>"),
        "&lt;b&gt; is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
    ),
    (
        errors.LastAdmin("@anna"),
        "@anna is the only admin.\nMake somebody else an admin first: /role @USER admin",
    ),
    (
        errors.OverLimit("held", 20, 18),
        "At most 20 may be held at a time; you have 18. Nothing was taken.\nGive some back in /my first.",
    ),
    (
        errors.ResourceFrozen("<b>"),
        "&lt;b&gt; is frozen: an admin has stopped handing out for it.\nAsk an admin.",
    ),
    (
        errors.OthersWait("beboo", 1),
        "What is free for beboo is for the 1 person in line before you. Nothing was taken.",
    ),
    (
        errors.PreviewLapsed(SECRET),
        "Those are not reserved for you any more.\nSend /proxies to choose again.",
    ),
    (errors.NoAccount(SECRET), "You have no such account any more.\nSee /accounts for those you have."),
    (errors.CannotConnect("known"), "That key is connected already.\nSee /accounts."),
    (
        errors.AccountInUse("<b>"),
        (
            "It is not known yet what has become of an order on &lt;b&gt;, and only its key can tell.\n"
            "Try again once you were told."
        ),
    ),
    (
        errors.CannotListen("192.0.2.1", 8080, SECRET, taken=True),
        "That cannot be done, and nothing was changed.\nSee /help for what can.",
    ),
    (
        errors.CannotTrade("bybit …a3f9"),
        "The key of bybit …a3f9 may only look; nothing was placed.\nChoose another in /accounts.",
    ),
    (
        errors.TradingPaused(everybody=True),
        "Trading is paused for everybody; nothing was placed.\nClosing goes on: /close",
    ),
    (
        errors.TradingPaused(everybody=False),
        "You have paused trading; nothing was placed.\nTo trade again: /resume",
    ),
    (
        errors.OrderTooLarge("a day", Decimal(5000), Decimal("5000.5")),
        (
            "A day may be worth 5,000.00 USD at most, and this comes to 5,000.50. Nothing was placed.\n"
            "Take less, or ask an admin."
        ),
    ),
    (
        errors.OrderUnfit("the least of <X> is 1"),
        "That does not work: the least of &lt;X&gt; is 1. Nothing was placed.\nChange it, and send it again.",
    ),
    (errors.UnknownOrder(SECRET), "You have no such order.\nSee /cancel_order for those that are open."),
    (
        errors.QuoteLapsed(SECRET),
        "That price is not good any more; nothing was placed.\nSend the command again.",
    ),
    (errors.UnknownAlert(SECRET), "That alert is over.\nSee /alert for those you have."),
    (
        errors.TooManyAlerts(50),
        "You have 50 alerts, and more I do not watch. Nothing was set.\nDelete some: /alert",
    ),
    (
        errors.AlreadyThere("<X>", "above", Decimal("7.50"), "<Y>", None),
        "&lt;X&gt; is above that already: 7.5 (&lt;Y&gt;); nothing was set.\nChoose another price, or write &lt;.",
    ),
    (
        errors.OrderRefused("X", 400, SECRET, "funds"),
        "The account does not have enough for it.\nNothing was changed.",
    ),
    (errors.RequestRefused(SECRET), "That cannot be done, and nothing was changed.\nSee /help for what can."),
    (
        errors.QuartermasterError(SECRET),
        "That cannot be done, and nothing was changed.\nSee /help for what can.",
    ),
]


@pytest.mark.parametrize(("error", "text"), CASES, ids=[type(error).__name__ for error, _ in CASES])
def test_each_error_is_explained_without_its_own_words(error, text):
    """A person reads what happened and what to do; what the exception holds inside stays inside."""
    assert explain(error) == text
    assert "hunter2" not in text


def test_every_class_of_the_tree_is_covered():
    """A new error cannot be forgotten here."""
    tree = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {type(error) for error, _ in CASES} == tree


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            errors.OverLimit("reserved", 20, 18),
            (
                "At most 20 may be reserved at a time; you have 18. Nothing was taken.\n"
                "Take them, or send /cancel first."
            ),
        ),
        (errors.NotAllowed("user"), "That is for users.\nSee /help for what you can use."),
        (errors.NotAllowed("trader"), "That is for traders.\nSee /help for what you can use."),
        (
            errors.UnknownPerson("Anna", (7, 9)),
            "More than one person is called Anna.\nWrite the id instead: 7 or 9.",
        ),
        (
            errors.OthersWait("beboo", 3),
            "What is free for beboo is for the 3 people in line before you. Nothing was taken.",
        ),
    ],
)
def test_an_error_says_what_it_carries(error, text):
    """The data of an error decide about its sentence."""
    assert explain(error) == text


def test_what_a_press_may_meet_fits_into_an_alert():
    """200 characters, and no markup: alerts are plain text."""
    for error in (errors.OfferLapsed(), *(errors.NotAllowed(role) for role in ("user", "trader", "admin"))):
        assert len(explain(error)) <= 200
        assert "<" not in explain(error)


def test_words_of_the_person_are_escaped():
    """What somebody typed comes back as text."""
    assert bad_argument("“<b>” is not a number.", "Write: /take x") == (
        "“&lt;b&gt;” is not a number.\nWrite: /take x"
    )


def test_the_unforeseen_has_a_reference():
    """A reference to tell an admin, and nothing else."""
    assert unexpected("k3f9") == (
        "Something went wrong on my side (reference k3f9). Nothing was lost; please try again."
    )
