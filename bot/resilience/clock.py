"""Time as a parameter: the real clock, and one that tests tick by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """Two readings and a wait; everything that knows of time takes one of these."""

    def time(self) -> float:
        """Seconds since the epoch: for what is stored or shown."""

    def monotonic(self) -> float:
        """Seconds that never jump: for durations and deadlines inside the process."""

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""


class SystemClock:
    """The machine's clock."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until `tick` moves it; sleepers wake in the order they are due."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), wake))
        await wake

    async def tick(self, seconds: float) -> None:
        """Move time on by `seconds`, waking every sleeper on the way at its own moment."""
        end = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)
            await _settle()
        self._now = end
        await _settle()


async def _settle() -> None:
    """Let every task that can run do so before time moves again."""
    for _ in range(20):
        await asyncio.sleep(0)
