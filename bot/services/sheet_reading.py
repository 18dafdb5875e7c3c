"""Reads the whole sheet into an inventory: the needed columns only, in parts, objects built in slices."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from bot.errors import PeerRefused
from bot.models.entries import ids_in
from bot.models.pool import Inventory
from bot.models.proxy import UnreadableProxy
from bot.models.results import RowProblem
from bot.models.sheet import Cell, Columns, cell_at, find_columns, text
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import TokenBucket

FIRST_ROW = 2  # row 1 holds the headers
ROWS_PER_CALL = 25_000
ROWS_PER_SLICE = 200
MARK_BYTES = 8


class ColumnSource(Protocol):
    """The sheet, column by column."""

    async def read_header(self) -> list[Cell]: ...
    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]: ...


class SheetReader:
    """Reads inventories, one after the other; it remembers where the columns were. `reads` counts its calls."""

    def __init__(
        self, source: ColumnSource, pace: TokenBucket, reading: Callable[[], Reading], clock: Clock
    ) -> None:
        self._source = source
        self._pace = pace
        self._reading = reading
        self._clock = clock
        self._columns: Columns | None = None
        self._granted_before = 0.0
        self.reads = 0

    @property
    def granted_since(self) -> float:
        """Reads that others were granted since our last one."""
        return self._pace.granted - self._granted_before

    async def read(self) -> Inventory:
        """The sheet as it is from now on. Raises PeerError, SheetLayoutError."""
        return await self._read_all(self._clock.time())

    async def _read_all(self, begun: float) -> Inventory:
        columns = self._columns or await self._find_columns()
        inventory = Inventory(columns, begun)
        first, more = FIRST_ROW, True
        while more:
            last = first + ROWS_PER_CALL - 1
            header, cells, more = await self._read_part(columns, first, last)
            now_at = find_columns(header, self._reading().aliases, columns)
            if now_at != columns:
                self._columns = now_at
                return await self._read_all(begun)
            await self._add(inventory, first, cells)
            first = last + 1
        self._columns = columns
        self._reading().known.all_read()
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
            await self._paced_read()
            return await self._source.read_header(), [], False  # the grid ended exactly before this part

    async def _paced_read(self) -> None:
        self.reads += 1
        await self._pace.acquire()
        self._granted_before = self._pace.granted

    async def _add(self, inventory: Inventory, first: int, cells: list[list[Cell]]) -> None:
        """Build rows in slices, so that the loop stays free."""
        reading = self._reading()
        for index, (number, row_cells) in enumerate(_rows(inventory.columns, first, cells), start=1):
            _add_row(inventory, number, row_cells, reading)
            if index % ROWS_PER_SLICE == 0:
                await asyncio.sleep(0)


def _add_row(inventory: Inventory, number: int, cells: list[Cell], reading: Reading) -> None:
    issued = cell_at(cells, inventory.columns.issued)
    if isinstance(issued, str) and "#" in issued:
        for entry_id in ids_in(issued):
            inventory.entries.setdefault(entry_id, []).append(number)
    try:
        row = reading.row(number, cells, inventory.columns)
    except UnreadableProxy as error:
        mark = _mark(cell_at(cells, inventory.columns.proxy), reading.salt)
        inventory.problems.append(RowProblem(number, str(error), mark))
    else:
        if row is not None:
            inventory.rows.append(row)
            reading.known.keep(text(cell_at(cells, inventory.columns.proxy)), row)


def _mark(cell: Cell, salt: bytes) -> str:
    """Tells an unreadable cell from another, and nothing of what it holds (keyed BLAKE2b, RFC 7693)."""
    return hashlib.blake2b(
        text(cell).encode(errors="surrogatepass"), key=salt, digest_size=MARK_BYTES
    ).hexdigest()


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
