"""The one way to a source: its breaker, its pace, its health, and the settings that choose and order sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from market_bench import NOW, Bench, FreePace, free_pace, local_prices

from bot.errors import PeerBusy, PeerUnavailable
from bot.gateways.market_sources import make_sources
from bot.resilience.breaker import THRESHOLD
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.settings.desks import MarketSettings


@pytest.fixture
async def prices() -> AsyncIterator[Bench]:
    async with local_prices() as bench:
        yield bench


async def test_a_dead_source_is_left_alone_and_found_again(prices: Bench) -> None:
    """Five failures, then nothing is sent but one try a minute; another source is none the worse."""
    prices.strike("gold-api", "status", status=500)
    for _ in range(THRESHOLD + 10):
        with pytest.raises(PeerUnavailable):
            await prices.ask("gold-api")
    assert prices.asked() == THRESHOLD
    feed = prices.feed("gold-api")
    assert (feed.health.is_away, feed.retry_in) == (True, 60)
    assert await prices.ask("swissquote")
    prices.faults.clear()
    await prices.clock.tick(60)
    assert (await prices.ask("gold-api")).source == "gold-api"
    assert (feed.health.is_away, feed.last_good) == (False, NOW + 60)


async def test_one_call_tries_a_source_that_was_down(prices: Bench) -> None:
    """Of three that come at the same moment one is sent; the others are told at once."""
    feed = prices.feed("gold-api")
    prices.strike("gold-api", "reset", times=THRESHOLD)
    for _ in range(THRESHOLD):
        with pytest.raises(PeerUnavailable):
            await prices.ask("gold-api")
    await prices.clock.tick(60)
    found = await asyncio.gather(*(prices.ask("gold-api") for _ in range(3)), return_exceptions=True)
    assert [isinstance(each, PeerUnavailable) for each in found] == [False, True, True]
    assert feed.health.calls == THRESHOLD + 1


async def test_too_often_inside_an_answer_that_is_well(prices: Bench) -> None:
    """Kraken and Bybit say it with a 200: it is the same as a 429."""
    for name, body in (("paxg", {"error": ["EAPI:Rate limit exceeded"]}), ("candles", {"retCode": 10006})):
        prices.strike(name, "answer", body=body)
        with pytest.raises(PeerBusy):
            await prices.ask(name)
        assert prices.pace(name).refusals == [None]
        assert prices.feed(name).health.failures == 0


async def test_the_pace_hears_of_each_call(prices: Bench) -> None:
    """A turn each; successes and refusals for the pace, but not what a source does not have."""
    await prices.ask("yahoo")
    prices.strike("yahoo", "status", status=429, times=1)
    with pytest.raises(PeerBusy) as caught:
        await prices.ask("yahoo")
    assert caught.value.retry_after is None
    await prices.ask("yahoo")
    pace = prices.pace("yahoo")
    assert (pace.turns, pace.successes, pace.refusals) == (3, 2, [None])


async def test_a_wish_to_be_left_alone_is_obeyed(prices: Bench) -> None:
    """While it lasts nobody waits for a turn, and nothing is sent; a short wait is only a turn."""
    prices.strike("binance", "status", status=418, retry_after=90)
    with pytest.raises(PeerBusy):
        await prices.ask("binance")
    assert prices.feed("binance").retry_in == 90
    with pytest.raises(PeerBusy):
        await prices.ask("binance")
    assert (prices.pace("binance").turns, prices.asked()) == (1, 1)
    prices.pace("binance").wait = 1.5
    assert prices.feed("binance").retry_in == 0


async def test_an_odd_retry_after_is_none(prices: Bench) -> None:
    """A wait that cannot be read is left to the pace."""
    prices.strike("binance", "status", status=429, retry_after=0.5)
    with pytest.raises(PeerBusy) as caught:
        await prices.ask("binance")
    assert caught.value.retry_after is None


async def test_who_would_wait_too_long_for_a_turn_is_told(prices: Bench) -> None:
    """In a crowd after three seconds; nothing was sent, and it is no failure of the source's."""

    class Crowded(FreePace):
        async def turn(self) -> None:
            await prices.clock.sleep(60)

    feed = prices.feed("paxg")
    feed.pace = Crowded(wait=1)
    asking = asyncio.ensure_future(prices.ask("paxg"))
    await prices.clock.tick(2.9)
    assert not asking.done()
    await prices.clock.tick(0.1)
    with pytest.raises(PeerBusy) as caught:
        await asking
    assert caught.value.retry_after == 1
    assert (feed.health.calls, feed.longest) == (0, 8)


async def test_two_of_one_source_share_its_health(prices: Bench) -> None:
    """Bybit's coins and candles go one way: what one of them meets the other knows."""
    prices.strike("bybit", "reset")
    for name in ("bybit", "candles", "bybit", "candles", "bybit"):
        with pytest.raises(PeerUnavailable):
            await prices.ask(name)
    assert prices.feed("candles").health.is_away
    assert [feed.name for feed in prices.sources.feeds].count("bybit") == 1


def test_settings_choose_and_order() -> None:
    """Sources stand as the settings have them, at their own addresses unless there is a local world."""
    named = MarketSettings.model_validate(
        {"metal_sources": "paxg, gold-api", "coin_sources": "bybit, binance"}
    )
    sources = make_sources(named, "https://bybit.example", ManualClock(), Supervisor(), free_pace)
    assert [source.name for source in sources.spot] == ["paxg", "gold-api"]
    assert [source.name for source in sources.coins] == ["bybit", "binance"]
    assert [source.name for source in sources.candles] == ["bybit"]
    assert {feed.name: feed.url for feed in sources.feeds} == {
        "paxg": "https://api.kraken.com",
        "gold-api": "https://api.gold-api.com",
        "bybit": "https://bybit.example",
        "binance": "https://data-api.binance.vision",
    }


def test_a_local_world_has_all_of_them_below_one_address() -> None:
    """Each under its name, the token of gold under that of its exchange."""
    local = MarketSettings.model_validate(
        {"prices_url": "http://127.0.0.1:8094", "coin_sources": "coingecko"}
    )
    sources = make_sources(local, "https://bybit.example", ManualClock(), Supervisor(), free_pace)
    places = [feed.url.removeprefix("http://127.0.0.1:8094/") for feed in sources.feeds]
    assert places == ["gold-api", "swissquote", "yahoo", "kraken", "bybit", "coingecko"]


def test_nothing_is_connected_before_it_is_asked() -> None:
    """Making the sources opens no connection and starts no task."""
    sources = make_sources(MarketSettings(), "https://bybit.example", ManualClock(), Supervisor(), free_pace)
    assert [http.in_flight for http in sources.connections] == [0] * len(sources.feeds)
