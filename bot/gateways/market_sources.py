"""All public sources of prices that the settings name, in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from bot.gateways.crypto.sources import Binance, BybitMarket, CoinCap, CoinGecko, CoinPaprika
from bot.gateways.feed import Feed, Pace
from bot.gateways.http_client import HttpClient
from bot.gateways.metals.sources import GoldApi, Paxg, Swissquote, Yahoo
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor
from bot.resilience.timings import Timings
from bot.services.price_sources import CandleSource, CoinSource, SpotSource
from bot.settings.desks import MarketSettings

CONNECTIONS = 4
SLOWEST = 60.0  # seconds between two calls to a source that refuses
# Seconds between two calls: to begin with, and at the least.
PACES: Mapping[str, tuple[float, float]] = {
    "gold-api": (0.1, 0.05),
    "swissquote": (0.2, 0.1),
    "yahoo": (0.5, 0.25),
    "paxg": (1.0, 1.0),
    "binance": (1.0, 1.0),
    "coinpaprika": (1.0, 1.0),
    "coingecko": (2.0, 2.0),
    "coincap": (1.0, 1.0),
    "bybit": (0.05, 0.02),
}
LOCAL_PLACES = {"paxg": "kraken"}  # the others are found under their own names in a local world


class NewPace(Protocol):
    """Makes the pace of a source; in seconds between two calls: to begin with, at the least, at the most."""

    def __call__(self, *, delay: float, floor: float, ceiling: float) -> Pace:
        """One that has learned nothing yet."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources by what they tell, the first asked first; `feeds` are the ways to all of them, each once."""

    spot: Sequence[SpotSource]
    coins: Sequence[CoinSource]
    candles: Sequence[CandleSource]
    feeds: Sequence[Feed]
    connections: Sequence[HttpClient]

    async def close(self) -> None:
        """Let go of all connections."""
        await asyncio.gather(*(http.close() for http in self.connections))


class Feeds:
    """Makes the ways to sources, each with connections of its own: below one address where there is a local world."""

    def __init__(
        self,
        markets: MarketSettings,
        clock: Clock,
        supervisor: Supervisor,
        new_pace: NewPace,
        timings: Timings | None = None,
    ) -> None:
        self.made: list[Feed] = []
        self.connections: list[HttpClient] = []
        self._local_url = markets.prices_url
        self._timeout = markets.source_timeout
        self._clock = clock
        self._supervisor = supervisor
        self._new_pace = new_pace
        self._timings = timings

    def to(self, name: str, url: str) -> Feed:
        """The way to one source; `url` is where it is when there is no local world."""
        http = HttpClient(self._supervisor, timeout=self._timeout, connections=CONNECTIONS)
        delay, floor = PACES[name]
        pace = self._new_pace(delay=delay, floor=floor, ceiling=SLOWEST)
        place = f"{self._local_url}/{LOCAL_PLACES.get(name, name)}" if self._local_url else url
        feed = Feed(name, place, http, self._clock, pace, timeout=self._timeout, timings=self._timings)
        self.connections.append(http)
        self.made.append(feed)
        return feed


def make_sources(
    markets: MarketSettings,
    bybit_url: str,
    clock: Clock,
    supervisor: Supervisor,
    new_pace: NewPace,
    timings: Timings | None = None,
) -> Sources:
    """The sources of the settings, and Bybit for candles. Nothing is connected before the first call."""
    feeds = Feeds(markets, clock, supervisor, new_pace, timings)
    spot = [_spot(name, feeds, clock) for name in markets.metal_sources]
    bybit = BybitMarket(feeds.to(BybitMarket.name, bybit_url))
    coins = [
        bybit if name == bybit.name else _coins(name, feeds, markets.coincap_key)
        for name in markets.coin_sources
    ]
    return Sources(spot, coins, [bybit], feeds.made, feeds.connections)


def _spot(name: str, feeds: Feeds, clock: Clock) -> SpotSource:
    if name == Paxg.name:
        return Paxg(feeds.to(Paxg.name, Paxg.url), clock)
    [kind] = [kind for kind in (GoldApi, Swissquote, Yahoo) if kind.name == name]
    return kind(feeds.to(name, kind.url))


def _coins(name: str, feeds: Feeds, coincap_key: SecretStr | None) -> CoinSource:
    if name == CoinCap.name:
        return CoinCap(feeds.to(name, CoinCap.url), coincap_key or SecretStr(""))
    [kind] = [kind for kind in (Binance, CoinPaprika, CoinGecko) if kind.name == name]
    return kind(feeds.to(name, kind.url))
