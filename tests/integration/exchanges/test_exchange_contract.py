"""What holds at every exchange: the services rely on it and on nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from benches import START, SYMBOL, Bench

from bot.errors import OrderRefused, OutcomeUnknown, UnknownSymbol
from bot.models.market import AccountType, Side
from bot.models.order import OrderKind, OrderStatus, Refusal

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize("kind", AccountType)
async def test_an_instrument_says_how_it_is_traded(bench: Bench, kind: AccountType) -> None:
    """Steps and minima above zero, under the name that orders go by."""
    btc = (await bench.exchange.instruments(kind))[SYMBOL]
    assert (SYMBOL, "BTC", "USDT", kind) == (btc.symbol, btc.base, btc.quote, btc.account_type)
    assert min(btc.price_step, btc.amount_step, btc.min_amount) > 0
    assert btc.whole_amount(btc.min_amount) == btc.min_amount


async def test_prices_come_in_the_order_they_were_asked_for(bench: Bench) -> None:
    """Each exact, with a bid that is not above its ask."""
    for symbols in (["ETHUSDT", SYMBOL], [SYMBOL, "ETHUSDT"]):
        tickers = await bench.exchange.tickers(SPOT, symbols)
        assert symbols == [ticker.symbol for ticker in tickers]
    btc = next(ticker for ticker in tickers if ticker.symbol == SYMBOL)
    assert START == btc.last
    assert 0 < btc.bid <= btc.ask


async def test_what_is_not_traded_has_no_price(bench: Bench) -> None:
    """And says so as a person's mistake, not as a failure of the venue."""
    with pytest.raises(UnknownSymbol):
        await bench.exchange.tickers(SPOT, ["NOSUCHUSDT"])


async def test_what_is_not_traded_cannot_be_ordered(bench: Bench) -> None:
    """The refusal says why."""
    order = bench.order(BUY, "1")
    strange = type(order)("stranger1", "NOSUCHUSDT", SPOT, BUY, OrderKind.MARKET, D(1))
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(strange)
    assert refusal.value.reason in {Refusal.MARKET, Refusal.RULES}


async def test_a_balance_is_whole(bench: Bench) -> None:
    """All that is free at the beginning, and what it is worth."""
    total, free = await bench.has("USDT")
    assert 5_000 <= free == total
    assert (await bench.exchange.balance()).equity is not None


async def test_a_market_order_is_filled_and_seen_in_the_balance(bench: Bench) -> None:
    """With its average and its fee: what the account has lost is what they say."""
    before, _ = await bench.has("USDT")
    order = bench.order(BUY, "0.02")
    found = await bench.placed(order)
    assert (OrderStatus.FILLED, D("0.02"), D("0.02")) == (found.status, found.amount, found.filled)
    assert (order.client_id, SYMBOL, SPOT, BUY) == (
        found.client_id,
        found.symbol,
        found.account_type,
        found.side,
    )
    assert found.average is not None
    assert found.fee is not None
    assert abs(found.average - START) < 100
    bought, (after, _) = await bench.has("BTC"), await bench.has("USDT")
    gone = before - after - (D("0.02") - bought[0]) * -found.average
    assert abs(gone - D("0.02") * found.average - found.fee) < D("0.00001")


async def test_a_limit_order_rests_until_it_is_cancelled(bench: Bench) -> None:
    """It is among the open orders, locks its money, and gives it back."""
    _, free = await bench.has("USDT")
    order = bench.order(BUY, "0.02", price=D(40_000))
    resting = await bench.placed(order)
    assert (OrderStatus.OPEN, D(0), None, D(40_000)) == (
        resting.status,
        resting.filled,
        resting.average,
        resting.price,
    )
    assert [order.client_id] == [each.client_id for each in await bench.exchange.open_orders(SPOT)]
    assert D(800) <= free - (await bench.has("USDT"))[1] <= D(801)
    await bench.cancel(order)
    found = await bench.find(order)
    assert found is not None
    assert (OrderStatus.CANCELLED, D(0)) == (found.status, found.filled)
    assert ([], free) == (list(await bench.exchange.open_orders(SPOT)), (await bench.has("USDT"))[1])


async def test_a_limit_order_is_filled_when_its_price_comes(bench: Bench) -> None:
    """At that price or a better one."""
    order = bench.order(BUY, "0.02", price=D(45_000))
    await bench.exchange.place(order)
    await bench.set_price(D(44_000))
    found = await bench.find(order)
    assert found is not None
    assert found.average is not None
    assert (OrderStatus.FILLED, True) == (found.status, 0 < found.average <= 45_000)


@pytest.mark.parametrize("kind", AccountType)
@pytest.mark.parametrize("price", [None, D(40_000)], ids=["filled", "resting"])
async def test_a_client_id_is_used_once(bench: Bench, kind: AccountType, price: Decimal | None) -> None:
    """A second order under it is refused, whatever has become of the first."""
    more: dict[str, Any] = {} if price is None else {"price": price}
    order = bench.order(BUY, "0.01", kind, **more)
    first = await bench.placed(order)
    before = await bench.has("USDT")
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(order)
    assert Refusal.DUPLICATE == refusal.value.reason
    assert (before, first) == (await bench.has("USDT"), await bench.find(order))


