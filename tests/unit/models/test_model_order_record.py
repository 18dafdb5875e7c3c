"""What an order may become, and what was filled on the way."""

from __future__ import annotations

import itertools

import pytest
from order_makers import NOW, D, order

from bot.models.market import AccountType, Side
from bot.models.order import OrderKind, OrderState, OrderStatus, Refusal, VenueOrder
from bot.models.order_record import (
    Intent,
    Outcome,
    advanced,
    because,
    fill_between,
    outcome_of,
    told,
)

S = OrderState


def seen(
    status: OrderStatus, filled: str = "0", average: str | None = None, fee: str | None = None
) -> VenueOrder:
    return VenueOrder(
        "v1",
        "qm1",
        "BTCUSDT",
        AccountType.SPOT,
        Side.BUY,
        OrderKind.LIMIT,
        status,
        D("0.05"),
        D(filled),
        D(10_000),
        average and D(average),
        fee and D(fee),
    )


@pytest.mark.parametrize(
    ("status", "filled", "state"),
    [
        (OrderStatus.OPEN, "0", S.OPEN),
        (OrderStatus.FILLED, "0.05", S.FILLED),
        (OrderStatus.CANCELLED, "0.01", S.CANCELLED),
        (OrderStatus.REJECTED, "0", S.REFUSED),
        (OrderStatus.REJECTED, "0.01", S.CANCELLED),
    ],
)
def test_the_venues_word_is_an_outcome(status: OrderStatus, filled: str, state: OrderState) -> None:
    """What was filled before a rejection was not without effect."""
    outcome = outcome_of(seen(status, filled))
    assert (state, "v1", D(filled)) == (outcome.state, outcome.venue_id, outcome.filled)
    assert (because(Refusal.OTHER) if state is S.REFUSED else None) == outcome.reason


@pytest.mark.parametrize(("state", "later"), list(itertools.product(S, S)))
def test_only_what_is_not_settled_changes(state: OrderState, later: OrderState) -> None:
    """What has ended stays so; what was accepted is never in doubt again; nothing is sent twice."""
    is_open = later in {S.UNKNOWN, S.ABSENT} and state is S.OPEN
    changes = not state.is_final and later is not S.SENDING and not is_open
    after = advanced(order(state), Outcome(later), NOW + 5)
    assert (later if changes else state) is after.state
    assert (NOW + 5 if changes and later.is_final else None) == after.settled_at


def test_an_outcome_that_says_nothing_new_is_none() -> None:
    """The same object, so that nothing is written."""
    first = advanced(order(), Outcome(S.OPEN, "v1"), NOW + 1)
    assert advanced(first, Outcome(S.OPEN, "v1"), NOW + 9) is first
    assert (NOW + 1, "v1") == (first.sent_at, first.venue_id)


def test_what_was_filled_stays_filled() -> None:
    """An answer that is older than the last one takes nothing back."""
    part = advanced(order(), outcome_of(seen(OrderStatus.OPEN, "0.02", "9990", "0.2")), NOW)
    late = advanced(part, outcome_of(seen(OrderStatus.OPEN, "0.01", "9980", "0.1")), NOW)
    assert late is part
    ended = advanced(part, Outcome(S.CANCELLED, reason="by hand: "), NOW)
    assert (D("0.02"), D(9990), D("0.2"), "by hand: ") == (
        ended.filled,
        ended.average,
        ended.fee,
        ended.reason,
    )


def test_each_part_has_its_own_price_and_fee() -> None:
    """Together they make what the venue says of the whole."""
    part = advanced(order(), outcome_of(seen(OrderStatus.OPEN, "0.02", "9990", "0.2")), NOW)
    whole = advanced(part, outcome_of(seen(OrderStatus.FILLED, "0.05", "9996", "0.5")), NOW)
    first, second = fill_between(order(), part, NOW), fill_between(part, whole, NOW + 1)
    assert first
    assert second
    assert (D("0.02"), D(9990), D("0.2")) == (first.amount, first.price, first.fee)
    assert (D("0.03"), D(10_000), D("0.3"), D("0.05")) == (
        second.amount,
        second.price,
        second.fee,
        second.filled_to,
    )
    assert fill_between(whole, whole, NOW) is None


def test_a_part_without_a_price_has_that_of_the_order() -> None:
    """Some venues tell what was filled before they tell at what price."""
    part = advanced(order(), outcome_of(seen(OrderStatus.OPEN, "0.02")), NOW)
    fill = fill_between(order(), part, NOW)
    assert fill
    assert (D(10_000), D(0)) == (fill.price, fill.fee)


def test_what_is_told_is_plain_text() -> None:
    """Numbers in digits; what is not known is None."""
    data = told(order(S.FILLED, filled=D("0.050"), average=D("1E+4"), reason="x"))
    assert ("0.05", "10000", None, 17, "filled", "buy") == (
        data["filled"],
        data["average"],
        data["fee"],
        data["number"],
        data["state"],
        data["side"],
    )


def test_each_order_of_one_tap_has_a_key_of_its_own() -> None:
    """The first has the tap's own: by that the tap is known again."""
    assert ["tap", "tap#1"] == Intent(7, (None, None), "tap", NOW, NOW).keys  # type: ignore[arg-type]


def test_a_venues_words_are_kept_short() -> None:
    """Behind the cause, which is what counts."""
    assert "funds: " + "x" * 160 == because(Refusal.FUNDS, "x" * 999)


def test_an_order_ends_once() -> None:
    """At the venue, only what is open may still change."""
    assert [OrderStatus.OPEN] == [status for status in OrderStatus if not status.is_final]
