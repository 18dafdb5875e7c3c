"""One commit, round by round: pace, read, decide, journal, write, judge, journal.

Every round begins with a new read. Two repair rounds put right what people moved between our read and our
write; a write that Google refuses is cut into halves until the culprits are found.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.errors import (
    OutcomeUnknown,
    PeerBusy,
    PeerRefused,
    PeerUnavailable,
    RowsRefused,
    SheetLayoutError,
    StorageError,
)
from bot.models.allocation import Allocation, State
from bot.models.commit import Ask, Plan, Verdict, begin, decide, judge
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.projection import Placed, restorations, texts
from bot.models.proxy import Endpoint
from bot.models.results import Reason
from bot.models.sheet import Cell, SheetRow, key_in
from bot.models.view import RawRows, Reading, View, make_view
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.doubts import Doubt, Doubts
from bot.services.tickets import Ticket

log = structlog.get_logger(__name__)

REPAIRS = 2
REFUSALS = 12
SPARE_SHARE = 5
SPARES_AT_LEAST = 2
JOURNAL_RETRY = 1.0
BLOCKED_PAUSE = 30.0


class Sheet(Protocol):
    """The sheet, row by row."""

    async def read_rows(self, rows: Sequence[int]) -> RawRows: ...
    async def write_cells(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows: ...
    async def read_column(self, column: int) -> list[Cell]: ...


class CommitJournal(Protocol):
    """What a commit writes down before and after the sheet."""

    async def begin(
        self, queued: Sequence[str], spares: Sequence[Allocation], endpoints: Mapping[str, Endpoint]
    ) -> set[str]: ...
    async def settle(self, outcome: Outcome) -> None: ...


@dataclass(slots=True)
class Job:
    """What one commit has to do. `fixes`: rows to project whatever stands there, with what we put there wrongly."""

    tickets: dict[int, Ticket]
    fixes: dict[int, Placed | None] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    retract: set[str] = field(default_factory=set)
    before: View | None = None
    placed: dict[int, Placed] = field(default_factory=dict)
    located: bool = False
    repairs: int = 0
    only: frozenset[str] | None = None

    @property
    def asks(self) -> list[Ask]:
        """The open asks, in queue order."""
        every = (ask for ticket in self.tickets.values() for ask in ticket.asks.values())
        return [ask for ask in every if self.only is None or ask.allocation.id in self.only]

    def look_again(self, doubt: Doubt) -> None:
        """Project the rows and keys of a write whose horizon has passed."""
        self.fixes.update(doubt.rows)
        self.keys |= doubt.keys
        self.retract |= doubt.ids

    def count(self, *, reads: int = 0, writes: int = 0) -> None:
        """Every ticket on board has used these calls."""
        for ticket in self.tickets.values():
            ticket.reads += reads
            ticket.writes += writes


@dataclass(frozen=True, slots=True)
class Postponed:
    """What a commit leaves behind: `held` requests wait for the end of a doubt; `again`: the rest after `pause`."""

    held: frozenset[int] = frozenset()
    again: bool = False
    pause: float = 0.0


@dataclass(slots=True)
class CommitCounts:
    """Since the start, for /stats: `rows` were carried by `commits`."""

    commits: int = 0
    rows: int = 0
    reads: int = 0
    writes: int = 0


class CommitRun:
    """Carries out commits, one after the other."""

    def __init__(
        self,
        sheet: Sheet,
        journal: CommitJournal,
        pool: Pool,
        doubts: Doubts,
        pace: ReadWritePace,
        reading: Callable[[], Reading],
        clock: Clock,
        new_id: Callable[[], str],
        attention: Attention,
        horizon: float,
    ) -> None:
        self._sheet = sheet
        self._journal = journal
        self._pool = pool
        self._doubts = doubts
        self._pace = pace
        self._reading = reading
        self._clock = clock
        self._new_id = new_id
        self._attention = attention
        self._horizon = horizon
        self._sent: set[str] = set()
        self.counts = CommitCounts()

    async def commit(self, job: Job) -> Postponed:
        """Bring every ask of the job to its end, as far as it can be brought now."""
        jobs, held, refusals = [job], set[int](), 0
        while jobs:
            current = jobs.pop()
            try:
                jobs.extend(await self._round(current, held))
            except _Refused as refused:
                refusals += 1
                jobs.extend(await self._divide(current, refused, refusals))
            except (PeerUnavailable, OutcomeUnknown) as error:
                return await self._postpone(job, Reason.SHEET_UNAVAILABLE, _pause(error))
            except (PeerRefused, SheetLayoutError) as error:
                self._attention.raise_("sheet", str(error))
                return await self._postpone(job, Reason.SHEET_REFUSED, BLOCKED_PAUSE, at_once=True)
            except StorageError as error:
                return self._abandon(job, error)
            if current.repairs > REPAIRS:
                self._attention.raise_("repair", "a row changes faster than it can be written")
                return Postponed(frozenset(held), again=True)
        return Postponed(frozenset(held))

    async def _round(self, job: Job, held: set[int]) -> list[Job]:
        """One read and at most one write; returns what is left to do."""
        await self._pace.read_and_write()
        reading, now = self._reading(), self._clock.monotonic()
        view = await self._read(job, reading)
        asks = [
            replace(ask, in_doubt=True) if self._doubts.covers(ask.allocation.key, now) else ask
            for ask in job.asks
        ]
        plan = decide(
            view, asks, self._spares(job), self._pool.ledger, reading.today.toordinal(), located=job.located
        )
        if plan.astray:
            self._pace.writes.give_back()
            await self._locate(job, view, reading)
            return [job]
        standing, again = await self._begin(plan, view, job)
        placed, cells = self._cells(job, view, plan, standing)
        after = view if not cells else await self._write(job, view, reading, placed, cells, plan, standing)
        verdict = judge(view, after, plan, standing, placed, self._pool.ledger.live)
        verdict.again.extend(again)
        await self._settle(job, verdict)
        held.update(ask.allocation.request for ask in verdict.held)
        return self._repair(job, verdict, view, placed)

    async def _read(self, job: Job, reading: Reading) -> View:
        """The rows of every ask, of the spares, and of what is to be put right."""
        try:
            raw = await self._sheet.read_rows(self._rows(job))
        except PeerRefused as error:
            if error.status != 400 or job.located:
                raise
            # A row that was there has gone past the end of the grid: look where everything is now.
            return await self._read_located(job, reading)
        finally:
            self._count(job, reads=1)
        view = make_view(raw, reading)
        self._pool.patch(view.rows.values())
        for ticket in job.tickets.values():
            ticket.read_at = self._clock.time()
        return view

    async def _read_located(self, job: Job, reading: Reading) -> View:
        header = await self._sheet.read_rows([])
        self._count(job, reads=1)
        await self._locate(job, make_view(header, reading), reading)
        return await self._read(job, reading)

    def _rows(self, job: Job) -> list[int]:
        wanted = set(job.fixes)
        for allocation in (ask.allocation for ask in job.asks):
            rows = self._pool.rows_of(allocation.key)
            wanted.update(row.number for row in rows)
            if not rows:
                wanted.add(allocation.row)
        for key in job.keys:
            wanted.update(row.number for row in self._pool.rows_of(key))
        for spares in self._spares(job).values():
            wanted.update(row.number for row in spares)
        return sorted(wanted)

    def _spares(self, job: Job) -> dict[str, list[SheetRow]]:
        """The next best for each resource, a fifth of what is asked and at least two."""
        wanted: dict[str, int] = {}
        for ask in job.asks:
            if ask.replaceable and not ask.is_leaving:
                wanted[ask.allocation.resource] = wanted.get(ask.allocation.resource, 0) + 1
        today = self._reading().today.toordinal()
        return {
            resource: list(
                itertools.islice(
                    self._pool.best(resource, self._clock.time(), today),
                    max(SPARES_AT_LEAST, math.ceil(count / SPARE_SHARE)),
                )
            )
            for resource, count in wanted.items()
        }

    async def _locate(self, job: Job, view: View, reading: Reading) -> None:
        """Look up where every proxy stands now, once a commit."""
        await self._pace.reads.acquire()
        column = await self._sheet.read_column(view.columns.proxy)
        self._count(job, reads=1)
        places: dict[str, list[int]] = {}
        for number, cell in enumerate(column, start=2):
            if cell is not None and (key := key_in(cell, reading.salt)):
                places.setdefault(key, []).append(number)
        self._pool.relocate(places)
        job.located = True

    async def _begin(self, plan: Plan, view: View, job: Job) -> tuple[list[Ask], list[Ask]]:
        """Journal `taking` for everybody before anything is sent."""
        spares = {ask.allocation.id: self._spare(ask.allocation, row) for ask, row in plan.swap}
        queued = [ask.allocation.id for ask in plan.take if ask.allocation.state is State.QUEUED]
        began = {ask.allocation.id for ask in plan.take if ask.allocation.state is State.TAKING}
        if queued or spares:
            endpoints = {row.key: row.endpoint for _, row in plan.swap}
            began |= await self._journal.begin(queued, list(spares.values()), endpoints)
        standing, again = begin(plan, began, spares)
        for ask in standing:
            self._pool.put(ask.allocation)
            job.tickets[ask.allocation.request].add([ask])
        return standing, again

    def _spare(self, lost: Allocation, row: SheetRow) -> Allocation:
        return replace(lost, id=self._new_id(), key=row.key, row=row.number, state=State.TAKING)

    def _cells(
        self, job: Job, view: View, plan: Plan, standing: Iterable[Ask]
    ) -> tuple[dict[int, Placed], dict[int, dict[int, Cell]]]:
        """What is to be written: the projected texts, and cells that an earlier round hit by mistake."""
        keys = dict.fromkeys(ask.allocation.key for ask in (*standing, *plan.leave, *plan.hold))
        keys.update(dict.fromkeys(sorted(job.keys)))
        keys.update(dict.fromkeys(view.rows[number].key for number in job.fixes if number in view.rows))
        placed = texts(
            view,
            keys,
            self._pool.ledger,
            leaving=plan.leaving,
            retract=job.retract - self._pool.ledger.live.keys(),
            misplaced={number: text for number, text in job.fixes.items() if text is not None},
            remembered=self._remembered,
        )
        cells: dict[int, dict[int, Cell]] = {
            number: {view.columns.issued: text.text} for number, text in placed.items()
        }
        if job.before is not None:
            for number, restored in restorations(job.before, job.placed, view).items():
                cells.setdefault(number, {}).update(restored)
        return placed, cells

    def _remembered(self, key: str) -> str:
        """What a proxy's `issued` cell held when it was last seen in its place."""
        rows = self._pool.rows_of(key)
        return rows[0].issued if rows else ""

    async def _write(
        self,
        job: Job,
        view: View,
        reading: Reading,
        placed: Mapping[int, Placed],
        cells: Mapping[int, Mapping[int, Cell]],
        plan: Plan,
        standing: Sequence[Ask],
    ) -> View:
        ids = {ask.allocation.id for ask in (*standing, *plan.leave, *plan.hold)}
        try:
            answer = await self._sheet.write_cells(cells)
        except OutcomeUnknown:
            self._sent |= ids
            self._doubts.add(self._doubt(placed, ids))
            raise
        except PeerRefused as error:
            if error.status in {400, 403}:
                raise _Refused(error, placed) from error
            raise
        finally:
            self._count(job, writes=1)
        self._sent |= ids
        self.counts.commits += 1
        self.counts.rows += len(cells)
        return view.with_answer(answer, reading)

    def _doubt(self, placed: Mapping[int, Placed], ids: set[str]) -> Doubt:
        keys = frozenset(text.key for text in placed.values() if text.key is not None)
        carried = ids | {entry.id for key in keys for entry in self._pool.ledger.of_proxy(key)}
        return Doubt(self._clock.monotonic() + self._horizon, dict(placed), keys, frozenset(carried))

    async def _settle(self, job: Job, verdict: Verdict) -> None:
        """Journal what was proved and answer whoever is complete."""
        outcome, changed = Outcome(), []
        for ask, row in verdict.taken:
            outcome.taken[ask.allocation.id] = row.number
            changed.append(ask.allocation.moved_to(State.TAKEN, row.number))
            job.tickets[ask.allocation.request].take(ask)
        for ask in verdict.left:
            self._leave(job, ask, outcome)
            changed.append(ask.allocation.moved_to(State.RELEASED))
        for ask in (*verdict.again, *verdict.held):
            _ticket(job, ask).add([ask])
        await self._journalled(job, outcome)
        for allocation in changed:
            self._pool.put(allocation)
            self._sent.discard(allocation.id)

    def _leave(self, job: Job, ask: Ask, outcome: Outcome) -> None:
        if ask.allocation.state is State.RELEASING:
            outcome.released.append(ask.allocation.id)
            _ticket(job, ask).release(ask)
        else:
            outcome.failed.append(ask.allocation.id)
            _ticket(job, ask).fail(ask, None if ask.replaced else ask.lost)

    async def _journalled(self, job: Job, outcome: Outcome) -> None:
        """The sheet has it already, so the journal must: try for as long as it takes."""
        complete = [ticket for ticket in job.tickets.values() if ticket.is_complete]
        outcome.settlements = {ticket.request: ticket.settlement() for ticket in complete}
        while not outcome.is_empty:
            try:
                await self._journal.settle(outcome)
                break
            except StorageError as error:
                log.warning("the journal cannot be written", error=str(error))
                self._attention.raise_("storage", str(error))
                await self._clock.sleep(JOURNAL_RETRY)
        for ticket in complete:
            if not ticket.settled.done():
                ticket.settled.set_result(outcome.settlements[ticket.request])

    def _repair(self, job: Job, verdict: Verdict, view: View, placed: dict[int, Placed]) -> list[Job]:
        if not verdict.needs_repair:
            return []
        job.repairs += 1
        job.fixes = {**verdict.misplaced}
        job.before, job.placed = (view, placed) if verdict.columns_moved else (None, {})
        job.located = job.located and not verdict.misplaced
        job.only = frozenset(ask.allocation.id for ask in verdict.again)
        return [job] if job.repairs <= REPAIRS else []

    async def _divide(self, job: Job, refused: _Refused, refusals: int) -> list[Job]:
        """Google refuses a whole write for one bad row: fail that row alone, found by name or by halves."""
        rows = sorted(refused.placed)
        bad = set(refused.rows) & set(rows)
        if len(rows) <= 1 or refusals >= REFUSALS:
            bad = set(rows)
        by_key = {text.key: number for number, text in refused.placed.items()}
        row_of = {ask.allocation.id: by_key.get(ask.allocation.key) for ask in job.asks}
        if bad:
            self._attention.raise_("refused", f"rows {sorted(bad)}: {refused.error.message}")
            await self._fail(
                job, [ask for ask in job.asks if row_of[ask.allocation.id] in bad], Reason.SHEET_REFUSED
            )
            parts = [{which for which, row in row_of.items() if row not in bad}]
        else:
            middle = rows[len(rows) // 2]
            lower = {which for which, row in row_of.items() if row is not None and row < middle}
            parts = [lower, row_of.keys() - lower]
        return [replace(job, only=frozenset(part), fixes={}, keys=set()) for part in parts if part]

    async def _postpone(
        self, job: Job, reason: Reason, pause: float = 0.0, *, at_once: bool = False
    ) -> Postponed:
        """Google does not do it now. What was never sent fails when its patience is over; the rest waits."""
        job.only = None
        now = self._clock.monotonic()
        unsent = [
            ask
            for ticket in job.tickets.values()
            if at_once or ticket.give_up_at <= now
            for ask in ticket.asks.values()
            if ask.allocation.id not in self._sent and not self._doubts.covers(ask.allocation.key, now)
        ]
        await self._fail(job, unsent, reason)
        return Postponed(again=True, pause=pause)

    async def _fail(self, job: Job, asks: Iterable[Ask], reason: Reason) -> None:
        """These are proven absent from the sheet; what was on its way out stays the user's."""
        outcome, changed = Outcome(), []
        for ask in asks:
            if ask.allocation.state is State.RELEASING:
                outcome.kept.append(ask.allocation.id)
                changed.append(ask.allocation.moved_to(State.TAKEN))
            else:
                outcome.failed.append(ask.allocation.id)
                changed.append(ask.allocation.moved_to(State.FAILED))
            _ticket(job, ask).fail(ask, None if ask.replaced else reason)
        await self._journalled(job, outcome)
        for allocation in changed:
            self._pool.put(allocation)

    def _abandon(self, job: Job, error: StorageError) -> Postponed:
        """The journal refused before anything was sent: nothing was done, and everybody is told so."""
        self._attention.raise_("storage", str(error))
        for ticket in job.tickets.values():
            if not ticket.settled.done():
                ticket.settled.set_exception(error)
        return Postponed(again=True)

    def _count(self, job: Job, *, reads: int = 0, writes: int = 0) -> None:
        job.count(reads=reads, writes=writes)
        self.counts.reads += reads
        self.counts.writes += writes


class _Refused(Exception):
    """Google refused the write as a whole; `placed` is what it held."""

    def __init__(self, error: PeerRefused, placed: Mapping[int, Placed]) -> None:
        super().__init__(str(error))
        self.error = error
        self.placed = placed
        self.rows = error.rows if isinstance(error, RowsRefused) else frozenset()


def _ticket(job: Job, ask: Ask) -> Ticket:
    """The ticket that carries the ask: of the request that releases it, else of the one that takes it."""
    release = ask.allocation.release_request
    if release is not None and release in job.tickets:
        return job.tickets[release]
    return job.tickets[ask.allocation.request]


def _pause(error: Exception) -> float:
    return error.retry_after or 0.0 if isinstance(error, PeerBusy) else 0.0
