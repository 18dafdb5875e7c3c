"""Spot orders on a paper account: coins against dollars, to the last digit."""

from __future__ import annotations

from typing import Any

import pytest
from paper_makers import BUY, LINEAR, NOW, SELL, SPOT, D, Desk, ticker

from bot.errors import OrderRefused
from bot.models.market import Balance, CoinBalance, Side
from bot.models.order import OrderKind, OrderStatus, Refusal
from bot.models.paper_book import balance, coin_markets, markets
from bot.models.paper_trading import cancel

AT_60000 = ticker(60_000, spread=10)


def test_a_market_order_buys_at_the_ask_and_pays_the_fee_in_dollars() -> None:
    """So that what was bought is a whole amount, which can be sold again."""
    desk = Desk()
    ended = desk.place(BUY, "0.1", AT_60000)
    assert ended is not None
    assert (OrderStatus.FILLED, D("0.1"), D(60_010), D("6.001")) == (
        ended.status,
        ended.filled,
        ended.average,
        ended.fee,
    )
    assert (D("0.1"), D("0.1")) == desk.coin("BTC")
    assert (D("3992.999"), D("3992.999")) == desk.coin("USDT")


def test_a_market_order_sells_at_the_bid_until_nothing_is_left() -> None:
    """A coin of which nothing is left is not in the balance any more."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000)
    desk.place(SELL, "0.1", AT_60000, client_id="a2")
    assert ["USDT"] == [coin.coin for coin in balance(desk.book, {}).coins]
    assert D(10_000) - D("6.001") - D("5.999") - 2 == desk.book.total("USDT")


def test_a_limit_order_rests_and_locks_what_it_needs() -> None:
    """The price and the fee of a purchase; the coins of a sale."""
    desk = Desk()
    assert desk.place(BUY, "0.1", AT_60000, price=D(50_000)) is None
    assert (D(10_000), D(4_995)) == desk.coin("USDT")
    desk.place(BUY, "0.05", AT_60000, client_id="a2")
    desk.place(SELL, "0.02", AT_60000, client_id="a3", price=D(70_000))
    assert (D("0.05"), D("0.03")) == desk.coin("BTC")


def test_a_resting_order_is_filled_at_its_price_when_the_market_has_come() -> None:
    """Not before, and never at a worse price than its own."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000, price=D(50_000))
    assert desk.see(ticker(50_005, spread=10)) is None
    ended = desk.see(ticker(49_000))
    assert ended is not None
    assert (D(50_000), D("0.1"), NOW, NOW + 1) == (
        ended.average,
        ended.filled,
        ended.created_at,
        ended.updated_at,
    )
    assert (D(4_995), D(4_995)) == desk.coin("USDT")


def test_a_limit_order_whose_price_is_there_gets_the_better_one() -> None:
    """As at any venue: the price is the worst one that is accepted."""
    desk = Desk()
    bought = desk.place(BUY, "0.1", AT_60000, price=D(61_000))
    sold = desk.place(SELL, "0.1", AT_60000, price=D(50_000), client_id="a2")
    assert bought is not None
    assert sold is not None
    assert (D(60_010), D(59_990)) == (bought.average, sold.average)


def test_a_cancelled_order_locks_nothing_any_more() -> None:
    """And is kept as cancelled, with nothing filled."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000, price=D(50_000))
    change = cancel(desk.book, "a1", NOW + 2)
    assert [(OrderStatus.CANCELLED, D(0), NOW + 2)] == [
        (each.status, each.filled, each.updated_at) for each in change.ended
    ]
    assert (D(10_000), ()) == (change.book.free("USDT"), change.book.resting)


def test_what_does_not_rest_cannot_be_cancelled() -> None:
    """Be it that it has ended, or that it never was."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000)
    with pytest.raises(OrderRefused) as refusal:
        cancel(desk.book, "a1", NOW)
    assert Refusal.NOT_FOUND == refusal.value.reason


