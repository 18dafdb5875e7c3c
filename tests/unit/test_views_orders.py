"""Orders in people's words: what was read, what it comes to, and which of three things has become of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.models.account import Account
from bot.models.market import AccountType, Side
from bot.models.order import NewOrder, OrderKind, OrderState, Refusal
from bot.models.order_draft import Doubt, Draft, OrderWish, unpack
from bot.models.order_record import Cause, Order, because
from bot.views import orders as views
from bot.views import pausing
from bot.views.commands import ROLE_OF_VERB
from bot.views.order_reasons import because as reason

D = Decimal
S = OrderState
ACCOUNT = Account(2, 7, "bybit", tail="a3f9")
SENT = NewOrder("qm1", "BTCUSDT", AccountType.SPOT, Side.BUY, OrderKind.MARKET, D("0.010"))
DRAFT = Draft(
    SENT, 2, "BTC", "USDT", D(60_000), D(600), D("0.6"), 0.0, wish=OrderWish(Side.BUY, "btc", D("0.01"))
)
LIMIT = replace(SENT, kind=OrderKind.LIMIT, price=D("59000.5"))


def order(state: OrderState, sent: NewOrder = SENT, **changes: Any) -> Order:
    return Order(
        **{
            "number": 17,
            "request_key": "t",
            "user_id": 7,
            "account_id": 2,
            "order": sent,
            "base": "BTC",
            "quote": "USDT",
            "quoted": D(60_000),
            "worth": D(600),
            "state": state,
            "created_at": 0.0,
            **changes,
        }
    )


def test_a_draft_is_the_reading_of_the_command() -> None:
    """What, at which price, what it comes to, where, and how long that is good."""
    reply = views.proposal(ACCOUNT, [DRAFT])
    assert (
        "<b>Buy 0.01 BTC at the market's price</b>\n"
        "Price now: 60000 USDT (ask)\n"
        "Comes to 600.00 USDT, fee at most about 0.60 USDT\n"
        "\n<i>bybit …a3f9 · spot · the price is good for 60 s</i>"
    ) == reply.texts[0]
    assert ["Confirm", "Cancel"] == [button.text for button in reply.buttons]
    assert DRAFT == unpack(str(reply.buttons[0].action.args[0]))
    assert {button.action.verb for button in reply.buttons} <= ROLE_OF_VERB.keys()


def test_rounding_and_stops_are_shown() -> None:
    """Before anything is confirmed."""
    sent = replace(
        LIMIT, side=Side.SELL, account_type=AccountType.LINEAR, stop_loss=D(65_000), take_profit=D(50_000)
    )
    draft = replace(DRAFT, order=sent, asked_amount=D(100) / D(59_000), asked_price=D("59000.4"))
    text = views.proposal(ACCOUNT, [draft]).texts[0]
    assert (
        "<b>Sell 0.01 BTC at 59000.5 USDT or better</b>\n"
        "Price now: 60000 USDT (bid)\n"
        "Comes to 590.00 USDT, fee at most about 0.60 USDT\n"
        "Rounded to what can be ordered: 0.001694915254 → 0.01\n"
        "Price rounded: 59000.4 → 59000.5\n"
        "Stop-loss at 65000 USDT\n"
        "Take-profit at 50000 USDT\n"
    ) in text
    assert "perpetuals" in text


def test_closing_lists_everything_and_what_stays() -> None:
    """One button confirms all of it."""
    closing = replace(DRAFT, wish=None, order=replace(SENT, side=Side.SELL))
    reply = views.proposal(ACCOUNT, [closing, closing], ["the least of <X> is 1"])
    assert 2 == reply.texts[0].count("<b>Close: sell 0.01 BTC at the market's price</b>")
    assert "Not closed: the least of &lt;X&gt; is 1." in reply.texts[0]
    assert 2 == len(reply.buttons[0].action.args)
    assert views.moved(ACCOUNT, [closing]).texts[0].startswith(views.MOVED)


@pytest.mark.parametrize(
    ("doubt", "sent", "text"),
    [
        (Doubt.LARGE, SENT, "This is large: 600.00 USD."),
        (Doubt.WIDE, SENT, "Ask and bid are far apart just now"),
        (
            Doubt.FAR,
            replace(LIMIT, price=D(66_000)),
            "The price is 10.0 % above the market's, which is 60000.",
        ),
        (
            Doubt.FAR,
            replace(LIMIT, price=D(54_000)),
            "The price is 10.0 % below the market's, which is 60000.",
        ),
    ],
)
def test_what_is_unusual_is_asked_about_again(doubt: Doubt, sent: NewOrder, text: str) -> None:
    """Saying why, and once more what would be done."""
    reply = views.second([replace(DRAFT, order=sent, doubts=(doubt,))])
    assert text in reply.texts[0]
    assert "Buy 0.01 BTC" in reply.texts[0]
    assert [views.SURELY, views.DROP] == [button.action.verb for button in reply.buttons]


@pytest.mark.parametrize(
    ("each", "text"),
    [
        (
            order(S.FILLED, filled=D("0.01"), average=D(59_990), fee=D("0.6")),
            "Done: bought 0.01 BTC at 59990 USDT (599.90 USDT, fee 0.60).",
        ),
        (order(S.FILLED, filled=D("0.01")), "Done: bought 0.01 BTC."),
        (
            order(S.FILLED, replace(SENT, side=Side.SELL), filled=D("0.01"), average=D(1)),
            "Done: sold 0.01 BTC at 1 USDT (0.01 USDT).",
        ),
        (
            order(S.OPEN, LIMIT),
            "Done: the order is open: buy 0.01 BTC at 59000.5 USDT. I tell you when it is filled.",
        ),
        (order(S.OPEN), "The exchange has accepted it: buy 0.01 BTC. I tell you when it is filled."),
        (
            order(S.OPEN, LIMIT, filled=D("0.004"), average=D(59_000)),
            (
                "Done in part: bought 0.004 of 0.01 BTC at 59000 USDT (236.00 USDT); "
                "the rest is open. I tell you when that changes."
            ),
        ),
        (
            order(S.CANCELLED, filled=D("0.004"), average=D(59_000)),
            "Done in part: bought 0.004 of 0.01 BTC at 59000 USDT (236.00 USDT); the rest was cancelled.",
        ),
        (order(S.CANCELLED, LIMIT), "Cancelled, nothing was filled: buy 0.01 BTC at 59000.5 USDT."),
        (
            order(S.REFUSED, reason=because(Refusal.FUNDS, "ab <not> enough")),
            (
                "It had no effect: buy 0.01 BTC.\n"
                "The account does not have enough for it. It says: “ab &lt;not&gt; enough”"
            ),
        ),
        (
            order(S.ABSENT, reason=because(Cause.ABSENT)),
            "It had no effect: buy 0.01 BTC.\nIt never arrived at the exchange. You can send it again.",
        ),
        (
            order(S.UNKNOWN),
            (
                "Sent, outcome unknown, checking: buy 0.01 BTC.\n"
                "Please do not send it again: I look for it, and tell you."
            ),
        ),
    ],
)
def test_an_outcome_is_done_or_without_effect_or_being_checked(each: Order, text: str) -> None:
    """Nothing in between."""
    assert f"{text}\n<i>order #17</i>" == views.outcomes([each]).texts[0]


def test_what_is_open_can_be_cancelled_from_its_answer() -> None:
    """Nothing else can."""
    reply = views.outcomes([order(S.OPEN, LIMIT), order(S.FILLED)])
    assert [(views.CANCEL, (17,))] == [(button.action.verb, button.action.args) for button in reply.buttons]


@pytest.mark.parametrize("cause", [*Refusal, *Cause])
def test_every_reason_has_its_words(cause: str) -> None:
    """Ours stand alone; the venue is quoted."""
    text = reason(because(cause, "hm"))
    assert text.endswith("It says: “hm”") is isinstance(cause, Refusal)
    assert text != reason(because("never heard of")) or cause is Refusal.OTHER
    assert reason(None) == reason("something else: ") == reason(because(Refusal.OTHER))


def test_cancelling_says_what_it_came_to() -> None:
    """Or that nobody knows yet, with another try."""
    assert "Cancelled" in views.cancelled(order(S.CANCELLED, LIMIT)).texts[0]
    for state in (S.OPEN, S.UNKNOWN):
        reply = views.cancelled(order(state, LIMIT))
        assert "has not confirmed yet that #17 is cancelled" in reply.texts[0]
        assert ["Try again"] == [button.text for button in reply.buttons]


def test_open_orders_are_listed_with_a_button_each() -> None:
    """With what was filled of them, and which are being looked for."""
    assert views.NO_ORDERS == views.open_orders([]).texts[0]
    reply = views.open_orders([order(S.OPEN, LIMIT, filled=D("0.004")), order(S.SENDING, number=18)])
    assert (
        "<b>2 open orders</b>\n"
        "#17 buy 0.01 BTC at 59000.5 USDT · 0.004 filled\n"
        "#18 buy 0.01 BTC · being looked for"
    ) == reply.texts[0]
    assert ["Cancel #17", "Cancel #18"] == [button.text for button in reply.buttons]


def test_pausing_says_what_goes_on() -> None:
    """And whether it was so before."""
    assert pausing.PAUSED == pausing.paused(everybody=False)
    assert f"{pausing.RESUMED_ALL}\n{pausing.WAS_SO}" == pausing.resumed(everybody=True, changed=False)
    assert pausing.PAUSED_ALL == pausing.paused(everybody=True)
    assert pausing.RESUMED == pausing.resumed(everybody=False)
