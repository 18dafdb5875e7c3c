"""Signs of life while something slow is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)

Step = tuple[float, Callable[[], Awaitable[object]]]


@asynccontextmanager
async def meanwhile(clock: Clock, *steps: Step) -> AsyncIterator[None]:
    """While the body waits, take each step once its seconds have passed.

    A step that has begun is let finish, so that no message it sends goes unnoticed. The work slot is lent out
    by whom the body waits for: a replayed request that rests too early counts as not asked for any more.
    """
    walk = _Walk(clock, steps)
    try:
        yield
    finally:
        await walk.end()


class _Walk:
    """The task that takes the steps."""

    def __init__(self, clock: Clock, steps: tuple[Step, ...]) -> None:
        self._clock = clock
        self._steps = steps
        self._ended = False
        self._idle = True
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        begun = self._clock.monotonic()
        for due, act in self._steps:
            await self._wait(begun + due - self._clock.monotonic())
            if not self._ended:
                await act()

    async def _wait(self, seconds: float) -> None:
        if seconds > 0 and not self._ended:
            self._idle = True
            await self._clock.sleep(seconds)
        self._idle = False

    async def end(self) -> None:
        self._ended = True
        if self._idle:
            self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (error := self._task.exception()):
            log.error("a sign of life failed", exc_info=error)
