"""Past prices: noted as they come, thinner with age, and as many points of them as somebody can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from bot.models.price import Point
from bot.models.price_series import KEPT, step_for, whole_before
from bot.resilience.clock import Clock

MOST_SLICES = 2_000  # of one run
POINTS = 500


class HistoryStore(Protocol):
    """Where they are kept."""

    async def note(self, prices: Mapping[str, Decimal], at: float) -> None:
        """One price of each series for the minute of `at`; the last one wins."""

    async def points(self, series: str, since: float, step: int) -> Sequence[Point]:
        """The last price of each `step` seconds since then, at the end of its interval, the oldest first."""

    async def thin(self, fine: int, coarse: int, before: int) -> int:
        """Draw some intervals from before then together; 0 when there are none left."""


class PriceHistory:
    """A series is a metal's code or a ticker: XAU, BTC. Raises StorageError."""

    def __init__(self, store: HistoryStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, series: str, price: Decimal, at: float) -> None:
        """What it cost at that time (epoch seconds): one price a minute stays, the last."""
        await self._store.note({series: price}, at)

    async def note_all(self, prices: Mapping[str, Decimal], at: float) -> None:
        """The same for many series, in one go."""
        if prices:
            await self._store.note(prices, at)

    async def points(self, series: str, since: float, most: int = POINTS) -> list[Point]:
        """At most so many prices since then, evenly spread, the oldest first; each stands where its interval ends."""
        now = self._clock.time()
        found = await self._store.points(series, since, step_for(now - since, most))
        return [replace(point, at=min(point.at, now)) for point in found[-most:]]

    async def thin(self) -> int:
        """Draw together what is old enough, slice by slice: others write in between. Returns how many went."""
        now, gone = self._clock.time(), 0
        for fine, coarse, kept in KEPT:
            before = whole_before(now, coarse, kept)
            for _ in range(MOST_SLICES):
                if not (drawn := await self._store.thin(fine, coarse, before)):
                    break
                gone += drawn
        return gone
