"""What a commit reads: the rows it is about, all of them where there are no ids to look for, and where they went."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from bot.errors import PeerRefused
from bot.models.commit import Ask, Shelf
from bot.models.pool import Pool
from bot.models.proxy import login_of
from bot.models.sheet import Cell, Columns, SheetRow, find_columns, key_in
from bot.models.view import RawRows, Reading, View, make_view
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.commit_job import CommitCounts, Job
from bot.services.doubts import Doubts

SPARE_SHARE = 5
SPARES_AT_LEAST = 2


class SheetRows(Protocol):
    """The sheet, row by row, to be read."""

    async def read_rows(self, rows: Sequence[int]) -> RawRows: ...
    async def read_all(self) -> RawRows: ...
    async def read_column(self, column: int) -> tuple[Sequence[Cell], list[Cell]]: ...


class CommitReader:
    """Reads for one commit after the other; what it sees, the pool knows. `counts` is told of each read."""

    def __init__(
        self,
        sheet: SheetRows,
        pool: Pool,
        doubts: Doubts,
        pace: ReadWritePace,
        clock: Clock,
        counts: CommitCounts,
    ) -> None:
        self._sheet = sheet
        self._pool = pool
        self._doubts = doubts
        self._pace = pace
        self._clock = clock
        self._counts = counts

    async def read(self, job: Job, reading: Reading) -> View:
        """The rows of every ask, of the spares, and of what is to be put right."""
        if self.is_shared:
            return await self._read_all(job, reading)
        try:
            raw = await self._sheet.read_rows(self._rows(job, reading.today.toordinal()))
        except PeerRefused as error:
            if error.status != 400 or job.places is not None:
                raise
            # A row that was there has gone past the end of the grid: look where everything is now.
            return await self._read_located(job, reading)
        finally:
            self._counts.add(job, reads=1)
        view = make_view(raw, reading, self._former)
        if view.columns.shared:
            await self._pace.reads.acquire()
            return await self._read_all(job, reading)
        return self._seen(job, view)

    async def locate(self, job: Job, view: View, reading: Reading) -> int:
        """Look up where every proxy stands now, once a commit; returns the last row of the proxy column."""
        await self._pace.reads.acquire()
        header, column = await self._sheet.read_column(view.columns.proxy)
        self._counts.add(job, reads=1)
        if find_columns(header, reading.aliases, view.columns) != view.columns:
            job.repairs += 1  # what was read may be another column by now: it proves nothing
            return len(column) + 1
        places: dict[str, list[int]] = {}
        for number, cell in enumerate(column, start=2):
            if cell is not None and (key := key_in(cell, reading.salt, reading.known)):
                places.setdefault(key, []).append(number)
        self._pool.relocate(places, self._clock.time())
        job.places = places
        return len(column) + 1

    def spares(self, job: Job, today: int) -> dict[Shelf, list[SheetRow]]:
        """The next best of each kind that is asked for, a fifth of what is asked and at least two; for what is
        frozen as many again."""
        replaceable = [ask for ask in job.asks if ask.replaceable and not ask.is_leaving]
        wanted, frozen = Counter(ask.shelf for ask in replaceable), self._frozen(replaceable)
        now = self._clock.time()
        return {
            (resource, wish): list(
                itertools.islice(
                    self._pool.best(resource, now, today, wish),
                    max(SPARES_AT_LEAST, math.ceil(count / SPARE_SHARE)) + frozen[resource, wish],
                )
            )
            for (resource, wish), count in wanted.items()
        }

    def remembered(self, job: Job, key: str, now: View | None = None) -> str:
        """What a proxy's cell held when it was last seen in its place.

        By the pool; in people's column, where that has seen what we did there by mistake (as the view shows it
        `now`), or does not know the proxy: by what was read before the mistake.
        """
        if key in job.remembered:
            return job.remembered[key]
        views = [before for before, _ in job.strays if before.columns.shared]
        found = [self._pool.rows_of(key), *(before.at(key) for before in views)]
        texts = [rows[0].issued for rows in found if rows]
        spoilt = {row.issued for row in now.at(key)} if now is not None and views else set[str]()
        return next(
            (text for text in texts if text not in spoilt), texts[0] if texts else self._unknown(job, key)
        )

    def _unknown(self, job: Job, key: str) -> str:
        """Of a proxy that no reading has seen yet: as this commit has seen it, else under its former password."""
        if key in job.glimpsed:
            return job.glimpsed[key]
        found = [row.issued for row in self._pool.proxies() if login_of(row.key) == login_of(key)]
        return found[0] if len(found) == 1 else ""

    @property
    def is_shared(self) -> bool:
        """Whether there was no column of our own when the sheet was last read."""
        return self._former is not None and self._former.shared

    @property
    def _former(self) -> Columns | None:
        """The columns as they were last read."""
        return self._pool.inventory.columns if self._pool.inventory else None

    async def _read_all(self, job: Job, reading: Reading) -> View:
        """Every row: without ids that could be looked for, what stands where is only told by all of them."""
        self._freeze()
        try:
            view = make_view(await self._sheet.read_all(), reading, self._former)
        finally:
            self._counts.add(job, reads=1)
        job.places = view.places
        return self._seen(job, view)

    async def _read_located(self, job: Job, reading: Reading) -> View:
        await self._pace.reads.acquire()
        header = await self._sheet.read_rows([])
        self._counts.add(job, reads=1)
        last = await self.locate(job, make_view(header, reading, self._former), reading)
        job.fixes = {number: text for number, text in job.fixes.items() if number <= last}
        await self._pace.reads.acquire()
        return await self.read(job, reading)

    def _seen(self, job: Job, view: View) -> View:
        rows = (self._unspoilt(job, view, row) for row in view.rows.values())
        self._pool.patch(rows, self._clock.time())
        for row in view.rows.values():
            if not self._pool.rows_of(row.key):
                job.glimpsed.setdefault(row.key, row.issued)
        for ticket in job.tickets.values():
            ticket.read_at = self._clock.time()
        return view

    def _unspoilt(self, job: Job, view: View, row: SheetRow) -> SheetRow:
        """The row as it is to be remembered: without a text of ours that is another proxy's."""
        found = job.fixes.get(row.number)
        if found is None or found.key == row.key or found.text != row.issued:
            return row
        return row.rewritten(self.remembered(job, row.key, view))

    def _rows(self, job: Job, today: int) -> list[int]:
        wanted = set(job.fixes)
        for allocation in (ask.allocation for ask in job.asks):
            rows = self._places(job, allocation.key)
            wanted.update(rows if rows or job.places is not None else [allocation.row])
        spares = (row.key for rows in self.spares(job, today).values() for row in rows)
        for key in (*job.keys, *spares):
            wanted.update(self._places(job, key))
        return sorted(wanted)

    def _places(self, job: Job, key: str) -> Sequence[int]:
        if job.places is not None:
            return job.places.get(key, ())
        return [row.number for row in self._pool.rows_of(key)]

    def _freeze(self) -> None:
        """In people's column a late write brings back a whole cell as it was: offer those proxies to nobody."""
        for keys, seconds in self._doubts.frozen(self._clock.monotonic()):
            self._pool.bar(keys, self._clock.time() + seconds)

    def _frozen(self, asks: Iterable[Ask]) -> Counter[Shelf]:
        """How many of them were picked, by shelf, before somebody knew that their proxy is frozen."""
        if not self.is_shared:
            return Counter()
        now = self._clock.monotonic()
        return Counter(ask.shelf for ask in asks if self._doubts.covers(ask.allocation.key, now))
