"""The trading desk's figures put together: the database, the exchanges, their clients, the caches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.models.status import CacheFigures, CallFigures, DeskFigures, TradingFigures
from bot.models.trade import period_starts
from bot.resilience.clock import Clock


class DeskCounts(Protocol):
    """What the database counts."""

    async def figures(self, since: float) -> DeskFigures: ...


class Calls(Protocol):
    """Calls of one kind to one exchange."""

    name: str
    calls: int
    failures: int

    @property
    def p95(self) -> float | None: ...
    @property
    def is_away(self) -> bool: ...


class Clients(Protocol):
    """The clients of all exchanges."""

    @property
    def clients(self) -> int: ...
    @property
    def in_use(self) -> int: ...


class Counted(Protocol):
    """What became of the requests to a cache."""

    @property
    def size(self) -> int: ...
    @property
    def hits(self) -> int: ...
    @property
    def misses(self) -> int: ...
    @property
    def loads(self) -> int: ...
    @property
    def stale(self) -> int: ...


class TradingStats:
    """Looks; changes nothing. `caches` tells them by the name they are shown with."""

    def __init__(
        self,
        desk: DeskCounts,
        calls: Sequence[Calls],
        clients: Callable[[], Clients],
        caches: Callable[[], Mapping[str, Counted]],
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._desk = desk
        self._calls = calls
        self._clients = clients
        self._caches = caches
        self._clock = clock
        self._zone = zone

    async def collect(self) -> TradingFigures:
        """The figures as of now; raises StorageError."""
        today, _, _ = period_starts(self._clock.time(), self._zone)
        clients = self._clients()
        return TradingFigures(
            desk=await self._desk.figures(today),
            calls=tuple(_calls(each) for each in self._calls),
            clients=clients.clients,
            in_use=clients.in_use,
        )

    def caches(self) -> tuple[CacheFigures, ...]:
        """One line a cache."""
        return tuple(_cache(name, counted) for name, counted in self._caches().items())


def _calls(each: Calls) -> CallFigures:
    return CallFigures(each.name, each.calls, each.failures, each.p95, each.is_away)


def _cache(name: str, counted: Counted) -> CacheFigures:
    return CacheFigures(name, counted.size, counted.hits, counted.misses, counted.loads, counted.stale)
