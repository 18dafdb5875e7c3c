"""The control side: prices, the ledger as judge, orders that show late, faults, counters, and what is kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from exchange_bench import Bench, refusal, running_exchange, succeeded

from sandbox.exchange.world import ExchangeWorld


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_exchange() as bench:
        yield bench


async def ledger(bench: Bench) -> list[dict[str, Any]]:
    """All orders that were ever accepted."""
    orders: list[dict[str, Any]] = (await bench.control("GET", "/ledger"))["orders"]
    return orders


def sending(bench: Bench, **more: Any) -> Any:
    """A request that places an order, not yet awaited."""
    return bench.try_order("spot", "Buy", "0.01", "48000", **more)


# -- prices -------------------------------------------------------------------------------------------------


async def test_prices_move_with_time_and_stop_when_told(bench: Bench) -> None:
    """The same at the same time, another one later; stopped they stand, released they go on."""

    async def ether() -> str:
        (ticker,) = (await bench.public("tickers", category="spot", symbol="ETHUSDT"))["list"]
        return str(ticker["lastPrice"])

    first = await ether()
    assert await ether() == first
    bench.clock.ahead += 600
    second = await ether()
    assert second != first
    await bench.control("POST", "/prices", {"stopped": True})
    bench.clock.ahead += 600
    assert await ether() == second
    await bench.control("POST", "/prices", {"stopped": False})
    assert await ether() != second


async def test_a_set_price_is_the_price_until_it_is_released(bench: Bench) -> None:
    """Of a coin and its perpetual, or of one of them; in whole ticks."""
    await bench.control("POST", "/prices", {"symbol": "BTCUSDT", "category": "linear", "price": "51000.04"})
    prices = await bench.control("GET", "/prices")
    assert prices["spot"]["BTCUSDT"] == {"last": "50000", "bid": "49997.5", "ask": "50002.5"}
    assert prices["linear"]["BTCUSDT"]["last"] == "51000"
    prices = await bench.control("POST", "/prices", {"symbol": "BTCUSDT", "price": None})
    assert prices["spot"]["BTCUSDT"]["last"] != "50000"


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "NOSUCH", "price": "1"},
        {"symbol": "BTCUSDT", "price": "-1"},
        {"symbol": "BTCUSDT", "price": "NaN"},
        {"symbol": "BTCUSDT"},
        {"colour": "red"},
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(bench: Bench, change: dict[str, Any]) -> None:
    """400 and why; nothing is changed."""
    async with bench.client.post(f"{bench.url}/sandbox/prices", json=change) as response:
        assert response.status == 400
        assert (await response.json())["error"]
    assert (await bench.control("GET", "/prices"))["spot"]["BTCUSDT"]["last"] == "50000"


async def test_candles_lead_to_the_price(bench: Bench) -> None:
    """Newest first, whole steps apart, each begun where the one before ended; the newest ends now."""
    query = {"category": "spot", "symbol": "ETHUSDT", "interval": "15"}
    candles = (await bench.public("kline", **query, limit=4))["list"]
    starts = [int(candle[0]) for candle in candles]
    assert [later - earlier for earlier, later in zip(starts[1:], starts, strict=False)] == [900_000] * 3
    assert [candle[1] for candle in candles[:-1]] == [candle[4] for candle in candles[1:]]
    assert candles[0][4] == (await bench.control("GET", "/prices"))["spot"]["ETHUSDT"]["last"]
    since = (await bench.public("kline", **query, start=starts[-1], limit=2))["list"]
    assert [candle[0] for candle in since] == [candles[2][0], candles[3][0]]


async def test_what_is_not_traded_is_told(bench: Bench) -> None:
    """An unknown symbol or interval is refused; inverse and options are empty."""
    for path in ("tickers?category=spot&symbol=NO", "kline?category=spot&symbol=BTCUSDT&interval=7"):
        assert refusal(await bench.send("GET", f"/v5/market/{path}"))[0] == 10001
    for category in ("inverse", "option"):
        assert (await bench.public("instruments-info", category=category))["list"] == []
    sizes = [len((await bench.public("tickers", category=name))["list"]) for name in ("spot", "linear")]
    assert sizes == [12, 8]
    page = await bench.public("instruments-info", category="linear", limit=5)
    rest = await bench.public("instruments-info", category="linear", cursor=page["nextPageCursor"])
    assert (len(page["list"]), len(rest["list"]), rest["nextPageCursor"]) == (5, 3, "")


# -- what befalls an order ----------------------------------------------------------------------------------


async def test_an_order_may_be_accepted_and_not_show_yet(bench: Bench) -> None:
    """Done and in the ledger, but for five seconds neither found nor cancelled; its link id is taken."""
    await bench.control("POST", "/delays", {"seconds": 5})
    succeeded(await sending(bench, orderLinkId="late"))
    cancel = {"category": "spot", "symbol": "BTCUSDT", "orderLinkId": "late"}
    for ahead, seen in ((0, 0), (4.9, 0), (0.1, 1)):
        bench.clock.ahead += ahead
        assert len(await bench.read("order/realtime", category="spot", orderLinkId="late")) == seen
    succeeded(await bench.post("order/cancel", **cancel))
    assert refusal(await sending(bench, orderLinkId="late"))[0] == 170141
    await bench.order("spot", "Buy", "0.01", "48000", orderLinkId="prompt")
    assert len(await bench.read("order/realtime", category="spot")) == 1


@pytest.mark.parametrize("kind", ["lose_answer", "reset", "cut", "hang"])
async def test_the_ledger_knows_whether_an_order_came_in(bench: Bench, kind: str) -> None:
    """A lost or a cut answer belongs to an order that is there; a reset or a hang to none."""
    await bench.control("POST", "/faults/rules", {"kind": kind, "path": "order/create", "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await sending(bench, orderLinkId="mine")
    there = kind in ("lose_answer", "cut")
    assert [order["orderLinkId"] for order in await ledger(bench)] == ["mine"] * there
    assert (await sending(bench, orderLinkId="mine"))["retCode"] == (170141 if there else 0)
    assert len(await ledger(bench)) == 1


@pytest.mark.parametrize("work", [False, True])
async def test_a_refusal_can_be_ordered(bench: Bench, work: bool) -> None:
    """Any code once, in Bybit's words; with `work` the order came in all the same."""
    await bench.control("POST", "/refusals", {"code": 10000, "path": "order/create", "work": work})
    assert refusal(await sending(bench)) == (10000, "Server Timeout")
    assert len(await ledger(bench)) == work
    succeeded(await sending(bench))


