"""The way to the twin sheet: delays, scripted faults, and what people do between a read and a write."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from math import inf
from typing import TypeVar

from memory_sheet import PEER, MemorySheet, Sight, entries

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.models.sheet import Cell
from bot.models.view import RawRows
from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.outage import Outage

T = TypeVar("T")

ONE_WAY = 0.05
TIMEOUT = 20.0
REPAIRED = 10.0
LATE = 150.0  # Google works on a call for up to 180 s


class Fault(StrEnum):
    """What becomes of one call. The last three are for writes: no answer comes, whatever was done."""

    UNAVAILABLE = "unavailable"
    BUSY = "busy"
    REFUSED = "refused"
    LOST = "no answer, not done"
    DONE = "no answer, done"
    LATE = "no answer, done later"


class Wire:
    """Calls under way to the sheet: they outlive the process that sent them."""

    def __init__(
        self, sheet: MemorySheet, clock: Clock, *, one_way: float = ONE_WAY, timeout: float = TIMEOUT
    ) -> None:
        self.sheet = sheet
        self.clock = clock
        self.one_way = one_way
        self.timeout = timeout
        self.read_faults: deque[Fault] = deque()
        self.write_faults: deque[Fault] = deque()
        self.before_read: deque[Callable[[], None]] = deque()  # one for each read
        self.before_write: deque[Callable[[], None]] = deque()
        self.moved_at = -inf
        self.read_at = -inf
        self.is_away = False
        self.reads_sent: list[float] = []
        self.writes_sent: list[float] = []
        self.under_way: set[asyncio.Task[RawRows | PeerError]] = set()

    def send(
        self, cells: Mapping[int, Mapping[int, Cell]], delay: float
    ) -> asyncio.Task[RawRows | PeerError]:
        """Have the write done after `delay` seconds, whether or not somebody still waits for it."""
        task = asyncio.create_task(self._deliver(cells, self.sheet.sights(), delay))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        return task

    def rows_moved(self) -> None:
        """A person has moved rows, perhaps under a write that was decided before."""
        self.moved_at = self.clock.monotonic()

    def is_steady(self) -> bool:
        """Whether no row has moved of late, or is about to: then what that spoilt is repaired, if it can be."""
        quiet = self.clock.monotonic() - self.moved_at > REPAIRED
        return quiet and not self.before_write and not self.under_way

    def is_unread(self) -> bool:
        """Whether nobody can be deciding upon what was just read."""
        return self.is_steady() and self.clock.monotonic() - self.read_at > REPAIRED

    def heal(self) -> None:
        """No more faults."""
        self.is_away = False
        self.read_faults.clear()
        self.write_faults.clear()
        self.before_read.clear()
        self.before_write.clear()

    async def _deliver(
        self, cells: Mapping[int, Mapping[int, Cell]], decided_upon: Mapping[int, Sight], delay: float
    ) -> RawRows | PeerError:
        await self.clock.sleep(delay)
        while self.before_write:
            self.before_write.popleft()()
            self.rows_moved()
        try:
            return self.sheet.write(cells, decided_upon)
        except PeerError as error:
            return error


class MemoryClient:
    """The twin of GoogleSheet, for one process."""

    def __init__(self, wire: Wire, pace: ReadWritePace, outage: Outage) -> None:
        self._wire = wire
        self._outage = outage
        self._sheet = wire.sheet
        self._pace = pace

    async def read_rows(self, rows: Sequence[int]) -> RawRows:
        """Row 1 and the given rows."""
        self._wire.read_at = self._wire.clock.monotonic()
        return await self._read_rows(lambda: self._sheet.rows(rows))

    async def read_all(self) -> RawRows:
        """Row 1 and every row below it."""
        self._wire.read_at = self._wire.clock.monotonic()
        return await self._read_rows(self._sheet.whole)

    async def write_cells(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows:
        """Fill the given cells; returns those rows and row 1 as they now are."""
        with self._call(self._outage.writes, self._wire.writes_sent):
            return await self._write(cells)

    async def _write(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows:
        fault = self._wire.write_faults.popleft() if self._wire.write_faults else None
        if self._wire.is_away and fault is None:
            raise await self._failed(Fault.UNAVAILABLE)
        if fault in {Fault.UNAVAILABLE, Fault.BUSY, Fault.REFUSED}:
            raise await self._failed(fault)
        if fault is not None:
            await self._unanswered(cells, fault)
        answer = await asyncio.shield(self._wire.send(cells, self._wire.one_way))
        await self._wire.clock.sleep(self._wire.one_way)
        self._pace.recovered()
        if isinstance(answer, PeerError):
            raise answer
        return answer

    async def read_column(self, column: int) -> tuple[list[Cell], list[Cell]]:
        """Row 1, and one whole column below it."""
        return await self._read(
            lambda: (self._sheet.header(), self._sheet.columns([column], 2, 1 << 30)[0][0])
        )

    async def read_header(self) -> list[Cell]:
        """Row 1."""
        return await self._read(self._sheet.header)

    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        """Row 1, columns from row `first` to `last`, and whether the grid may go on after that."""
        header, (cells, more) = await self._read(
            lambda: (self._sheet.header(), self._sheet.columns(columns, first, last))
        )
        ours = header.index(self._sheet.ours)
        seen = cells[list(columns).index(ours)] if ours in columns else []
        self._sheet.told({entry for cell in seen for entry in entries(cell)})
        return header, cells, more

    async def close(self) -> None:
        """Nothing is open."""

    async def _read_rows(self, look: Callable[[], RawRows]) -> RawRows:
        answer = await self._read(look)
        column = list(answer.header).index(self._sheet.ours)
        seen = [row[column] for row in answer.cells.values() if len(row) > column]
        self._sheet.told({entry for cell in seen for entry in entries(cell)})
        return answer

    async def _read(self, look: Callable[[], T]) -> T:
        with self._call(self._outage.reads, self._wire.reads_sent):
            return await self._answered(look)

    @contextmanager
    def _call(self, breaker: Breaker, sent: list[float]) -> Iterator[None]:
        try:
            with breaker.guard(failures=(PeerUnavailable, OutcomeUnknown), answers=(PeerRefused,)):
                sent.append(self._wire.clock.monotonic())
                yield
        except Resting as resting:
            raise PeerUnavailable(PEER, "resting after failures", resting.retry_in) from resting

    async def _answered(self, look: Callable[[], T]) -> T:
        fault = self._wire.read_faults.popleft() if self._wire.read_faults else None
        if self._wire.is_away and fault is None:
            fault = Fault.UNAVAILABLE
        if fault is not None:
            raise await self._failed(fault)
        await self._wire.clock.sleep(self._wire.one_way)
        if self._wire.before_read:
            self._wire.before_read.popleft()()
        answer = look()
        await self._wire.clock.sleep(self._wire.one_way)
        self._pace.recovered()
        return answer

    async def _unanswered(self, cells: Mapping[int, Mapping[int, Cell]], fault: Fault) -> None:
        if fault is not Fault.LOST:
            self._wire.send(cells, LATE if fault is Fault.LATE else self._wire.one_way)
        await self._wire.clock.sleep(self._wire.timeout)
        raise OutcomeUnknown(PEER, "no answer")

    async def _failed(self, fault: Fault) -> PeerError:
        await self._wire.clock.sleep(2 * self._wire.one_way)
        if fault is Fault.BUSY:
            self._pace.slow_down(None)
            return PeerBusy(PEER, "quota exceeded")
        if fault is Fault.REFUSED:
            return PeerRefused(PEER, 401, "the service account was not accepted")
        return PeerUnavailable(PEER, "no connection")
