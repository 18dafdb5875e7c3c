"""Keeps the inventory: reads the needed columns of the whole sheet, off the path of every request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import structlog

from bot.errors import PeerError, PeerRefused, SheetLayoutError
from bot.models.pool import Inventory, Pool
from bot.models.proxy import UnreadableProxy
from bot.models.results import RowProblem
from bot.models.sheet import Cell, Columns, find_columns, read_row
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention

log = structlog.get_logger(__name__)

FIRST_ROW = 2  # row 1 holds the headers
ROWS_PER_CALL = 25_000
ROWS_PER_SLICE = 500
SPARE_READS = 3
OVERDUE = 3
EVERY_NTH_READ = 10


class ColumnSource(Protocol):
    """The sheet, column by column."""

    async def read_header(self) -> list[Cell]: ...
    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]: ...


class SheetRefresh:
    """Fresh for `ttl` seconds, renewed behind the scenes, waited for only when it is older than `patience`."""

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
    ) -> None:
        self._source = source
        self._pool = pool
        self._pace = pace
        self._reading = reading
        self._clock = clock
        self._attention = attention
        self.ttl = ttl
        self._patience = patience
        self._columns: Columns | None = None
        self._running: asyncio.Task[None] | None = None
        self._granted_before = 0.0
        self.reads = 0

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
        """Whether the inventory is too old to be served while it is renewed."""
        age = self.age
        return age is None or age > self._patience

    async def ensure(self) -> None:
        """Return with an inventory that may be stale, but no older than the patience allows."""
        if self.must_wait:
            await self.refresh()
        elif self.is_stale:
            self._start().add_done_callback(_log_failure)

    async def refresh(self) -> None:
        """Read the sheet now; callers at the same time share one run. Raises PeerError, SheetLayoutError."""
        await asyncio.shield(self._start())

    async def tick(self) -> None:
        """For the scheduler: renew what is stale, if the pace has reads to spare."""
        age = self.age
        if age is not None and age <= self.ttl:
            return
        if self._pace.reads.available >= SPARE_READS or (self._is_overdue(age) and self._is_its_turn()):
            await asyncio.shield(self._start())

    def _is_overdue(self, age: float | None) -> bool:
        return age is None or age > OVERDUE * self.ttl

    def _is_its_turn(self) -> bool:
        """While people use up the reads, every tenth may be the refresh's."""
        return self._pace.reads.granted - self._granted_before >= EVERY_NTH_READ

    async def close(self) -> None:
        """End a run under way."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _start(self) -> asyncio.Task[None]:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="sheet-refresh")
        return self._running

    async def _run(self) -> None:
        begun = self._clock.time()
        self._pool.watch()
        try:
            inventory = await self._read_all(begun)
        except SheetLayoutError as error:
            self._attention.raise_("columns", str(error))
            raise
        self._pool.load(inventory, self._reading().today.toordinal())
        self._attention.clear("columns")

    async def _read_all(self, begun: float) -> Inventory:
        columns = self._columns or await self._find_columns()
        inventory = Inventory(columns, begun)
        first, more = FIRST_ROW, True
        while more:
            last = first + ROWS_PER_CALL - 1
            header, cells, more = await self._read_part(columns, first, last)
            now_at = find_columns(header, self._reading().aliases)
            if now_at != columns:
                self._columns = now_at
                return await self._read_all(begun)
            await self._add(inventory, columns, first, cells)
            first = last + 1
        self._columns = columns
        return inventory

    async def _find_columns(self) -> Columns:
        await self._paced_read()
        return find_columns(await self._source.read_header(), self._reading().aliases)

    async def _read_part(
        self, columns: Columns, first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        await self._paced_read()
        try:
            return await self._source.read_columns(columns.used, first, last)
        except PeerRefused as error:
            known, self._columns = self._columns, None
            if error.status != 400 or (first == FIRST_ROW and known is not None):
                raise  # a column may have gone past the grid's end: the next run looks for them again
            return await self._source.read_header(), [], False  # the grid ended exactly before this part

    async def _paced_read(self) -> None:
        self.reads += 1
        await self._pace.reads.acquire()
        self._granted_before = self._pace.reads.granted

    async def _add(self, inventory: Inventory, columns: Columns, first: int, cells: list[list[Cell]]) -> None:
        """Build rows in slices, so that the loop stays free."""
        reading = self._reading()
        for index, (number, row_cells) in enumerate(_rows(columns, first, cells), start=1):
            try:
                row = read_row(number, row_cells, columns, reading.today, reading.salt)
            except UnreadableProxy as error:
                inventory.problems.append(RowProblem(number, str(error)))
            else:
                if row is not None:
                    inventory.rows.append(row)
            if index % ROWS_PER_SLICE == 0:
                await asyncio.sleep(0)


def _rows(columns: Columns, first: int, cells: list[list[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
    """Rows out of columns: each as wide as the sheet, with only the needed cells filled."""
    used = columns.used
    width = used[-1] + 1
    for offset in range(max(map(len, cells), default=0)):
        row: list[Cell] = [None] * width
        for column, values in zip(used, cells, strict=True):
            if offset < len(values):
                row[column] = values[offset]
        yield first + offset, row


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and isinstance(error := task.exception(), PeerError | SheetLayoutError):
        log.info("refresh failed", error=str(error))