@pytest.mark.parametrize("kind", AccountType)
async def test_more_than_there_is_cannot_be_bought(bench: Bench, kind: AccountType) -> None:
    """It is refused for want of funds, and leaves no order."""
    order = bench.order(BUY, "20", kind)
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(order)
    assert (Refusal.FUNDS, None) == (refusal.value.reason, await bench.find(order))


async def test_coins_that_are_not_there_cannot_be_sold(bench: Bench) -> None:
    """Not at spot."""
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(bench.order(SELL, "0.02"))
    assert Refusal.FUNDS == refusal.value.reason


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "0.0000001"}, {"amount": "0.0100000001"}, {"amount": "0.01", "price": D("40000.000001")}],
    ids=["too little", "between steps", "between ticks"],
)
async def test_the_rules_of_the_venue_hold(bench: Bench, wrong: dict[str, Any]) -> None:
    """Nothing is rounded silently: what is no whole step is refused."""
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(bench.order(BUY, **wrong))
    assert Refusal.RULES == refusal.value.reason


async def test_what_has_ended_or_never_was_cannot_be_cancelled(bench: Bench) -> None:
    """NOT_FOUND, so that one looks what has become of it."""
    order = bench.order(BUY, "0.01")
    for when in ("never was", "has ended"):
        with pytest.raises(OrderRefused) as refusal:
            await bench.cancel(order)
        assert (when, Refusal.NOT_FOUND) == (when, refusal.value.reason)
        if when == "never was":
            await bench.exchange.place(order)


@pytest.mark.parametrize("kind", AccountType)
async def test_an_order_that_never_was_is_not_found(bench: Bench, kind: AccountType) -> None:
    """None, and no error."""
    assert await bench.exchange.find(kind, SYMBOL, "never1") is None


@pytest.mark.parametrize("side", Side)
async def test_a_position_is_opened_and_closed(bench: Bench, side: Side) -> None:
    """One that is closed is none, not one of size 0; what only reduces needs something to reduce."""
    assert [] == list(await bench.exchange.positions())
    await bench.exchange.place(bench.order(side, "0.02", LINEAR))
    (position,) = await bench.exchange.positions()
    assert (SYMBOL, side, D("0.02")) == (position.symbol, position.side, position.amount)
    assert abs(position.entry_price - START) < 100
    assert [] == list(await bench.exchange.open_orders(LINEAR))
    found = await bench.placed(bench.order(side.opposite, "0.02", LINEAR, reduce_only=True))
    assert (OrderStatus.FILLED, True) == (found.status, found.reduce_only)
    assert [] == list(await bench.exchange.positions())
    with pytest.raises(OrderRefused):
        await bench.exchange.place(bench.order(side.opposite, "0.02", LINEAR, reduce_only=True))


async def test_stops_are_set_on_a_position(bench: Bench) -> None:
    """With the order or later; where there is no position there is nothing to protect."""
    with pytest.raises(OrderRefused):
        await bench.exchange.protect(SYMBOL, D(45_000), D(55_000))
    await bench.exchange.place(bench.order(BUY, "0.02", LINEAR, stop_loss=D(45_000), take_profit=D(56_000)))
    (position,) = await bench.exchange.positions()
    assert (D(45_000), D(56_000)) == (position.stop_loss, position.take_profit)
    await bench.exchange.protect(SYMBOL, D(46_000), None)
    (position,) = await bench.exchange.positions()
    assert (D(46_000), None) == (position.stop_loss, position.take_profit)
    await bench.set_price(D(45_900))
    assert [] == list(await bench.exchange.positions())


async def test_the_key_tells_what_it_may_do(bench: Bench) -> None:
    """It trades, and nothing can be withdrawn with it; the venue's clock is there."""
    rights = await bench.exchange.rights()
    assert (True, False) == (rights.can_trade, rights.can_withdraw)
    assert await bench.exchange.server_time() > 1_500_000_000


@pytest.mark.parametrize("bench", ["bybit", "ccxt"], indirect=True)
@pytest.mark.parametrize("kind", AccountType)
async def test_an_order_whose_answer_got_lost_is_found(bench: Bench, kind: AccountType) -> None:
    """It is neither done nor failed until it is looked up; and it is there once."""
    order = bench.order(BUY, "0.01", kind)
    bench.lose_answer()
    with pytest.raises(OutcomeUnknown):
        await bench.exchange.place(order)
    found = await bench.find(order)
    assert found is not None
    assert (OrderStatus.FILLED, D("0.01")) == (found.status, found.filled)
    with pytest.raises(OrderRefused) as refusal:
        await bench.exchange.place(order)
    assert Refusal.DUPLICATE == refusal.value.reason
