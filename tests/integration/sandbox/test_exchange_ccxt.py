"""The witness: the real ccxt client, unchanged but for the host it speaks to, against the exchange."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from decimal import getcontext, setcontext
from typing import Any

import pytest
from exchange_bench import Bench, running_exchange

from sandbox.exchange.demo import EXPIRED, READER, TRADER, DemoKey

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"
Client = Any
Connect = Callable[..., Client]


@pytest.fixture(autouse=True)
def own_arithmetic() -> Iterator[None]:
    """ccxt changes how decimals are rounded, for all that comes after it in the process."""
    before = getcontext().copy()
    yield
    setcontext(before)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_exchange(live=True) as bench:
        yield bench


@pytest.fixture
async def connect(bench: Bench) -> AsyncIterator[Connect]:
    """A function that makes ccxt clients; all of them are closed in the end."""
    from ccxt.async_support import bybit  # a second to import: only where it is needed

    async with AsyncExitStack() as stack:

        def make(key: DemoKey = TRADER, **options: Any) -> Client:
            urls = dict.fromkeys(("spot", "futures", "v2", "public", "private"), bench.url)
            login = {"apiKey": key.key, "secret": key.secret, "enableRateLimit": False, "timeout": 5000}
            quick = {"timeout_on_exit": 0}
            types = {"fetchMarkets": {"types": ["spot", "linear"]}}
            client = bybit({**login, **quick, "options": types, "urls": {"api": urls}, **options})
            stack.push_async_callback(client.close)
            return client

        yield make


async def test_markets_and_prices(connect: Connect, bench: Bench) -> None:
    """Markets with steps and limits, tickers, candles in order and the time."""
    client = connect()
    markets = await client.load_markets()
    coin, perpetual = markets[SPOT], markets[PERPETUAL]
    assert (coin["spot"], coin["precision"], coin["limits"]["amount"]["min"]) == (
        True,
        coin["precision"] | {"amount": 0.000001, "price": 0.01},
        0.000011,
    )
    assert (perpetual["swap"], perpetual["linear"], perpetual["settle"]) == (True, True, "USDT")
    assert (await client.fetch_ticker(SPOT))["last"] == 50000
    assert (await client.fetch_ticker(PERPETUAL))["symbol"] == PERPETUAL
    assert len(await client.fetch_tickers(params={"category": "linear"})) == 8
    candles = await client.fetch_ohlcv("ETH/USDT", "1h", limit=5)
    assert len(candles) == 5
    assert [candle[0] for candle in candles] == sorted(candle[0] for candle in candles)
    assert all(
        low <= min(first, last) <= max(first, last) <= high for _, first, high, low, last, _ in candles
    )
    assert abs(await client.fetch_time() - bench.clock() * 1000) < 2000


async def test_all_markets_are_loaded_as_it_does_by_default(connect: Connect) -> None:
    """The twelve calls of an unrestricted load_markets find nothing but spot and linear."""
    client = connect(options={})
    await client.load_markets()
    assert {market["type"] for market in client.markets.values()} == {"spot", "swap"}
    assert len(client.markets) == 20


async def test_the_balance_is_what_is_free_and_what_is_bound(connect: Connect) -> None:
    """An open buy binds its USDT; a position binds its margin."""
    client = connect()
    await client.create_order(SPOT, "limit", "buy", 0.1, 48000)
    balance = await client.fetch_balance()
    assert (balance["USDT"]["total"], balance["USDT"]["free"]) == (10000, 5200)
    assert balance["BTC"] == {"free": 0.1, "used": 0, "total": 0.1, "debt": 0}


@pytest.mark.parametrize("symbol", [SPOT, PERPETUAL])
async def test_orders_are_placed_found_and_cancelled(connect: Connect, symbol: str) -> None:
    """A limit order rests and is found among the open ones, by id and by our id; it is cancelled by either."""
    client = connect()
    first = await client.create_order(symbol, "limit", "buy", 0.01, 47000, {"clientOrderId": "one"})
    second = await client.create_order(symbol, "limit", "sell", 0.02, 53000, {"clientOrderId": "two"})
    opened = await client.fetch_open_orders(symbol)
    assert {(order["id"], order["clientOrderId"], order["status"]) for order in opened} == {
        (first["id"], "one", "open"),
        (second["id"], "two", "open"),
    }
    await client.cancel_order(first["id"], symbol)
    await client.cancel_order(None, symbol, {"orderLinkId": "two"})
    assert await client.fetch_open_orders(symbol) == []
    closed = await client.fetch_canceled_orders(symbol)
    assert {(order["id"], order["status"]) for order in closed} == {
        (first["id"], "canceled"),
        (second["id"], "canceled"),
    }


async def test_a_market_order_in_spot_changes_coins(connect: Connect) -> None:
    """It is filled at once at the ask; the fee is taken from the bought coin."""
    client = connect()
    sent = await client.create_order(SPOT, "market", "buy", 0.01)
    order = await client.fetch_order(sent["id"], SPOT, {"acknowledged": True})
    assert (order["status"], order["filled"], order["average"]) == ("closed", 0.01, 50002.5)
    (trade,) = await client.fetch_my_trades(SPOT)
    assert (trade["order"], trade["amount"], trade["fee"]) == (
        sent["id"],
        0.01,
        {"cost": 0.00001, "currency": "BTC", "rate": 0.001},
    )
    assert (await client.fetch_balance())["BTC"]["total"] == pytest.approx(0.10999)


async def test_a_position_is_opened_protected_and_closed(connect: Connect) -> None:
    """Market buy, a stop, the position as ccxt reads it, closing with reduceOnly."""
    client = connect()
    await client.create_order(PERPETUAL, "market", "buy", 0.1)
    (position,) = await client.fetch_positions()
    read = {name: position[name] for name in ("symbol", "side", "contracts", "entryPrice", "leverage")}
    assert read == {
        "symbol": PERPETUAL,
        "side": "long",
        "contracts": 0.1,
        "entryPrice": 50002.5,
        "leverage": 10,
    }
    assert position["liquidationPrice"] == pytest.approx(45252.2625)
    assert await client.fetch_positions([PERPETUAL]) != []
    await client.set_leverage(20, PERPETUAL)
    await client.create_order(PERPETUAL, "market", "sell", 0.1, None, {"reduceOnly": True})
    assert [held for held in await client.fetch_positions() if held["contracts"]] == []


REFUSED_ORDERS: list[tuple[str, tuple[Any, ...]]] = [
    ("InsufficientFunds", (SPOT, "limit", "buy", 1, 48000)),
    ("InsufficientFunds", (PERPETUAL, "market", "buy", 100)),
    ("InvalidOrder", (PERPETUAL, "market", "sell", 1, None, {"reduceOnly": True})),
    ("InvalidOrder", (PERPETUAL, "limit", "buy", 0.001, 90000)),
    ("BadRequest", (PERPETUAL, "limit", "buy", 0.001, 47000, {"clientOrderId": "x" * 37})),
    ("InvalidOrder", (PERPETUAL, "limit", "buy", 0.001, 47000, {"clientOrderId": "taken"})),
    ("InvalidOrder", (SPOT, "limit", "buy", 0.001, 47000, {"clientOrderId": "taken"})),
]


async def test_refused_orders_are_what_ccxt_takes_them_for(connect: Connect) -> None:
    """Each refusal is of the class that ccxt knows it by; nothing is left of the order."""
    client = connect()
    for symbol in (SPOT, PERPETUAL):
        await client.create_order(symbol, "limit", "sell", 0.01, 53000, {"clientOrderId": "taken"})
    for error, order in REFUSED_ORDERS:
        assert await error_of(client.create_order(*order)) == error, order
    for symbol in (SPOT, PERPETUAL):
        assert await error_of(client.cancel_order("none", symbol)) == "OrderNotFound"
        assert len(await client.fetch_open_orders(symbol)) == 1


async def test_a_key_that_is_not_good_comes_nowhere(connect: Connect) -> None:
    """Unknown, badly signed or expired: already load_markets fails."""
    unknown, forged = DemoKey("NobodysKey00000001", TRADER.secret), DemoKey(TRADER.key, READER.secret)
    for key in (unknown, forged, EXPIRED):
        assert await error_of(connect(key).load_markets()) == "AuthenticationError"


async def test_a_key_that_only_reads_reads_only(connect: Connect) -> None:
    """It sees its balance, and may not place an order."""
    client = connect(READER)
    assert (await client.fetch_balance())["USDT"]["total"] == 10000
    assert await error_of(client.create_order(SPOT, "market", "buy", 0.01)) == "PermissionDenied"


async def test_a_clock_that_is_off_is_told(connect: Connect, bench: Bench) -> None:
    """InvalidNonce, until ccxt asks for the time difference."""
    client = connect()
    await client.load_markets()
    client.options["adjustForTimeDifference"] = True
    for off in (60, -120):
        bench.clock.ahead += off
        assert await error_of(client.fetch_balance()) == "InvalidNonce"
        await client.load_time_difference()
        assert (await client.fetch_balance())["USDT"]["total"] == 10000


FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("ExchangeNotAvailable", {"kind": "status", "status": 503}),
    ("RateLimitExceeded", {"kind": "status", "status": 403}),
    ("RateLimitExceeded", {"code": 10006}),
    ("ExchangeError", {"code": 10016}),
    ("RequestTimeout", {"kind": "hang", "seconds": 2}),
    ("ExchangeNotAvailable", {"kind": "reset"}),
    ("ExchangeNotAvailable", {"kind": "lose_answer"}),
]


async def test_faults_on_an_order_are_what_ccxt_takes_them_for(connect: Connect, bench: Bench) -> None:
    """Each of them once; only the lost answer leaves an order behind."""
    client = connect(timeout=500)
    await client.load_markets()
    for number, (error, fault) in enumerate(FAULTS):
        place = "/refusals" if "code" in fault else "/faults/rules"
        await bench.control("POST", place, {"path": "order/create", "times": 1} | fault)
        sent = client.create_order(SPOT, "limit", "buy", 0.01, 47000, {"clientOrderId": f"id{number}"})
        assert await error_of(sent) == error, fault
    ledger = (await bench.control("GET", "/ledger"))["orders"]
    assert [order["orderLinkId"] for order in ledger] == [f"id{len(FAULTS) - 1}"]


async def test_a_page_instead_of_an_answer_is_an_empty_balance_to_ccxt(
    connect: Connect, bench: Bench
) -> None:
    """A 200 with HTML: ccxt notices nothing, which is why a balance must be checked to be whole."""
    client = connect()
    await client.fetch_balance()
    page = {"kind": "answer", "body": "<html></html>", "content_type": "text/html", "path": "wallet-balance"}
    await bench.control("POST", "/faults/rules", page)
    empty = await client.fetch_balance()
    assert {amount for amount in empty["total"].values() if amount} == set()


async def error_of(call: Awaitable[Any]) -> str:
    """The name of the error that a call ends with."""
    try:
        result = await call
    except Exception as error:
        return type(error).__name__
    raise AssertionError(f"not refused: {result}")
