"""Closing: what there is now, one order each, whatever the market does and even while trading is paused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from order_bench import CHIEF, TRADER, D, OrderBench

from bot.errors import OrderUnfit, QuoteLapsed
from bot.models.market import AccountType, CoinBalance, Position, Side
from bot.models.order import OrderState
from bot.models.order_draft import OrderWish


def position(symbol: str, side: Side, amount: str) -> Position:
    return Position(symbol, side, D(amount), D(10_000), D(10_000), D(0))


@pytest.fixture
def bench() -> OrderBench:
    bench = OrderBench()
    bench.venue.coins = [
        CoinBalance("USDT", D(900), D(900)),
        CoinBalance("BTC", D("0.5"), D("0.4005")),
        CoinBalance("ETH", D(1), D(0)),
        CoinBalance("SOL", D(1), D(1)),
        CoinBalance("DUST", D("0.0001"), D("0.0001")),
        CoinBalance("NOBODY", D(5), D(5)),
    ]
    bench.venue.held = [position("BTCUSDT", Side.BUY, "0.2"), position("ETHUSDT", Side.SELL, "3")]
    return bench


async def closed(bench: OrderBench, proposal: Any, tap: str = "t1") -> list[OrderState]:
    task = asyncio.create_task(bench.orders.confirm(TRADER, proposal.drafts, tap))
    await bench.tick(10)
    return [order.state for order in await task]


async def test_on_spot_all_coins_that_can_be_sold_are_sold(bench: OrderBench) -> None:
    """Not dollars, nothing that is not free; what is too little is named."""
    proposal = await bench.orders.closing(TRADER, None, "m1")
    sold = [(draft.order.symbol, draft.order.side, draft.order.amount) for draft in proposal.drafts]
    assert [("BTCUSDT", Side.SELL, D("0.400")), ("SOLUSDT", Side.SELL, D(1))] == sold
    assert ["the least of DUSTUSDT is 0.001 DUST"] == list(proposal.left)
    assert [OrderState.FILLED] * 2 == await closed(bench, proposal)
    assert [1, 1] == list(bench.venue.ledger.values())


async def test_positions_are_ended_by_orders_that_only_reduce(bench: OrderBench) -> None:
    """The way back, and no further."""
    bench.accounts.account_type = AccountType.LINEAR
    proposal = await bench.orders.closing(TRADER, None, "m1")
    orders = [(draft.order.symbol, draft.order.side, draft.order.reduce_only) for draft in proposal.drafts]
    assert [("BTCUSDT", Side.SELL, True), ("ETHUSDT", Side.BUY, True)] == orders
    only = await bench.orders.closing(TRADER, "eth", "m2")
    assert ["ETHUSDT"] == [draft.order.symbol for draft in only.drafts]


async def test_closing_goes_on_while_trading_is_paused(bench: OrderBench) -> None:
    """For everybody too."""
    await bench.orders.pause_all(CHIEF, "@chief", paused=True)
    await bench.orders.pause(TRADER, paused=True)
    assert [OrderState.FILLED] == await closed(bench, await bench.orders.closing(TRADER, "BTC", "m1"))


async def test_a_market_that_moves_keeps_nobody_in(bench: OrderBench) -> None:
    """Within the minute."""
    proposal = await bench.orders.closing(TRADER, "BTC", "m1")
    bench.prices.price = D(8000)
    assert [OrderState.FILLED] == await closed(bench, proposal)


async def test_what_is_closed_late_is_shown_again_as_it_is_now(bench: OrderBench) -> None:
    """Under the same ids; what is held no more is left out."""
    proposal = await bench.orders.closing(TRADER, None, "m1")
    await bench.tick(61)
    with pytest.raises(QuoteLapsed):
        await bench.orders.confirm(TRADER, proposal.drafts, "t1")
    bench.venue.coins = [CoinBalance("SOL", D(2), D(2)), CoinBalance("BTC", D(0), D(0))]
    again = await bench.orders.requoted(TRADER, proposal.drafts)
    assert [(proposal.drafts[1].order.client_id, D(2))] == [
        (draft.order.client_id, draft.order.amount) for draft in again.drafts
    ]
    bench.venue.coins = []
    with pytest.raises(OrderUnfit, match="nothing to close"):
        await bench.orders.requoted(TRADER, proposal.drafts)


@pytest.mark.parametrize(
    ("typed", "words"), [("ETH", "nothing of ETHUSDT"), ("DUST", "the least of DUSTUSDT")]
)
async def test_what_cannot_be_closed_says_why(bench: OrderBench, typed: str, words: str) -> None:
    """There is nothing of it, or too little."""
    with pytest.raises(OrderUnfit, match=words):
        await bench.orders.closing(TRADER, typed, "m1")


async def test_where_nothing_is_held_there_is_nothing_to_close(bench: OrderBench) -> None:
    """Nothing at all."""
    bench.venue.coins = []
    with pytest.raises(OrderUnfit, match="there is nothing to close"):
        await bench.orders.closing(TRADER, None, "m1")


async def test_everything_of_a_coin_or_of_a_long_position_is_sold(bench: OrderBench) -> None:
    """What is free on spot; the position on perpetuals, without opening one the other way."""
    wish = OrderWish(Side.SELL, "sol", None)
    [draft] = (await bench.orders.draft(TRADER, OrderWish(Side.SELL, "sol", D("0.09")), "m0")).drafts
    assert D("0.09") == draft.order.amount
    bench.venue.coins = [CoinBalance("SOL", D("0.05"), D("0.05"))]
    [draft] = (await bench.orders.draft(TRADER, wish, "m1")).drafts
    assert (D("0.05"), False) == (draft.order.amount, draft.order.reduce_only)
    bench.accounts.account_type = AccountType.LINEAR
    bench.venue.held = [position("SOLUSDT", Side.BUY, "0.07"), position("BTCUSDT", Side.SELL, "1")]
    [draft] = (await bench.orders.draft(TRADER, wish, "m2")).drafts
    assert (D("0.07"), True) == (draft.order.amount, draft.order.reduce_only)
    with pytest.raises(OrderUnfit):
        await bench.orders.draft(TRADER, OrderWish(Side.SELL, "btc", None), "m3")
