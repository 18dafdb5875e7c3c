"""Perpetuals on a paper account: positions, margin, stops, liquidation."""

from __future__ import annotations

from typing import Any

import pytest
from paper_makers import BUY, LINEAR, NOW, PERP, SELL, SPOT, D, Desk, ticker

from bot.errors import OrderRefused
from bot.models.market import Position, Side
from bot.models.order import OrderStatus, Refusal
from bot.models.paper_book import balance, markets, positions
from bot.models.paper_trading import protect

AT_50000 = ticker(50_000)


def opened(side: Side = BUY, amount: str = "1", **more: Any) -> Desk:
    """An account with a position entered at 50,000."""
    desk = Desk()
    desk.place(side, amount, AT_50000, account_type=LINEAR, **more)
    return desk


def close(desk: Desk, side: Side, amount: str, price: int) -> Any:
    """Reduce what is open."""
    return desk.place(side, amount, ticker(price), account_type=LINEAR, reduce_only=True, client_id="a2")


def test_a_position_locks_a_tenth_and_costs_the_fee() -> None:
    """The wallet keeps the margin; only the fee is gone."""
    assert (D("9972.5"), D("4972.5")) == opened().coin("USDT")


@pytest.mark.parametrize(("side", "profit", "liquidated_at"), [(BUY, 1_000, 45_250), (SELL, -1_000, 54_750)])
def test_a_position_is_shown_at_its_mark_price(side: Side, profit: int, liquidated_at: int) -> None:
    """With its profit so far, and where it would be liquidated."""
    desk = opened(side)
    expected = Position(
        symbol="BTCUSDT",
        side=side,
        amount=D(1),
        entry_price=D(50_000),
        mark_price=D(51_000),
        profit=D(profit),
        leverage=D(10),
        liquidation_price=D(liquidated_at),
    )
    prices = {(LINEAR, "BTCUSDT"): ticker(50_900, mark=51_000)}
    assert [expected] == positions(desk.book, prices)
    assert D("9972.5") + profit == balance(desk.book, prices).equity


def test_a_position_without_a_price_is_shown_as_it_was_entered() -> None:
    """Where it is traded no more; the account's worth is not known then."""
    desk = opened()
    assert [(D(50_000), D(0))] == [(each.mark_price, each.profit) for each in positions(desk.book, {})]
    assert balance(desk.book, {}).equity is None


def test_adding_to_a_position_averages_its_price() -> None:
    """By amounts."""
    desk = opened()
    desk.place(BUY, "0.5", ticker(53_000), account_type=LINEAR, client_id="a2")
    (position,) = positions(desk.book, {})
    assert (D("1.5"), D(51_000)) == (position.amount, position.entry_price)


@pytest.mark.parametrize(("side", "profit"), [(BUY, 500), (SELL, -500)])
def test_a_part_of_a_position_is_closed_with_its_part_of_the_profit(side: Side, profit: int) -> None:
    """The rest keeps its entry price."""
    desk = opened(side)
    ended = close(desk, side.opposite, "0.5", 51_000)
    assert (D("0.5"), D(51_000), D("14.025")) == (ended.filled, ended.average, ended.fee)
    assert D("9972.5") + profit - D("14.025") == desk.book.total("USDT")
    assert [(D("0.5"), D(50_000))] == [(each.amount, each.entry_price) for each in positions(desk.book, {})]


def test_a_larger_order_turns_the_position_round() -> None:
    """One way at a time: what is open is closed first."""
    desk = opened()
    desk.place(SELL, "1.5", AT_50000, account_type=LINEAR, client_id="a2")
    (position,) = positions(desk.book, {})
    assert (SELL, D("0.5"), D(50_000)) == (position.side, position.amount, position.entry_price)


def test_closing_needs_no_funds() -> None:
    """Or nobody whose money is all in positions could get out."""
    desk = opened(amount="1.8")
    assert desk.book.free("USDT") < 1_000
    assert OrderStatus.FILLED == close(desk, SELL, "1.8", 51_000).status


def test_an_order_that_only_reduces_never_turns_round() -> None:
    """It is cut to what is open, and refused where nothing is."""
    desk = opened()
    ended = close(desk, SELL, "5", 50_000)
    assert (OrderStatus.FILLED, D(1), D(1)) == (ended.status, ended.amount, ended.filled)
    assert [] == positions(desk.book, {})
    with pytest.raises(OrderRefused) as refusal:
        close(desk, SELL, "1", 50_000)
    assert Refusal.RULES == refusal.value.reason


def test_an_order_on_the_same_side_does_not_reduce() -> None:
    """Buying more of what one is long in."""
    with pytest.raises(OrderRefused) as refusal:
        close(opened(), BUY, "1", 50_000)
    assert Refusal.RULES == refusal.value.reason


def test_a_reducing_order_ends_with_the_position() -> None:
    """What was to take the profit of a closed position would open another one."""
    desk = opened()
    desk.place(SELL, "1", AT_50000, account_type=LINEAR, reduce_only=True, price=D(55_000), client_id="tp")
    close(desk, SELL, "1", 50_000)
    ended = desk.see(ticker(50_000))
    assert ended is not None
    assert ("tp", OrderStatus.CANCELLED, D(0)) == (ended.client_id, ended.status, ended.filled)


def test_a_reducing_order_that_is_too_large_by_now_fills_what_is_left() -> None:
    """And is cancelled for the rest."""
    desk = opened()
    desk.place(SELL, "1", AT_50000, account_type=LINEAR, reduce_only=True, price=D(55_000), client_id="tp")
    close(desk, SELL, "0.4", 50_000)
    ended = desk.see(ticker(56_000))
    assert ended is not None
    assert (OrderStatus.CANCELLED, D("0.6"), D(55_000)) == (ended.status, ended.filled, ended.average)


