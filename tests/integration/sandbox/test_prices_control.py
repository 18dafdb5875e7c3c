"""The control side of the local price sources: what things cost, what sources make of it, what they were asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from prices_bench import NOW, Bench, running_prices

from sandbox.exchange.instruments import INSTRUMENTS


@pytest.fixture
async def prices() -> AsyncIterator[Bench]:
    async with running_prices() as bench:
        yield bench


async def gold(prices: Bench) -> float:
    return float((await prices.get("/gold-api/price/XAU"))["price"])


async def test_a_price_is_held_and_let_go(prices: Bench) -> None:
    """For all sources, and for a coin at the exchange too, spot and perpetual."""
    before = await gold(prices)
    status, body = await prices.control("POST", "prices", {"symbol": "XAU", "price": "1000"})
    assert (status, body["XAU"], await gold(prices)) == (200, "1000", 1000.0)
    await prices.control("POST", "prices", {"symbol": "BTC", "price": "50000"})
    exchange = prices.world.exchange
    held = [exchange.quote(INSTRUMENTS[kind, "BTCUSDT"]).last for kind in ("spot", "linear")]
    assert held == [Decimal(50_000)] * 2
    await prices.control("POST", "prices", {"symbol": "XAU", "price": None})
    assert await gold(prices) == before


async def test_everything_stands_still(prices: Bench) -> None:
    """Prices and the times told with them, until they are let go."""
    await prices.control("POST", "prices", {"stopped": True})
    first = await prices.get("/binance/api/v3/ticker/24hr?symbol=AVAXUSDT&type=MINI")
    prices.clock.now += 3600
    assert await prices.get("/binance/api/v3/ticker/24hr?symbol=AVAXUSDT&type=MINI") == first
    await prices.control("POST", "prices", {"stopped": False})
    moved = await prices.get("/binance/api/v3/ticker/24hr?symbol=AVAXUSDT&type=MINI")
    assert (moved["closeTime"], moved["lastPrice"] != first["lastPrice"]) == ((NOW + 3600) * 1000, True)


async def test_a_source_lags_or_is_off(prices: Bench) -> None:
    """It alone: the time it tells is an old one, its price a thousandfold."""
    before = await gold(prices)
    skew = {"source": "swissquote", "behind": 7200, "factor": 1000}
    status, body = await prices.control("POST", "sources", skew)
    assert (status, body["swissquote"]) == (200, {"behind": 7200.0, "factor": "1000"})
    (first, _) = await prices.get("/swissquote/public-quotes/bboquotes/instrument/XAU/USD")
    assert first["ts"] == (NOW - 7200) * 1000
    assert first["spreadProfilePrices"][0]["bid"] / before == pytest.approx(1000, rel=0.02)
    assert await gold(prices) == before


async def test_faults_strike_one_source(prices: Bench) -> None:
    """By the name in its path; the others answer."""
    prices.faults.add({"kind": "status", "status": 429, "retry_after": 7, "path": "^/gold-api/"})
    assert (await prices.ask("/gold-api/price/XAU"))[0] == 429
    assert (await prices.ask("/kraken/0/public/Ticker?pair=PAXGUSD"))[0] == 200


async def test_calls_are_counted_by_source(prices: Bench) -> None:
    """And begin at zero again."""
    await prices.ask("/gold-api/price/XAU")
    await prices.ask("/gold-api/price/ZZZ")
    await prices.ask("/bybit/v5/market/time")
    _, counted = await prices.control("GET", "calls")
    assert counted["codes"] == {"gold-api": {"200": 1, "404": 1}, "bybit": {"200": 1}}
    assert (await prices.control("DELETE", "calls"))[1]["total"] == 0


async def test_a_reset_begins_anew(prices: Bench) -> None:
    """No held prices, no skews, no faults."""
    before = await gold(prices)
    await prices.control("POST", "prices", {"symbol": "XAU", "price": 1, "stopped": True})
    await prices.control("POST", "sources", {"source": "gold-api", "factor": 2})
    prices.faults.add({"kind": "html"})
    status, _ = await prices.control("POST", "reset")
    assert (status, await gold(prices)) == (200, before)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("prices", {"symbol": "ZZZ", "price": 1}),
        ("prices", {"symbol": "XAU", "price": "NaN"}),
        ("prices", {"symbol": "XAU", "price": 0}),
        ("prices", {"symbol": "XAU"}),
        ("prices", {"colour": "red"}),
        ("sources", {"source": "elsewhere"}),
        ("sources", {"source": "bybit", "factor": 2}),
        ("sources", {"source": "yahoo", "behind": -1}),
        ("sources", {"source": "yahoo", "factor": "inf"}),
        ("sources", []),
    ],
)
async def test_a_wrong_control_request_changes_nothing(prices: Bench, path: str, body: object) -> None:
    """It is refused with why."""
    before = prices.world.snapshot()
    status, answer = await prices.control("POST", path, body)
    assert (status, list(answer)) == (400, ["error"])
    assert prices.world.snapshot() == before


async def test_a_seed_is_a_market() -> None:
    """The same seed gives the same prices, another one others."""
    async with running_prices(1) as one, running_prices(1) as again, running_prices(2) as other:
        assert await gold(one) == await gold(again) != await gold(other)
