"""What fills make of holdings, and what they earn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.market import AccountType, Side
from bot.models.trade import Fill, Holding, period_starts
from bot.models.trade_book import after_fill, book, news

D = Decimal
BUY, SELL, SPOT, LINEAR = Side.BUY, Side.SELL, AccountType.SPOT, AccountType.LINEAR
KEY = (1, LINEAR, "BTCUSDT")


def fill(side: Side, amount: str, price: str, fee: str = "0", **changes) -> Fill:
    made = Fill(1, D(amount), 7, 1, LINEAR, "BTCUSDT", side, D(amount), D(price), D(fee), 100.0)
    return replace(made, **changes)


def holding(side: Side, amount: str, price: str, **changes) -> Holding:
    return replace(Holding(7, 1, LINEAR, "BTCUSDT", side, D(amount), D(price), 50.0), **changes)


def test_the_first_fill_opens_at_its_price():
    """Nothing is realised; its fee is no part of the entry price."""
    assert (holding(BUY, "2", "100", updated_at=100.0), None) == after_fill(None, fill(BUY, "2", "100", "1"))


def test_more_of_it_moves_the_entry_price_to_the_average():
    """2 at 100 and 1 at 130 are 3 at 110; a warning stays as it was."""
    after, profit = after_fill(holding(BUY, "2", "100", warned_at=9.0), fill(BUY, "1", "130"))
    assert (holding(BUY, "3", "110", updated_at=100.0, warned_at=9.0), None) == (after, profit)


@pytest.mark.parametrize(
    ("before", "closing", "profit"),
    [
        (holding(BUY, "2", "100"), fill(SELL, "1", "110", "0.5"), D("9.5")),
        (holding(SELL, "2", "100"), fill(BUY, "1", "110", "0.5"), D("-10.5")),
    ],
)
def test_a_part_that_is_closed_realises_its_profit_after_its_fee(before, closing, profit):
    """Long earns when the price has risen, short when it has fallen; the rest keeps its entry price."""
    assert (replace(before, amount=D(1), updated_at=100.0), profit) == after_fill(before, closing)


def test_all_of_it_closed_leaves_nothing():
    """No holding of size 0 stays behind."""
    assert (None, D(20)) == after_fill(holding(BUY, "2", "100"), fill(SELL, "2", "110"))


def test_what_goes_beyond_opens_the_other_way():
    """3 sold of 2: the fee of two thirds is part of the profit, the third is a new short, not warned of."""
    after, profit = after_fill(holding(BUY, "2", "100", warned_at=9.0), fill(SELL, "3", "110", "3"))
    assert (holding(SELL, "1", "110", updated_at=100.0), D(18)) == (after, profit)


def test_coins_from_elsewhere_are_sold_at_an_unknown_profit():
    """Sold without, or in excess of, what was bought through the desk: no profit, and no debt."""
    selling = fill(SELL, "3", "110", account_type=SPOT)
    assert (None, None) == after_fill(None, selling)
    assert (None, None) == after_fill(holding(BUY, "2", "100", account_type=SPOT), selling)


def test_a_reducing_order_opens_nothing():
    """The position was opened elsewhere, or is known the other way round: what is known stays."""
    closing = fill(BUY, "3", "110", reduce_only=True)
    assert (None, None) == after_fill(None, closing)
    assert (holding(BUY, "2", "100"), None) == after_fill(holding(BUY, "2", "100"), closing)
    assert (None, None) == after_fill(holding(SELL, "2", "100"), closing)


def test_fills_are_booked_one_after_the_other():
    """What is gone is told as None."""
    booked = book([fill(BUY, "1", "100"), fill(SELL, "1", "90")], {})
    assert [None, D(-10)] == [profit for _, profit in booked.entries]
    assert {KEY: None} == dict(booked.holdings)


def test_what_was_told_is_no_news():
    """A part that goes no further than the one before it, in the log or in the same list, is left out."""
    first, second = fill(BUY, "1", "100"), fill(BUY, "1", "100", filled_to=D("2.0"))
    assert [first, second] == news([first, first, second, first], {})
    assert [second] == news([first, second, second], {1: D("1.00")})
    assert [] == news([first, second], {1: D(2)})


amounts = st.decimals("0.001", "1000", places=3)
prices = st.decimals("0.01", "100000", places=2)


@given(st.lists(st.tuples(st.sampled_from(Side), amounts, prices), min_size=1, max_size=20), prices)
def test_profit_is_what_came_in_less_what_went_out(trades, last):
    """However a position was built up and turned: once it is flat, the profits are the cash that is left."""
    fills = [fill(side, str(amount), str(price)) for side, amount, price in trades]
    left = book(fills, {}).holdings[KEY]
    if left:
        fills.append(fill(left.side.opposite, str(left.amount), str(last)))
    booked = book(fills, {})
    cash = sum(each.cost if each.side is SELL else -each.cost for each in fills)
    assert {KEY: None} == dict(booked.holdings)
    assert abs(cash - sum(profit or 0 for _, profit in booked.entries)) < D("1e-9")


def test_periods_begin_at_the_zones_own_midnight():
    """Saturday 28 November in Berlin: its day, its Monday and its first of the month, whatever UTC says."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 11, 28, 0, 30, tzinfo=berlin).timestamp()
    begun = [datetime.fromtimestamp(start, berlin).isoformat() for start in period_starts(now, berlin)]
    midnight = "T00:00:00+01:00"
    assert [f"2026-11-28{midnight}", f"2026-11-23{midnight}", f"2026-11-01{midnight}"] == begun


def test_periods_over_a_change_of_the_clocks():
    """The week of 26 October 2026 begins in winter time, the month in summer time."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 27, 12, tzinfo=berlin).timestamp()
    begun = [datetime.fromtimestamp(start, berlin).isoformat() for start in period_starts(now, berlin)]
    assert ["2026-10-27T00:00:00+01:00", "2026-10-26T00:00:00+01:00", "2026-10-01T00:00:00+02:00"] == begun
