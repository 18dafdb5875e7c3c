"""One contract for all public sources of prices, over real sockets: what they tell, and what their troubles mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from market_bench import EVERY, NOW, SHORT, Bench, local_prices

from bot.errors import KeyRefused, PeerBusy, PeerRefused, PeerUnavailable
from bot.models.price import Candle, Coin, Metal, Spot
from bot.settings.desks import COIN_SOURCES, METAL_SOURCES

NO_ANSWER: dict[str, dict[str, Any]] = {
    "503": {"kind": "status", "status": 503},
    "502 page": {"kind": "html"},
    "page with 200": {"kind": "answer", "body": "<html>hello</html>", "content_type": "text/html"},
    "reset": {"kind": "reset"},
    "cut off": {"kind": "cut"},
    "cut JSON": {"kind": "answer", "body": '{"retCode":0,"price":4392.0,"curr'},
    "nothing": {"kind": "answer", "body": ""},
    "empty list": {"kind": "answer", "body": []},
    "redirection": {"kind": "status", "status": 302},
}
REFUSALS = {
    404: PeerRefused,
    451: PeerRefused,
    401: KeyRefused,
}


@pytest.fixture
async def prices() -> AsyncIterator[Bench]:
    async with local_prices() as bench:
        yield bench


@pytest.mark.parametrize("name", METAL_SOURCES)
async def test_gold(prices: Bench, name: str) -> None:
    """Near what the others say, with source and time; only the future is called one."""
    spot: Spot = await prices.ask(name)
    assert (spot.metal, spot.source, spot.is_futures) == (Metal.GOLD, name, name == "yahoo")
    true = prices.world.snapshot()["XAU"]
    assert abs(spot.price / Decimal(true) - 1) < Decimal("0.02")
    assert NOW - 30 <= spot.at <= NOW


@pytest.mark.parametrize("name", ["gold-api", "swissquote", "yahoo"])
async def test_other_metals(prices: Bench, name: str) -> None:
    """Each under its own code, and not gold's price."""
    [source] = [source for source in prices.sources.spot if source.name == name]
    found = [await source.spot(metal) for metal in Metal]
    assert [spot.metal for spot in found] == list(Metal)
    assert len({spot.price for spot in found}) == 4


async def test_the_token_is_of_gold_only(prices: Bench) -> None:
    """It does not ask anybody for another metal."""
    [paxg] = [source for source in prices.sources.spot if source.name == "paxg"]
    with pytest.raises(PeerRefused):
        await paxg.spot(Metal.SILVER)
    assert prices.pace("paxg").turns == 0


@pytest.mark.parametrize("name", COIN_SOURCES)
async def test_coins(prices: Bench, name: str) -> None:
    """Bitcoin among them, with what this source tells; no pair that is no coin."""
    coins: list[Coin] = list(await prices.ask(name))
    bitcoin = next(coin for coin in coins if coin.symbol == "BTC")
    true = Decimal(prices.world.snapshot()["BTC"])
    assert bitcoin.source == name
    assert abs(bitcoin.price / true - 1) < Decimal("0.01")
    assert NOW - 60 <= bitcoin.at <= NOW
    assert (bitcoin.change_24h is None, bitcoin.volume is None) == (False, False)
    assert not {"BTCUP", "ETHBEAR", "BTC3L", "LUNA", "GONE", "ETHBTC"} & {coin.symbol for coin in coins}
    ranked = (bitcoin.rank, bitcoin.cap is not None, bitcoin.name)
    assert ranked == ((None, False, None) if name in ("binance", "bybit") else (1, True, "Bitcoin"))


async def test_candles(prices: Bench) -> None:
    """Oldest first, an hour apart, the newest begun within the hour; what Bybit does not know is refused."""
    candles: list[Candle] = list(await prices.ask("candles"))
    assert [candles[0].at + 3600 * number for number in range(24)] == [candle.at for candle in candles]
    assert 0 <= NOW - candles[-1].at < 3600
    [source] = prices.sources.candles
    for symbol, seconds in (("NOSUCH", 3600), ("BTC", 7), ("B&limit=1", 60)):
        with pytest.raises(PeerRefused):
            await source.candles(symbol, seconds, 24)


@pytest.mark.parametrize("name", EVERY)
async def test_no_whole_answer(prices: Bench, name: str) -> None:
    """The source is unavailable, whichever way; nothing is made up, and once it is well it is asked again."""
    for trouble, fault in NO_ANSWER.items():
        prices.strike(name, **fault)
        with pytest.raises(PeerUnavailable) as caught:
            await prices.ask(name)
        assert not isinstance(caught.value, PeerBusy), trouble
        prices.faults.clear()
        prices.feed(name).breaker.close()
    assert await prices.ask(name)


@pytest.mark.parametrize("name", EVERY)
async def test_a_storm_of_refusals_for_the_pace(prices: Bench, name: str) -> None:
    """429, 418 and 403 ask to slow down: it is left alone for as long as it says, and its health is no worse."""
    for status in (429, 418, 403):
        prices.strike(name, "status", status=status, retry_after=30)
        for _ in range(8):
            with pytest.raises(PeerBusy) as caught:
                await prices.ask(name)
            assert caught.value.retry_after == pytest.approx(30)
        assert prices.asked() == 1
        prices.faults.clear()
        prices.pace(name).wait = 0.0
    assert prices.pace(name).refusals == [30, 30, 30]
    assert (prices.feed(name).health.failures, prices.feed(name).health.is_away) == (0, False)
    assert await prices.ask(name)


@pytest.mark.parametrize("name", EVERY)
async def test_refusals(prices: Bench, name: str) -> None:
    """What it does not offer, here or to us, is no failure of the source's."""
    for status, error in REFUSALS.items():
        prices.strike(name, "status", status=status)
        with pytest.raises(error):
            await prices.ask(name)
        prices.faults.clear()
    assert prices.feed(name).health.failures == 0


async def test_sources_that_hang() -> None:
    """Each costs its time-out, all of them together no more, since none takes a connection from another."""
    async with local_prices(timeout=SHORT) as prices:
        prices.faults.add({"kind": "hang", "seconds": 30})
        began = time.monotonic()
        ended = await asyncio.gather(*(prices.ask(name) for name in EVERY), return_exceptions=True)
        assert time.monotonic() - began < 0.7 * len(EVERY) * SHORT
        assert [type(error) for error in ended] == [PeerUnavailable] * len(EVERY)
        assert {feed.health.failures for feed in prices.sources.feeds} == {1, 2}  # Bybit was asked twice


async def test_a_key_that_is_not_known() -> None:
    """CoinCap's refusal is about the key, and does not repeat it."""
    async with local_prices(coincap_key="WrongCoinCapKey00001") as prices:
        with pytest.raises(KeyRefused) as caught:
            await prices.ask("coincap")
    assert "WrongCoinCapKey" not in str(caught.value)
