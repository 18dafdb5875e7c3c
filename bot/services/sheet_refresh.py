"""Keeps the inventory fresh, off the path of every request, and serves the last one while Google is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.errors import PeerError, SheetLayoutError
from bot.models.pool import Inventory, Pool
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.outage import Outage
from bot.services.sheet_reading import ColumnSource, SheetReader

__all__ = ["ColumnSource", "SheetRefresh"]

log = structlog.get_logger(__name__)

SPARE_READS = 3
OVERDUE = 3
EVERY_NTH_READ = 10
PROBE_STEP = 1.0

AfterLoad = Callable[[Inventory | None, Inventory], Awaitable[None]]


class SheetRefresh:
    """Fresh for `ttl` seconds, renewed behind the scenes, waited for only when it is older than `patience`.

    While Google is away, the last inventory is served whatever its age, and a run of the refresh is a try.
    What stands in `after_load` is called with the former inventory and the new one, once that is in the pool,
    before the run ends; it must not ask for a refresh itself.

    It is no `AsyncCache`: the inventory is never wrong as a whole, since commits patch it in place, and a run that
    nobody waits for any more is not in vain.
    """

    def __init__(
        self,
        source: ColumnSource,
        pool: Pool,
        pace: ReadWritePace,
        reading: Callable[[], Reading],
        clock: Clock,
        attention: Attention,
        *,
        ttl: float,
        patience: float = 300.0,
        outage: Outage | None = None,
    ) -> None:
        self._reader = SheetReader(source, pace.reads, reading, clock)
        self._pool = pool
        self._pace = pace
        self._reading = reading
        self._clock = clock
        self._attention = attention
        self.ttl = ttl
        self._patience = patience
        self._outage = outage or Outage(clock)
        self._outage.on_end.append(self._catch_up)
        self.after_load: list[AfterLoad] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def reads(self) -> int:
        """Calls made so far."""
        return self._reader.reads

    @property
    def age(self) -> float | None:
        """Seconds since the inventory was read; None before the first time."""
        inventory = self._pool.inventory
        return None if inventory is None else max(0.0, self._clock.time() - inventory.read_at)

    @property
    def is_stale(self) -> bool:
        """Whether the inventory is older than its time, or not there yet."""
        age = self.age
        return age is None or age > self.ttl

    @property
    def must_wait(self) -> bool:
        """Whether the inventory is too old to be served while it is renewed; never while Google is away."""
        age = self.age
        return age is None or (age > self._patience and not self._outage.reads.is_open)

    async def ensure(self) -> None:
        """Return with an inventory that may be stale, but while Google answers no older than the patience."""
        if self.must_wait:
            await self.refresh()
        elif self.is_stale and not self._is_resting:
            self._start()

    async def refresh(self) -> None:
        """Read the sheet now; callers at the same time share one run. Raises PeerError, SheetLayoutError."""
        await asyncio.shield(self._start())

    async def tick(self) -> None:
        """For the scheduler: renew what is stale, if the pace has reads to spare; try whether Google is back."""
        if self._outage.reads.is_open:
            if not self._is_resting:
                await self.refresh()
        elif self.is_stale and (self._pace.reads.available >= SPARE_READS or self._is_its_turn()):
            await self.refresh()

    async def watch(self) -> None:
        """While Google is away, try again as soon as that is worth it. Runs until it is cancelled."""
        while True:
            await self._outage.wait_until_away()
            await self._clock.sleep(max(self._outage.reads.retry_in, PROBE_STEP))
            if self._outage.reads.is_open:
                with suppress(PeerError, SheetLayoutError):
                    await self.tick()

    async def close(self) -> None:
        """End a run under way."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    @property
    def _is_resting(self) -> bool:
        return self._outage.reads.retry_in > 0

    def _is_its_turn(self) -> bool:
        """While people use up the reads, every tenth may be the refresh's, once the inventory is overdue."""
        age = self.age
        overdue = age is None or age > OVERDUE * self.ttl
        return overdue and self._reader.granted_since >= EVERY_NTH_READ

    def _catch_up(self, _: float) -> None:
        """What people did in the sheet during the outage is not known yet."""
        self._start()

    def _start(self) -> asyncio.Task[None]:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="sheet-refresh")
            self._running.add_done_callback(_log_failure)  # there may be nobody who waits for it
        return self._running

    async def _run(self) -> None:
        former = self._pool.inventory
        self._pool.watch()
        try:
            inventory = await self._reader.read()
        except SheetLayoutError as error:
            self._attention.raise_("columns", str(error))
            raise
        for _ in self._pool.loading(inventory, self._reading().today.toordinal()):
            await asyncio.sleep(0)
        self._attention.clear("columns")
        for told in self.after_load:
            await _tell(told, former, inventory)
        for _ in self._pool.letting_go():
            await asyncio.sleep(0)


async def _tell(told: AfterLoad, former: Inventory | None, inventory: Inventory) -> None:
    try:
        await told(former, inventory)
    except Exception:  # the inventory is there, whatever somebody makes of it
        log.exception("what follows a refresh failed")


def _log_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if isinstance(error, PeerError | SheetLayoutError):
        log.info("refresh failed", error=str(error))
    elif error is not None:
        log.error("refresh failed unexpectedly", exc_info=error)
