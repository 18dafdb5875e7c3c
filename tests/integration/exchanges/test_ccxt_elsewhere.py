"""OKX and Binance: what goes over the wire there, where amounts are contracts and wallets are many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import ROUND_HALF_EVEN, Decimal, Underflow, getcontext
from typing import Any

import pytest
from elsewhere import OKX_SPOT, Elsewhere, elsewhere

from bot.errors import KeyRefused, OrderRefused
from bot.models.account import KeyRights
from bot.models.market import AccountType, CoinBalance, Side
from bot.models.order import NewOrder, OrderKind, OrderStatus, Refusal
from bot.resilience.tasks import Supervisor

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR


@pytest.fixture
async def okx(supervisor: Supervisor) -> AsyncIterator[Elsewhere]:
    async with elsewhere("okx", supervisor) as venue:
        yield venue


@pytest.fixture
async def binance(supervisor: Supervisor) -> AsyncIterator[Elsewhere]:
    async with elsewhere("binance", supervisor) as venue:
        yield venue


def order(symbol: str, kind: AccountType, amount: str, **more: Any) -> NewOrder:
    form = OrderKind.LIMIT if "price" in more else OrderKind.MARKET
    return NewOrder("a1", symbol, kind, Side.BUY, form, D(amount), **more)


async def test_okx_counts_perpetuals_in_contracts(okx: Elsewhere) -> None:
    """Of 0.01 BTC each; we speak of coins, and ids are ours."""
    perpetual = (await okx.exchange.instruments(LINEAR))["BTC-USDT-SWAP"]
    assert (D("0.001"), D("0.001"), D("0.1")) == (
        perpetual.amount_step,
        perpetual.min_amount,
        perpetual.price_step,
    )
    wish = order("BTC-USDT-SWAP", LINEAR, "0.025", price=D(50_000), stop_loss=D(45_000))
    await okx.exchange.place(wish)
    [(path, [body])] = okx.sent
    assert ("/api/v5/trade/batch-orders", "BTC-USDT-SWAP", "a1", "2.5", "50000", "limit", "buy") == (
        path,
        *(body[name] for name in ("instId", "clOrdId", "sz", "px", "ordType", "side")),
    )
    assert "45000" == body["attachAlgoOrds"][0]["slTriggerPx"]
    found = await okx.exchange.find(LINEAR, "BTC-USDT-SWAP", "a1")
    assert found is not None
    assert (OrderStatus.FILLED, D("0.025"), D("0.025"), D("49999.5"), D("0.5")) == (
        found.status,
        found.amount,
        found.filled,
        found.average,
        found.fee,
    )
    (position,) = await okx.exchange.positions()
    assert (Side.SELL, D("0.05"), D(50), D(3)) == (
        position.side,
        position.amount,
        position.profit,
        position.leverage,
    )


async def test_okx_takes_the_amount_of_a_purchase_in_coins(okx: Elsewhere) -> None:
    """Not in dollars, as it would by itself."""
    await okx.exchange.place(order("BTC-USDT", SPOT, "0.02"))
    [(_, [body])] = okx.sent
    assert ("0.02", "base_ccy", "market") == (body["sz"], body["tgtCcy"], body["ordType"])


async def test_decimals_are_rounded_as_before(okx: Elsewhere) -> None:
    """ccxt rounds halves up from its first order on; that is its own affair."""
    await okx.exchange.place(order("BTC-USDT", SPOT, "0.02"))
    context = getcontext()
    assert (ROUND_HALF_EVEN, False) == (context.rounding, context.traps[Underflow])


async def test_what_is_listed_later_is_traded_too(okx: Elsewhere) -> None:
    """By clients that are open already, as soon as anybody has asked what is traded."""
    with pytest.raises(OrderRefused) as refusal:
        await okx.exchange.place(order("NEW-USDT", SPOT, "0.02"))
    assert Refusal.MARKET == refusal.value.reason
    okx.listed.append(OKX_SPOT | {"instId": "NEW-USDT", "baseCcy": "NEW"})
    assert "NEW-USDT" in await okx.exchange.instruments(SPOT)
    await okx.exchange.place(order("NEW-USDT", SPOT, "0.02"))
    assert 1 == len(okx.sent)


async def test_okx_tells_balance_and_rights(okx: Elsewhere) -> None:
    """To the last digit."""
    balance = await okx.exchange.balance()
    assert (CoinBalance("USDT", D("1500.00000001"), D(1000), D("1500.00000001")),) == balance.coins
    assert KeyRights(True, False) == await okx.exchange.rights()


@pytest.mark.parametrize(
    ("code", "reason"),
    [("51008", Refusal.FUNDS), ("51016", Refusal.DUPLICATE), ("51020", Refusal.RULES)],
)
async def test_okx_refuses_in_its_own_codes(okx: Elsewhere, code: str, reason: Refusal) -> None:
    """Each of them in our words."""
    okx.answers["/api/v5/trade/batch-orders"] = {
        "code": "1",
        "data": [{"sCode": code, "sMsg": "no"}],
        "msg": "",
    }
    with pytest.raises(OrderRefused) as refusal:
        await okx.exchange.place(order("BTC-USDT", SPOT, "0.02"))
    assert reason == refusal.value.reason


async def test_okx_does_not_know_an_order(okx: Elsewhere) -> None:
    """None, and no error."""
    okx.answers["/api/v5/trade/order"] = {"code": "51603", "data": [], "msg": "Order does not exist"}
    assert await okx.exchange.find(SPOT, "BTC-USDT", "a1") is None


async def test_binance_takes_our_id(binance: Elsewhere) -> None:
    """At spot and for perpetuals; what only reduces says so."""
    await binance.exchange.place(order("BTCUSDT", SPOT, "0.02"))
    await binance.exchange.place(order("BTCUSDT", LINEAR, "0.02", price=D(50_000), reduce_only=True))
    (spot_path, spot), (linear_path, linear) = binance.sent
    assert ("/api/v3/order", "a1", "0.02", "MARKET") == (
        spot_path,
        spot["newClientOrderId"],
        spot["quantity"],
        spot["type"],
    )
    assert ("/fapi/v1/order", "a1", "0.02", "50000", "true") == (
        linear_path,
        linear["newClientOrderId"],
        linear["quantity"],
        linear["price"],
        linear["reduceOnly"].lower(),
    )
    for kind in AccountType:
        found = await binance.exchange.find(kind, "BTCUSDT", "a1")
        assert found is not None
        assert (OrderStatus.FILLED, D("0.02"), D(50_000)) == (found.status, found.filled, found.average)


async def test_binance_keeps_apart_what_a_key_may_see(binance: Elsewhere) -> None:
    """A key for spot alone has no futures; that is no refusal of the key, and a refused key is one."""
    assert [("USDT", D(1_000), D("900.5"))] == [
        (coin.coin, coin.total, coin.free) for coin in (await binance.exchange.balance()).coins
    ]
    assert [] == list(await binance.exchange.positions())
    assert KeyRights(True, True) == await binance.exchange.rights()
    del binance.answers["/api/v3/account"]
    for call in (binance.exchange.balance, binance.exchange.positions):
        with pytest.raises(KeyRefused):
            await call()


async def test_binance_sets_no_stops_here(binance: Elsewhere) -> None:
    """Neither with an order nor on a position: it is said, not silently left out."""
    with pytest.raises(OrderRefused):
        await binance.exchange.place(order("BTCUSDT", LINEAR, "0.02", stop_loss=D(45_000)))
    with pytest.raises(OrderRefused):
        await binance.exchange.protect("BTCUSDT", D(45_000), None)
    assert [] == binance.sent
