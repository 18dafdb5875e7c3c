"""The paper account where it differs from a venue: nothing runs in between, and its venue's prices may be away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from benches import SYMBOL, Bench
from paper_bench import START_MONEY, PaperDesk

from bot.errors import OrderRefused, PeerUnavailable
from bot.models.market import AccountType, CoinBalance, Side
from bot.models.order import OrderStatus, Refusal
from bot.storage.database import Database

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def desk(paper: PaperDesk) -> Bench:
    async def set_price(price: Decimal) -> None:
        paper.market.prices[SYMBOL] = price

    return Bench(paper.reopen(), set_price)


async def test_a_new_account_has_the_start_money(paper: PaperDesk, desk: Bench) -> None:
    """All of it free, and its worth known without anybody being asked for a price."""
    paper.market.away = True
    assert (CoinBalance("USDT", START_MONEY, START_MONEY, START_MONEY),) == (
        await desk.exchange.balance()
    ).coins


async def test_accounts_do_not_share_anything(paper: PaperDesk, desk: Bench) -> None:
    """But the use of client ids: one that was used anywhere is used."""
    order = desk.order(BUY, "0.1")
    await desk.exchange.place(order)
    other = paper.reopen(2)
    assert [("USDT", START_MONEY)] == [(coin.coin, coin.total) for coin in (await other.balance()).coins]
    with pytest.raises(OrderRefused) as refusal:
        await other.place(order)
    assert Refusal.DUPLICATE == refusal.value.reason


async def test_a_restart_changes_nothing(paper: PaperDesk, desk: Bench) -> None:
    """Coins, positions, what rests, what has ended: all of it is in the database."""
    resting, done = (
        desk.order(BUY, "0.01", price=D(40_000)),
        desk.order(BUY, "0.02", LINEAR, stop_loss=D(45_000)),
    )
    await desk.exchange.place(resting)
    await desk.exchange.place(done)
    again = Bench(paper.reopen(), desk.set_price)
    for what in ("balance", "positions"):
        assert await getattr(desk.exchange, what)() == await getattr(again.exchange, what)()
    for order in (resting, done):
        assert await desk.find(order) == await again.find(order)


async def test_the_price_of_the_meantime_is_seen_at_the_next_look(desk: Bench) -> None:
    """Whatever the look is for; what comes first is what has happened at those prices."""
    order = desk.order(BUY, "0.01", price=D(40_000))
    await desk.exchange.place(order)
    await desk.set_price(D(39_000))
    with pytest.raises(OrderRefused) as refusal:
        await desk.cancel(order)
    assert Refusal.NOT_FOUND == refusal.value.reason
    found = await desk.find(order)
    assert found is not None
    assert OrderStatus.FILLED == found.status


async def test_one_call_a_kind_for_all_prices_that_are_needed(paper: PaperDesk, desk: Bench) -> None:
    """However many orders, positions and coins there are; none for an account in which there is nothing."""
    await desk.exchange.balance()
    assert [] == paper.market.calls
    await desk.exchange.place(desk.order(BUY, "0.01"))
    await desk.exchange.place(desk.order(BUY, "0.01", price=D(40_000)))
    await desk.exchange.place(replace(desk.order(BUY, "0.01", price=D(2_000)), symbol="ETHUSDT"))
    await desk.exchange.place(desk.order(BUY, "0.01", LINEAR))
    paper.market.calls.clear()
    await desk.exchange.balance()
    assert [(SPOT, ("BTCUSDT", "ETHUSDT")), (LINEAR, ("BTCUSDT",))] == paper.market.calls


async def test_without_prices_nothing_is_placed_and_nothing_happens(paper: PaperDesk, desk: Bench) -> None:
    """What is stored is told all the same; positions cannot be valued, so they are not shown."""
    await desk.exchange.place(desk.order(BUY, "0.01"))
    await desk.exchange.place(desk.order(BUY, "0.01", LINEAR))
    resting = desk.order(BUY, "0.01", price=D(40_000))
    await desk.exchange.place(resting)
    await desk.set_price(D(39_000))
    paper.market.away = True
    for call in (desk.exchange.place(desk.order(BUY, "0.01")), desk.exchange.positions()):
        with pytest.raises(PeerUnavailable):
            await call
    found = await desk.find(resting)
    assert found is not None
    assert (OrderStatus.OPEN, 1) == (found.status, len(await desk.exchange.open_orders(SPOT)))
    balance = await desk.exchange.balance()
    assert ({"BTC": None}, None) == (
        {c.coin: c.usd for c in balance.coins if c.coin == "BTC"},
        balance.equity,
    )
    await desk.cancel(resting)
    paper.market.away = False
    assert [] == await desk.exchange.open_orders(SPOT)


async def test_what_is_traded_no_more_stands_in_nobodys_way(paper: PaperDesk, desk: Bench) -> None:
    """Coins of it have no worth that is known; new orders for it are refused."""
    await desk.exchange.place(replace(desk.order(BUY, "0.01"), symbol="ETHUSDT"))
    paper.market.delisted.add("ETHUSDT")
    assert (await desk.exchange.balance()).equity is None
    with pytest.raises(OrderRefused) as refusal:
        await desk.exchange.place(replace(desk.order(BUY, "0.01"), symbol="ETHUSDT"))
    assert Refusal.MARKET == refusal.value.reason


async def test_an_order_goes_by_its_market_too(desk: Bench) -> None:
    """As at a venue: another symbol, or the perpetual, has no order of that id."""
    order = desk.order(BUY, "0.01", price=D(40_000))
    await desk.exchange.place(order)
    for other in (replace(order, symbol="ETHUSDT"), replace(order, account_type=LINEAR)):
        assert await desk.find(other) is None
        with pytest.raises(OrderRefused) as refusal:
            await desk.cancel(other)
        assert Refusal.NOT_FOUND == refusal.value.reason
    assert 1 == len(await desk.exchange.open_orders(SPOT))


async def test_a_crowd_with_one_client_id_gets_one_order(desk: Bench) -> None:
    """Thirty at once: one is placed, all others are told that it is there."""
    order = desk.order(BUY, "0.01")
    results = await asyncio.gather(*(desk.exchange.place(order) for _ in range(30)), return_exceptions=True)
    assert 1 == sum(isinstance(result, str) for result in results)
    assert {Refusal.DUPLICATE} == {each.reason for each in results if isinstance(each, OrderRefused)}
    assert D("0.01") == (await desk.has("BTC"))[0]


async def test_a_crowd_spends_the_money_once(desk: Bench) -> None:
    """Orders that each could be paid, and all together not: the account never has less than nothing."""
    orders = [desk.order(BUY, "0.05") for _ in range(10)]
    results = await asyncio.gather(*map(desk.exchange.place, orders), return_exceptions=True)
    assert (3, 7) == (
        sum(isinstance(result, str) for result in results),
        sum(isinstance(result, OrderRefused) and result.reason == Refusal.FUNDS for result in results),
    )
    total, free = await desk.has("USDT")
    assert 0 < free == total < 2_500


async def test_a_database_that_refuses_is_a_venue_that_is_away() -> None:
    """Nothing was done, and it may be asked again."""
    exchange = PaperDesk(Database("sqlite:///never-opened.db")).reopen()
    for call in (exchange.balance(), exchange.cancel(SPOT, SYMBOL, "a1")):
        with pytest.raises(PeerUnavailable):
            await call