async def test_what_comes_late_meets_the_window_of_time(bench: Bench) -> None:
    """An order that is under way for longer than its window is refused when it arrives."""
    for number, (under_way, orders) in enumerate(((5.0, 1), (5.1, 1))):
        bench.faults.set({"rules": [{"kind": "late", "path": "order/create", "seconds": 0.05}]})
        sent = asyncio.create_task(sending(bench, orderLinkId=f"id{number}"))
        while not bench.faults.snapshot()["rules"][0]["hits"]:
            await asyncio.sleep(0)
        bench.clock.ahead += under_way
        with pytest.raises(aiohttp.ClientError):
            await sent
        assert len(await ledger(bench)) == orders


async def test_http_errors_are_pages_and_not_answers(bench: Bench) -> None:
    """403 in plain words, 503 as a gateway's page, and a page with a 200."""
    page = {"kind": "answer", "body": "<html>", "content_type": "text/html"}
    for rule, status, text in (
        ({"kind": "status", "status": 403}, 403, "access too frequent"),
        ({"kind": "status", "status": 503}, 503, "503 Service Temporarily Unavailable"),
        (page, 200, "<html>"),
    ):
        await bench.control("POST", "/faults/rules", rule | {"times": 1})
        async with bench.client.get(f"{bench.url}/v5/market/time") as response:
            assert (response.status, response.content_type) == (status, "text/html")
            assert text in await response.text()


# -- counters, keeping, starting over -----------------------------------------------------------------------


async def test_calls_are_counted_by_path_and_code(bench: Bench) -> None:
    """Each that was carried out; zeroed on demand."""
    await bench.coins()
    await bench.coins()
    await bench.get("account/wallet-balance", accountType="FUND")
    counted = await bench.control("GET", "/calls")
    path = "/v5/account/wallet-balance"
    assert (counted["total"], counted["calls"], counted["codes"]) == (
        3,
        {path: 3},
        {path: {"0": 2, "10001": 1}},
    )
    assert (await bench.control("DELETE", "/calls"))["total"] == 0


async def test_the_ledger_tells_each_order_once_with_its_fills(bench: Bench) -> None:
    """Whose it is, when, how it ended and what it traded."""
    order = await bench.order("spot", "Buy", "0.01", orderLinkId="mine")
    (entry,) = await ledger(bench)
    (account,) = {key.uid for key in bench.world.keys.values() if key.key.startswith("SandboxTrader")}
    assert (entry["orderId"], entry["orderLinkId"], entry["account"]) == (order, "mine", account)
    (fill,) = entry["fills"]
    assert (fill["execPrice"], fill["execQty"], fill["feeCurrency"]) == ("50002.5", "0.01", "BTC")


async def test_the_exchange_survives_being_kept(bench: Bench) -> None:
    """What is dumped as JSON and loaded is the same exchange: open orders, link ids, positions and prices."""
    await bench.order("linear", "Buy", "0.1", orderLinkId="mine", stopLoss="49000")
    await bench.order("spot", "Buy", "0.01", "48000")
    kept = json.loads(json.dumps(bench.world.dump()))
    again = ExchangeWorld.load(kept, bench.clock)
    assert again.dump() == kept
    assert list(again.open) == list(bench.world.open)
    assert again.linked(100_001, "linear", "mine") == bench.world.linked(100_001, "linear", "mine")
    assert again.new_id() == bench.world.new_id()


async def test_starting_over_gives_back_coins_and_forgets_orders(bench: Bench) -> None:
    """Keys stay; an id is not given again."""
    before = await bench.order("linear", "Buy", "0.1", orderLinkId="mine")
    await bench.control("POST", "/reset")
    assert await ledger(bench) == []
    assert (await bench.coins())["USDT"]["walletBalance"] == "10000"
    await bench.price("50000")
    assert await bench.order("linear", "Buy", "0.1", orderLinkId="mine") != before
