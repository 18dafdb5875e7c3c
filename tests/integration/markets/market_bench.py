"""The local price sources, and our gateways to them, for the tests beside this file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.gateways.feed import Feed
from bot.gateways.market_sources import Sources, make_sources
from bot.models.price import Metal
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.settings.desks import COIN_SOURCES, METAL_SOURCES, MarketSettings
from sandbox.faults import Faults
from sandbox.prices.app import create_prices_app, prices_error_body
from sandbox.prices.coin_sources import COINCAP_KEY
from sandbox.prices.world import PricesWorld

NOW = 1_795_000_000.0
TIMEOUT = 5.0
SHORT = 0.25
PLACES = {"paxg": "kraken"}
EVERY = (*METAL_SOURCES, *COIN_SOURCES, "candles")


@dataclass
class FreePace:
    """A pace that lets all pass until a source wants to be left alone, and remembers what it was told."""

    delay: float = 0.0
    wait: float = 0.0
    turns: int = 0
    successes: int = 0
    refusals: list[float | None] = field(default_factory=list)

    async def turn(self) -> None:
        self.turns += 1

    def succeeded(self) -> None:
        self.successes += 1

    def refused(self, retry_after: float | None = None) -> None:
        self.refusals.append(retry_after)
        self.wait = retry_after or 0.0


def free_pace(*, delay: float, floor: float, ceiling: float) -> FreePace:
    """None that would be waited for."""
    return FreePace()


@dataclass
class Bench:
    """The sources' world and faults, and our gateways; `clock` is that of both."""

    world: PricesWorld
    faults: Faults
    clock: ManualClock
    sources: Sources

    def feed(self, name: str) -> Feed:
        """The way to a source."""
        [feed] = [feed for feed in self.sources.feeds if feed.name == _feed(name)]
        return feed

    def pace(self, name: str) -> FreePace:
        """Its pace."""
        pace = self.feed(name).pace
        assert isinstance(pace, FreePace)
        return pace

    def ask(self, name: str) -> Awaitable[Any]:
        """One call to a source: for gold, for its coins, or for candles."""
        return self._calls()[name]()

    def strike(self, name: str, kind: str, **more: Any) -> None:
        """Whoever asks that source meets a fault; the others do not."""
        place = PLACES.get(_feed(name), _feed(name))
        self.faults.add({"path": f"^/{place}/", "kind": kind} | more)

    def asked(self) -> int:
        """How many calls met a fault."""
        return sum(int(rule["hits"]) for rule in self.faults.snapshot()["rules"])

    def _calls(self) -> dict[str, Callable[[], Awaitable[Any]]]:
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "candles": lambda: self.sources.candles[0].candles("BTC", 3600, 24)
        }
        for metal in self.sources.spot:
            calls[metal.name] = lambda source=metal: source.spot(Metal.GOLD)
        for coin in self.sources.coins:
            calls[coin.name] = lambda source=coin: source.coins()
        return calls


def _feed(name: str) -> str:
    return "bybit" if name == "candles" else name


@asynccontextmanager
async def local_prices(*, timeout: float = TIMEOUT, **changed: Any) -> AsyncIterator[Bench]:
    """All sources, at a clock that stands still."""
    clock, supervisor = ManualClock(NOW), Supervisor()
    world, faults = PricesWorld(clock=clock.time), Faults(error_body=prices_error_body)
    server = TestServer(create_prices_app(world, faults))
    await server.start_server()
    settings = {
        "metal_sources": ",".join(METAL_SOURCES),
        "coin_sources": ",".join(COIN_SOURCES),
        "coincap_key": SecretStr(COINCAP_KEY),
        "prices_url": str(server.make_url("")).rstrip("/"),
        "source_timeout": f"{timeout}s",
    }
    markets = MarketSettings.model_validate(settings | changed)
    sources = make_sources(markets, "http://127.0.0.1:9", clock, supervisor, free_pace)
    try:
        yield Bench(world, faults, clock, sources)
    finally:
        await sources.close()
        await supervisor.close()
        await server.close()
