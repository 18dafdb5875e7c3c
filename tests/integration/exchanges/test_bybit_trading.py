"""Bybit as the bot sees it, over real sockets to the local exchange: what is there, and what orders do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from bybit_bench import ANNA, LINEAR, NOW, SPOT, Bench, limit, local_bybit, market

from bot.errors import KeyRefused, OrderRefused, UnknownSymbol
from bot.gateways.exchanges.bybit import NOBODY
from bot.models.account import KeyRights
from bot.models.market import Side
from bot.models.order import NewOrder, OrderStatus, Refusal
from sandbox.exchange.demo import DAY, EXPIRED, READER, TRADER, WITHDRAWER, DemoKey


@pytest.fixture
async def bybit() -> AsyncIterator[Bench]:
    async with local_bybit() as bench:
        yield bench


async def test_what_is_traded(bybit: Bench) -> None:
    """Steps and minima are exact; nobody needs a key to know them."""
    quotes = bybit.clients()(ANNA, NOBODY)
    spot = (await quotes.instruments(SPOT))["BTCUSDT"]
    linear = (await quotes.instruments(LINEAR))["BTCUSDT"]
    assert ("BTC", "USDT", SPOT) == (spot.base, spot.quote, spot.account_type)
    assert (Decimal("0.1"), Decimal("0.001"), LINEAR) == (
        linear.price_step,
        linear.amount_step,
        linear.account_type,
    )
    assert spot.amount_step < linear.amount_step <= linear.min_amount
    assert 0 < spot.min_cost


async def test_prices_come_in_the_order_asked_for(bybit: Bench) -> None:
    """One is asked for alone, several in one call; what is not traded has no price."""
    one = await bybit.client().tickers(SPOT, ["BTCUSDT"])
    several = await bybit.client().tickers(LINEAR, ["ETHUSDT", "BTCUSDT"])
    assert (["BTCUSDT"], ["ETHUSDT", "BTCUSDT"]) == (
        [each.symbol for each in one],
        [each.symbol for each in several],
    )
    assert (Decimal(50000), NOW) == (one[0].last, one[0].at)
    assert one[0].bid <= one[0].last <= one[0].ask
    assert several[1].mark is not None
    assert [] == await bybit.client().tickers(SPOT, [])
    for symbols in (["NOPEUSDT"], ["BTCUSDT", "NOPEUSDT"]):
        with pytest.raises(UnknownSymbol, match="NOPEUSDT"):
            await bybit.client().tickers(SPOT, symbols)


async def test_a_purchase_is_found_with_its_price_and_fee(bybit: Bench) -> None:
    """The fee, which was taken in bitcoin, is told in dollars; the balance shows both."""
    exchange = bybit.client()
    order_id = await exchange.place(market("a1", "0.01"))
    order = await exchange.find(SPOT, "BTCUSDT", "a1")
    assert order is not None
    assert (order_id, "a1", OrderStatus.FILLED, Decimal("0.01")) == (
        order.id,
        order.client_id,
        order.status,
        order.filled,
    )
    assert order.average is not None
    assert abs(order.average - 50000) < 100
    assert order.fee == order.average * Decimal("0.01") * Decimal("0.001")
    coins = {coin.coin: coin for coin in (await exchange.balance()).coins}
    assert Decimal("0.10999") == coins["BTC"].total
    assert Decimal(9400) < coins["USDT"].total < Decimal(9600)


async def test_an_order_that_rests(bybit: Bench) -> None:
    """It is among the open ones, binds money, and can be cancelled once."""
    exchange = bybit.client()
    await exchange.place(limit("b1", "0.01", "40000"))
    await bybit.clock.tick(1)
    await exchange.place(limit("b2", "0.01", "41000"))
    assert ["b1", "b2"] == [order.client_id for order in await exchange.open_orders(SPOT)]
    [usdt] = [coin for coin in (await exchange.balance()).coins if coin.coin == "USDT"]
    assert (Decimal(10000), Decimal(9190)) == (usdt.total, usdt.free)
    await exchange.cancel(SPOT, "BTCUSDT", "b1")
    order = await exchange.find(SPOT, "BTCUSDT", "b1")
    assert order is not None
    assert (OrderStatus.CANCELLED, 0, None, None) == (order.status, order.filled, order.average, order.fee)
    assert ["b2"] == [order.client_id for order in await exchange.open_orders(SPOT)]
    with pytest.raises(OrderRefused) as caught:
        await exchange.cancel(SPOT, "BTCUSDT", "b1")
    assert Refusal.NOT_FOUND.value == caught.value.reason


async def test_lists_of_more_than_a_page(bybit: Bench) -> None:
    """Everything is there, however many pages it takes."""
    exchange = bybit.client()
    names = [f"p{number}" for number in range(51)]
    await asyncio.gather(*(exchange.place(limit(name, "0.001", "40000")) for name in names))
    assert sorted(names) == sorted(order.client_id for order in await exchange.open_orders(SPOT))


async def test_a_position_from_its_opening_to_its_end(bybit: Bench) -> None:
    """It can be protected and closed; closed, it is none; without one there is nothing to protect."""
    exchange = bybit.client()
    await exchange.place(market("c1", "0.01", linear=True))
    [position] = await exchange.positions()
    assert ("BTCUSDT", Side.BUY, Decimal("0.01"), None) == (
        position.symbol,
        position.side,
        position.amount,
        position.stop_loss,
    )
    for _ in range(2):
        await exchange.protect("BTCUSDT", Decimal(45000), Decimal(60000))
    [position] = await exchange.positions()
    assert (Decimal(45000), Decimal(60000)) == (position.stop_loss, position.take_profit)
    assert [] == await exchange.open_orders(LINEAR)
    await exchange.protect("BTCUSDT", None, Decimal(61000))
    [position] = await exchange.positions()
    assert (None, Decimal(61000)) == (position.stop_loss, position.take_profit)
    closing = replace(market("c2", "0.01", side=Side.SELL, linear=True), reduce_only=True)
    await exchange.place(closing)
    order = await exchange.find(LINEAR, "BTCUSDT", "c2")
    assert order is not None
    assert (True, OrderStatus.FILLED) == (order.reduce_only, order.status)
    assert [] == await exchange.positions()
    with pytest.raises(OrderRefused) as caught:
        await exchange.protect("BTCUSDT", Decimal(45000), None)
    assert Refusal.NOT_FOUND.value == caught.value.reason


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client_id": "taken"}, Refusal.DUPLICATE),
        ({"amount": Decimal(10)}, Refusal.FUNDS),
        ({"amount": Decimal("0.00000001")}, Refusal.RULES),
    ],
)
async def test_an_order_is_refused(
    bybit: Bench, linear: bool, change: dict[str, object], reason: Refusal
) -> None:
    """The reason is told; nothing was done."""
    exchange = bybit.client()
    await exchange.place(market("taken", linear=linear))
    refused: NewOrder = replace(market("new", linear=linear), **change)
    with pytest.raises(OrderRefused) as caught:
        await exchange.place(refused)
    assert (reason.value, ["taken"]) == (caught.value.reason, bybit.placed)


async def test_an_order_nobody_has_placed(bybit: Bench) -> None:
    """It is not found, and cannot be cancelled."""
    exchange = bybit.client()
    assert await exchange.find(SPOT, "BTCUSDT", "never") is None
    with pytest.raises(OrderRefused) as caught:
        await exchange.cancel(LINEAR, "BTCUSDT", "never")
    assert Refusal.NOT_FOUND.value == caught.value.reason


@pytest.mark.parametrize(
    ("demo", "rights"),
    [
        (TRADER, KeyRights(can_trade=True, can_withdraw=False)),
        (READER, KeyRights(can_trade=False, can_withdraw=False)),
        (WITHDRAWER, KeyRights(can_trade=True, can_withdraw=True)),
    ],
)
async def test_what_a_key_may_do(bybit: Bench, demo: DemoKey, rights: KeyRights) -> None:
    """The venue's word on trading and on withdrawing."""
    found = await bybit.client(demo).rights()
    assert rights == replace(found, expires_at=None)
    assert found.expires_at is None or NOW < found.expires_at < NOW + 366 * DAY


@pytest.mark.parametrize(
    "demo",
    [
        EXPIRED,
        DemoKey("Unknown0000000001", "x"),
        DemoKey(TRADER.key, "wrong"),
        DemoKey("", ""),
        DemoKey("a\nb", ""),
    ],
)
async def test_a_key_that_is_none(bybit: Bench, demo: DemoKey) -> None:
    """Lapsed, unknown, with another's secret, none at all: refused for reading and for trading."""
    exchange = bybit.client(demo)
    with pytest.raises(KeyRefused):
        await exchange.balance()
    with pytest.raises(KeyRefused):
        await exchange.place(market("d1"))
    assert [] == bybit.placed


async def test_a_key_that_only_reads(bybit: Bench) -> None:
    """It sees everything and does nothing."""
    exchange = bybit.client(READER)
    assert (await exchange.balance()).coins
    with pytest.raises(KeyRefused):
        await exchange.place(market("e1"))
    assert [] == bybit.placed