REFUSED: dict[str, tuple[Side, str, dict[str, Any], Refusal]] = {
    "more than there is": (BUY, "0.1667", {}, Refusal.FUNDS),
    "enough, but not for the fee": (BUY, "0.1", {"price": D(99_950)}, Refusal.FUNDS),
    "coins one has not": (SELL, "0.1", {}, Refusal.FUNDS),
    "resting for coins one has not": (SELL, "0.1", {"price": D(70_000)}, Refusal.FUNDS),
    "between two steps": (BUY, "0.00025", {}, Refusal.RULES),
    "too little": (BUY, "0.0001", {}, Refusal.RULES),
    "too much": (BUY, "101", {}, Refusal.RULES),
    "endless": (BUY, "Infinity", {}, Refusal.RULES),
    "no number": (BUY, "NaN", {}, Refusal.RULES),
    "nothing": (BUY, "0", {}, Refusal.RULES),
    "less than nothing": (BUY, "-0.1", {}, Refusal.RULES),
    "worth too little": (BUY, "0.0002", {"price": D(20_000)}, Refusal.RULES),
    "a price between two ticks": (BUY, "0.1", {"price": D("50000.005")}, Refusal.RULES),
    "an id with a sign in it": (BUY, "0.1", {"client_id": "a-1"}, Refusal.RULES),
    "a long id": (BUY, "0.1", {"client_id": "a" * 33}, Refusal.RULES),
    "a stop where there is no position": (BUY, "0.1", {"stop_loss": D(50_000)}, Refusal.RULES),
    "a target where there is no position": (BUY, "0.1", {"take_profit": D(70_000)}, Refusal.RULES),
    "a limit without a price": (BUY, "0.1", {"kind": OrderKind.LIMIT}, Refusal.RULES),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_venue_would_refuse_is_refused(case: str) -> None:
    """With the venue's reason, and without an effect."""
    side, amount, more, reason = REFUSED[case]
    desk = Desk(9_999)
    with pytest.raises(OrderRefused) as refusal:
        desk.place(side, amount, ticker(100_000) if "fee" in case else AT_60000, **more)
    assert (reason, (D(9_999), D(9_999))) == (refusal.value.reason, desk.coin("USDT"))


@pytest.mark.parametrize("side", [BUY, SELL])
def test_nothing_is_traded_where_nobody_offers(side: Side) -> None:
    """A price of zero is none: nothing is bought for nothing."""
    with pytest.raises(OrderRefused) as refusal:
        Desk().place(side, "0.1", ticker(0))
    assert Refusal.MARKET == refusal.value.reason


def test_no_order_rests_into_a_market_that_offers_nothing() -> None:
    """Nor is one filled by it."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000, price=D(50_000))
    assert desk.see(ticker(0)) is None


def test_only_the_prices_that_are_known_do_something() -> None:
    """An order rests on while there is no price for it."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000, price=D(50_000))
    assert {(SPOT, "BTCUSDT")} == markets(desk.book)
    assert desk.see(ticker(1), LINEAR) is None
    assert desk.see(ticker(1), SPOT) is not None


def test_a_balance_is_worth_what_its_coins_are() -> None:
    """The most valuable first; without a price neither the coin nor the whole has a known worth."""
    desk = Desk()
    desk.place(BUY, "0.1", AT_60000)
    assert {(SPOT, "BTCUSDT")} == coin_markets(desk.book)
    known = balance(desk.book, {(SPOT, "BTCUSDT"): ticker(61_000)})
    btc = CoinBalance("BTC", D("0.1"), D("0.1"), D(6_100))
    usdt = CoinBalance("USDT", D("3992.999"), D("3992.999"), D("3992.999"))
    assert Balance((btc, usdt), D("10092.999")) == known
    assert Balance((usdt, CoinBalance("BTC", D("0.1"), D("0.1"))), None) == balance(desk.book, {})
