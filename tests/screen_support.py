"""A screener on sources in memory, by a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.errors import StorageError
from bot.models.price import Coin
from bot.models.screening import Screening
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.screener_service import Screener

D = Decimal


class MemorySource:
    """Lists `coins` by symbol; `seconds` pass before it answers; `failure` is raised instead while it stands there."""

    def __init__(self, name: str, clock: ManualClock, **prices: str) -> None:
        self.name = name
        self.clock = clock
        self.prices: dict[str, str] = prices
        self.more: list[Coin] = []
        self.figures: dict[str, Any] = {"volume": D(1000), "change_24h": D("0.01")}
        self.failure: Exception | None = None
        self.seconds = 0.0
        self.late = 0.0  # how old its prices are
        self.asked = 0

    async def coins(self) -> Sequence[Coin]:
        self.asked += 1
        await self.clock.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        at = self.clock.time() - self.late
        listed = [
            Coin(symbol, D(price), at, self.name, **self.figures) for symbol, price in self.prices.items()
        ]
        return [*listed, *self.more]


class MemoryKeeper:
    """Keeps a list; `full`: it cannot."""

    def __init__(self) -> None:
        self.kept: Screening | None = None
        self.saved = 0
        self.full = False

    async def load(self) -> Screening | None:
        return self.kept

    async def save(self, screening: Screening) -> None:
        if self.full:
            raise StorageError("no space left")
        self.kept, self.saved = screening, self.saved + 1


class ScreenBench:
    """Three sources, of which the first tells no cap."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.binance = MemorySource("binance", self.clock, BTC="61000", ETH="2500", DOGE="0.0812")
        self.paprika = MemorySource("coinpaprika", self.clock, BTC="61010", ETH="2501", XMR="150")
        self.gecko = MemorySource("coingecko", self.clock, BTC="60990", XMR="151")
        self.paprika.figures |= {"cap": D(9000), "rank": 1}
        self.keeper = MemoryKeeper()
        self.supervisor = Supervisor()
        self.screener = self.restarted()

    @property
    def sources(self) -> list[MemorySource]:
        return [self.binance, self.paprika, self.gecko]

    @property
    def asked(self) -> list[int]:
        """How often each source was asked."""
        return [source.asked for source in self.sources]

    def restarted(self) -> Screener:
        """As a new process has it."""
        self.screener = Screener(self.sources, self.keeper, self.clock, self.supervisor)
        return self.screener

    def fail(self, failure: Exception | None) -> None:
        """All of them."""
        for source in self.sources:
            source.failure = failure
