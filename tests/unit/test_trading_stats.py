"""The trading desk's figures put together for /stats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.models.status import CacheFigures, CallFigures, DeskFigures, TradingFigures
from bot.resilience.clock import ManualClock
from bot.resilience.peer import PeerHealth
from bot.services.trading_stats import TradingStats

DESK = DeskFigures({"filled": 2}, (), 0, 3, Decimal(5), {}, {})
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


@dataclass
class Counts:
    since: list[float] = field(default_factory=list)

    async def figures(self, since: float) -> DeskFigures:
        self.since.append(since)
        return DESK


@dataclass(frozen=True)
class Pool:
    clients: int = 5
    in_use: int = 1


@dataclass(frozen=True)
class Cache:
    size: int = 40
    hits: int = 300
    misses: int = 100
    loads: int = 90
    stale: int = 3


async def test_every_part_is_asked_as_it_stands() -> None:
    """The day is the desk's; calls are those of each kind's health; caches go by the names they are given."""
    clock, counts = ManualClock(NOON), Counts()
    reads = PeerHealth("bybit (reads)", clock)
    with reads.call(failures=(OSError,)):
        await clock.tick(2)
    zone = ZoneInfo("Europe/Berlin")
    stats = TradingStats(counts, [reads], Pool, lambda: {"balances": Cache()}, clock, zone)
    assert TradingFigures(
        DESK, (CallFigures("bybit (reads)", 1, 0, 2.0, is_away=False),), clients=5, in_use=1
    ) == (await stats.collect())
    assert [datetime(2026, 11, 27, 23, tzinfo=UTC).timestamp()] == counts.since
    assert (CacheFigures("balances", 40, 300, 100, 90, 3),) == stats.caches()