def test_small_positions_can_always_be_closed() -> None:
    """The least an order may be worth does not hold for what only reduces."""
    assert OrderStatus.FILLED == close(opened(SELL, "0.001"), BUY, "0.001", 4_000).status


def test_more_than_the_margin_can_pay_is_refused() -> None:
    """Ten times the money, less the fee."""
    with pytest.raises(OrderRefused) as refusal:
        opened(amount="2")
    assert Refusal.FUNDS == refusal.value.reason


def test_an_order_that_can_no_longer_be_paid_is_cancelled_when_its_price_comes() -> None:
    """Two orders that both rested on the same profit, or a loss in between."""
    desk = opened()
    desk.place(SELL, "1.9", AT_50000, account_type=LINEAR, price=D(52_000), client_id="turn")
    desk.place(SELL, "1", ticker(49_000), account_type=LINEAR, client_id="out")
    ended = desk.see(ticker(52_000))
    assert ended is not None
    assert ("turn", OrderStatus.CANCELLED) == (ended.client_id, ended.status)


@pytest.mark.parametrize(("side", "bottom"), [(BUY, 45_250), (BUY, 1), (SELL, 54_750), (SELL, 500_000)])
def test_liquidation_takes_the_margin_and_no_more(side: Side, bottom: int) -> None:
    """However far the price has fallen when the account is looked at."""
    desk = opened(side)
    desk.see(ticker(50_000, mark=bottom))
    assert ({}, (D("4972.5"), D("4972.5"))) == (desk.book.positions, desk.coin("USDT"))


def test_a_price_just_above_does_not_liquidate() -> None:
    """Nor does a last price, where there is a mark price; nor that of the coin."""
    desk = opened()
    desk.see(ticker(40_000, mark=45_251))
    desk.see(ticker(1), SPOT)
    assert 1 == len(desk.book.positions)


@pytest.mark.parametrize(
    ("side", "stops", "price", "profit"),
    [
        (BUY, {"stop_loss": D(49_000)}, 48_900, -1_100),
        (BUY, {"take_profit": D(52_000)}, 52_000, 2_000),
        (SELL, {"stop_loss": D(51_000)}, 51_200, -1_200),
        (SELL, {"take_profit": D(48_000)}, 47_500, 2_500),
    ],
)
def test_a_stop_closes_the_position_at_the_price_there_is(
    side: Side, stops: dict[str, Any], price: int, profit: int
) -> None:
    """With its fee; a stop is a market order that waits."""
    desk = opened(side, **stops)
    desk.see(AT_50000)
    assert 1 == len(desk.book.positions)
    desk.see(ticker(price))
    fee = D(price) * D("0.00055")
    assert ({}, D("9972.5") + profit - fee) == (desk.book.positions, desk.book.total("USDT"))


def test_a_stop_where_nobody_buys_closes_at_the_last_price() -> None:
    """Rather than for nothing; and never at a loss of more than the margin."""
    desk = opened(stop_loss=D(49_000))
    dry = ticker(48_000, spread=48_000, mark=50_000)
    desk.see(dry)
    assert D("9972.5") - 2_000 - D("26.4") == desk.book.total("USDT")
    deep = opened(stop_loss=D(49_000))
    deep.see(ticker(10_000, mark=50_000))
    assert D("9972.5") - 5_000 - D("5.5") == deep.book.total("USDT")


def test_stops_come_with_the_order_that_opens() -> None:
    """A limit order brings them when it is filled; a later order without stops leaves them."""
    desk = Desk()
    at = {"account_type": LINEAR, "price": D(49_000)}
    desk.place(BUY, "1", AT_50000, stop_loss=D(48_000), take_profit=D(53_000), **at)
    assert {(LINEAR, "BTCUSDT")} == markets(desk.book)
    desk.see(ticker(49_000))
    desk.place(BUY, "0.1", ticker(49_000), account_type=LINEAR, client_id="a2")
    (position,) = positions(desk.book, {})
    assert (D(48_000), D(53_000)) == (position.stop_loss, position.take_profit)


def test_stops_are_set_and_taken_away() -> None:
    """Both at once: what is not given is taken away."""
    desk = opened(take_profit=D(53_000))
    change = protect(desk.book, "BTCUSDT", (D(48_000), None), PERP, AT_50000)
    (position,) = positions(change.book, {})
    assert (D(48_000), None) == (position.stop_loss, position.take_profit)


@pytest.mark.parametrize(
    "stops",
    [(D(50_000), None), (None, D(49_999)), (D("48000.001"), None), (None, D("53000.001")), (D(-1), None)],
)
def test_stops_on_the_wrong_side_or_between_ticks_are_refused(stops: Any) -> None:
    """They would close the position at once, or never."""
    with pytest.raises(OrderRefused) as refusal:
        protect(opened().book, "BTCUSDT", stops, PERP, AT_50000)
    assert Refusal.RULES == refusal.value.reason
    with pytest.raises(OrderRefused):
        opened(stop_loss=stops[0], take_profit=stops[1])


def test_where_there_is_no_position_there_are_no_stops() -> None:
    """And nothing is set for one to come."""
    with pytest.raises(OrderRefused) as refusal:
        protect(Desk().book, "BTCUSDT", (D(1), None), PERP, AT_50000)
    assert Refusal.NOT_FOUND == refusal.value.reason


def test_a_turned_position_does_not_keep_the_stops_of_the_other_side() -> None:
    """They would be on the wrong side of it."""
    desk = opened(stop_loss=D(48_000), take_profit=D(53_000))
    desk.place(SELL, "1.5", AT_50000, account_type=LINEAR, client_id="a2")
    (position,) = positions(desk.book, {})
    assert (None, None, NOW) == (position.stop_loss, position.take_profit, NOW)
