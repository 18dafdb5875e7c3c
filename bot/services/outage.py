"""Whether Google is away, for everybody who does something else meanwhile: told once when it begins, once when
it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.resilience.breaker import REST, THRESHOLD, Breaker
from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)

Listener = Callable[[float], None]


class Outage:
    """From the moment one of the two breakers opens until both are closed.

    Reads and writes have a breaker each, since one kind may fail alone. A try that fails is part of the same
    outage. The listeners in `on_begin` and `on_end` are called with `since`; they must not block or raise.
    """

    def __init__(self, clock: Clock, *, threshold: int = THRESHOLD, rest: float = REST) -> None:
        self._clock = clock
        self.reads = Breaker("reads", clock, threshold=threshold, rest=rest, on_change=self._changed)
        self.writes = Breaker("writes", clock, threshold=threshold, rest=rest, on_change=self._changed)
        self.since: float | None = None  # seconds since the epoch
        self.on_begin: list[Listener] = []
        self.on_end: list[Listener] = []
        self._is_away, self._is_back = asyncio.Event(), asyncio.Event()
        self._is_back.set()

    @property
    def away(self) -> bool:
        """Whether one of the breakers is open, or being tried."""
        return self.since is not None

    @property
    def retry_in(self) -> float:
        """Seconds until reading and writing may both be tried; 0 when they may be now."""
        return max(self.reads.retry_in, self.writes.retry_in)

    def resume(self, since: float) -> None:
        """A former process saw it begin, and nobody has seen it end."""
        self.since = since
        self._is_back.clear()
        self._is_away.set()

    def settle(self, *, idle: bool) -> None:
        """The sheet was read; `idle`: nothing waits to be written, so that nobody will find out by a write."""
        if idle and self.writes.is_open and self.writes.retry_in == 0:
            self.writes.close()
        if not self.reads.is_open and not self.writes.is_open:
            self._end()

    async def wait_until_away(self) -> None:
        """Return when an outage begins, at once while there is one."""
        await self._is_away.wait()

    async def wait_until_back(self) -> None:
        """Return when the outage is over, at once while there is none."""
        await self._is_back.wait()

    def _changed(self, _: bool) -> None:
        if self.reads.is_open or self.writes.is_open:
            self._begin()
        else:
            self._end()

    def _begin(self) -> None:
        if self.since is None:
            self.since = self._clock.time()
            self._is_back.clear()
            self._is_away.set()
            log.warning("the sheet is away")
            _tell(self.on_begin, self.since)

    def _end(self) -> None:
        if self.since is not None:
            since, self.since = self.since, None
            self._is_away.clear()
            self._is_back.set()
            log.info("the sheet is back", after_seconds=round(self._clock.time() - since))
            _tell(self.on_end, since)


def _tell(listeners: list[Listener], since: float) -> None:
    for listener in listeners:
        try:
            listener(since)
        except Exception:  # whoever made the call that changed things has no part in it
            log.exception("a listener failed")
