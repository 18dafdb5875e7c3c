"""One commit, round by round: pace, read, decide, journal, write, judge, journal.

Every round begins with a new read. Two repair rounds put right what people moved between our read and our
write; a write that Google refuses is cut into halves until the culprits are found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import structlog

from bot.errors import (
    OutcomeUnknown,
    PeerRefused,
    PeerUnavailable,
    RowsRefused,
    SheetLayoutError,
    StorageError,
)
from bot.models.allocation import Allocation, State
from bot.models.commit import Ask, Plan, Verdict, begin, decide, judge
from bot.models.entries import entry_ids
from bot.models.pool import Pool
from bot.models.projection import Placed, cleared, displaced, restorations, texts, with_originals
from bot.models.proxy import Endpoint
from bot.models.results import Reason
from bot.models.sheet import Cell, SheetRow
from bot.models.view import RawRows, Reading, View
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.commit_job import CommitCounts, Job, Postponed, texts_of
from bot.services.commit_reading import CommitReader, SheetRows
from bot.services.doubts import Doubt, Doubts
from bot.services.settling import OutcomeJournal, Settling

log = structlog.get_logger(__name__)

REPAIRS = 2
REFUSALS = 12
BLOCKED_PAUSE = 30.0
PEER = "Google Sheets"
BARRED_FOR = 600.0


class Sheet(SheetRows, Protocol):
    """The sheet, row by row."""

    async def write_cells(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows: ...


class CommitJournal(OutcomeJournal, Protocol):
    """What a commit writes down before and after the sheet."""

    async def begin(
        self,
        queued: Sequence[str],
        spares: Mapping[str, Allocation],
        endpoints: Mapping[str, Endpoint],
    ) -> set[str]: ...
    async def note_doubts(self, since: float | None) -> None: ...
    async def end_run(self) -> None: ...


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
        self._settling = Settling(journal, pool, clock, attention)
        self._noted: float | None = math.nan
        self.counts = CommitCounts()
        self._reader = CommitReader(sheet, pool, doubts, pace, clock, self.counts)

    @property
    def pace(self) -> ReadWritePace:
        """How often the sheet may be read and written."""
        return self._pace

    async def commit(self, job: Job) -> Postponed:
        """Bring every ask of the job to its end, as far as it can be brought now."""
        jobs, held = [job], set[int]()
        try:
            await self._rounds(jobs, held)
        except (PeerUnavailable, OutcomeUnknown) as error:
            postponed = await self._postpone(job, Reason.SHEET_UNAVAILABLE, _pause(error))
        except (PeerRefused, SheetLayoutError) as error:
            self._attention.raise_("columns" if isinstance(error, SheetLayoutError) else "sheet", str(error))
            postponed = await self._postpone(job, Reason.SHEET_REFUSED, BLOCKED_PAUSE, at_once=True)
        except StorageError as error:
            postponed = self._abandon(job, error)
        except _Restless:
            self._attention.raise_("repair", "a row changes faster than it can be written")
            postponed = Postponed(again=True)
        else:
            for topic in ("columns", "sheet", "storage", "repair"):
                self._attention.clear(topic)
            return Postponed(frozenset(held))
        self._note_misplaced(jobs)
        return postponed

    async def end(self) -> None:
        """The last commit is over; whoever comes next may know whether anything is still under way."""
        if self._doubts.since is None:
            with suppress(StorageError):
                await self._journal.end_run()

    async def note_doubts(self) -> None:
        """Whoever comes after a crash has to know since when writes are in doubt."""
        if (since := self._doubts.since) != self._noted:
            try:
                await self._journal.note_doubts(since)
            except StorageError as error:
                log.warning("the journal cannot be written", error=str(error))
            else:
                self._noted = since

    async def _rounds(self, jobs: list[Job], held: set[int]) -> None:
        """Round by round until nothing is left; at an error, `jobs` holds what was not done."""
        refusals = 0
        while jobs:
            current = jobs[-1]
            try:
                jobs[-1:] = await self._round(current, held)
            except _Refused as refused:
                refusals += 1
                jobs[-1:] = await self._divide(current, refused, held, last=refusals >= REFUSALS)
            if current.repairs > REPAIRS:
                raise _Restless
        if not refusals:
            self._attention.clear("refused")

    def _note_misplaced(self, jobs: Iterable[Job]) -> None:
        """What a write hit by mistake and no round has put right yet is for the next commit."""
        now = self._clock.monotonic()
        for job in jobs:
            if job.repairs:
                for before, placed in [(None, texts_of(job.fixes)), *job.strays]:
                    nothing = frozenset[str]()
                    self._doubts.add(Doubt(now, placed, nothing, nothing, before, remembered=job.remembered))

    async def _round(self, job: Job, held: set[int]) -> list[Job]:
        """One read and at most one write; returns what is left to do."""
        wait = self._pace.wait()
        if wait > 0 and job.soonest_end <= self._clock.monotonic() + wait:
            raise PeerUnavailable(PEER, "its pace is used up", wait)  # somebody's patience ends before that
        await self._pace.read_and_write()
        reading, now = self._reading(), self._clock.monotonic()
        aboard = job.asks
        view = await self._reader.read(job, reading)
        await job.journalled()
        self._thaw(view, now)
        asks = [self._weighed(ask, view, now) for ask in aboard if job.carries(ask)]
        today = reading.today.toordinal()
        spares, ledger = self._reader.spares(job, today), self._pool.ledger
        plan = decide(view, asks, spares, ledger, today, located=job.places, barred=job.barred)
        if plan.astray or job.has_lost(view):
            self._pace.writes.give_back()
            job.fixes.update(_strayed(plan.astray, view, job))
            job.repairs += job.places is not None  # found a moment ago, and moved again
            await self._reader.locate(job, view, reading)
            return [job]
        standing, again = await self._begin(plan, view, job)
        placed, cells = self._cells(job, view, plan, standing)
        if cells:
            after = await self._write(job, view, reading, placed, cells, plan, standing)
        else:
            after = view
            self._pace.writes.give_back()
        verdict = judge(view, after, plan, standing, placed, self._pool.ledger.live)
        verdict.again.extend(again)
        giving = (ask.allocation for ask in verdict.left if ask.allocation.state is State.RELEASING)
        self._doubts.ended.update(one.id for one in giving)
        await self._settling.settle(job, verdict)
        if not verdict.columns_moved:
            right = placed.keys() - verdict.misplaced.keys()
            seen = (after.rows[number] for number in right if number in after.rows)
            self._pool.patch(seen, self._clock.time())
        held.update(job.ticket_of(ask).request for ask in verdict.held)
        return self._repair(job, verdict, view, after, placed)

    def _weighed(self, ask: Ask, view: View, now: float) -> Ask:
        one = ask.allocation
        in_doubt = self._doubts.covers(one.key, now)
        sent = view.columns.shared and self._is_sent(one)
        unchanged = (ask.in_doubt, ask.sent) == (in_doubt, sent)
        return ask if unchanged else replace(ask, in_doubt=in_doubt, sent=sent)

    def _is_sent(self, one: Allocation) -> bool:
        """Whether what stands in people's column may be its; a write that Google refused has left nothing there."""
        if one.state is State.TAKING:
            return one.id in self._settling.sent or self._doubts.carries(one.id)
        return one.state is not State.QUEUED

    def _thaw(self, view: View, now: float) -> None:
        """A write that the sheet shows cannot come late any more."""
        if view.columns.shared:
            for doubt in self._doubts.landed(view, now):
                self._pool.bar(doubt.keys, 0.0)

    async def _begin(self, plan: Plan, view: View, job: Job) -> tuple[list[Ask], list[Ask]]:
        """Journal `taking` for everybody before anything is sent."""
        spares = {
            ask.allocation.id: self._spare(ask.allocation, row, promised=job.ticket_of(ask).promised)
            for ask, row in plan.swap
        }
        queued = [ask.allocation.id for ask in plan.take if ask.allocation.state is State.QUEUED]
        began = {ask.allocation.id for ask in plan.take if ask.allocation.state is State.TAKING}
        if queued or spares:
            endpoints = {row.key: row.endpoint for _, row in plan.swap}
            began |= await self._journal.begin(queued, spares, endpoints)
        standing, again = begin(plan, began, spares)
        for ask in standing:
            self._pool.put(self._as_promised(ask.allocation))
            job.tickets[ask.allocation.request].add([ask])
        for ask in plan.leave:  # what is lost stays lost, or a repetition would look for a second spare
            job.ticket_of(ask).add([ask])
        return standing, again

    def _as_promised(self, one: Allocation) -> Allocation:
        """It may have been handed out early since it was asked for."""
        known = self._pool.ledger.get(one.id)
        return replace(one, promised=True) if known is not None and known.promised else one

    def _spare(self, lost: Allocation, row: SheetRow, *, promised: bool) -> Allocation:
        return replace(
            lost, id=self._new_id(), key=row.key, row=row.number, state=State.TAKING, promised=promised
        )

    def _cells(
        self, job: Job, view: View, plan: Plan, standing: Iterable[Ask]
    ) -> tuple[dict[int, Placed], dict[int, dict[int, Cell]]]:
        """What is to be written: the projected texts, and cells that an earlier round hit by mistake."""
        keys = dict.fromkeys(ask.allocation.key for ask in (*standing, *plan.leave, *plan.hold))
        keys.update(dict.fromkeys(sorted(job.keys)))
        keys.update(dict.fromkeys(view.rows[number].key for number in job.fixes if number in view.rows))
        misplaced: Mapping[int, Placed] = texts_of(job.fixes)
        for before, _ in job.strays:
            misplaced = with_originals(misplaced, before, view)
        placed = texts(
            view,
            keys,
            self._pool.ledger,
            leaving=plan.leaving,
            sent=plan.sent,
            retract=job.retract - self._pool.ledger.live.keys(),
            due=job.due,
            misplaced=misplaced,
            remembered=lambda key: self._reader.remembered(job, key, view),
        )
        written = {text.key for text in placed.values()}
        self._doubts.refused.difference_update(key for key in keys if view.at(key) and key not in written)
        live = self._pool.ledger.live
        homeless = {each for each in job.retract if each not in live or self._pool.rows_of(live[each].key)}
        placed = cleared(view, job.fixes, homeless) | placed
        away = displaced(view, placed, keys, live)  # what is taken out here is due elsewhere
        away |= {key for key in job.keys if key in (job.places or ()) and not view.at(key)}  # moved again
        if away:
            self._doubts.add(Doubt(self._clock.monotonic(), {}, frozenset(away), frozenset()))
        cells: dict[int, dict[int, Cell]] = {
            number: {view.columns.ours: text.text} for number, text in placed.items()
        }
        for before, strayed in job.strays:
            for number, restored in restorations(before, strayed, view).items():
                cells.setdefault(number, {}).update(restored)
        return placed, cells

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
        ids = {ask.allocation.id for ask in standing} | (plan.sent if view.columns.shared else plan.leaving)
        keys = (text.key for text in placed.values() if text.key is not None)
        sent_at = self._clock.monotonic()
        self._doubts.wrote(keys, sent_at)
        try:
            answer = await self._sheet.write_cells(cells)
        except OutcomeUnknown:
            self._settling.sent |= ids
            self._doubts.add(self._doubt(view, placed, ids, sent_at))
            raise
        except RowsRefused as error:
            raise _Refused(error, placed) from error
        finally:
            self.counts.add(job, writes=1)
        self._settling.sent |= ids
        self._doubts.refused.difference_update(text.key for text in placed.values())
        self.counts.commits += 1
        self.counts.rows += len(cells)
        return view.with_answer(answer, reading)

    def _doubt(self, view: View, placed: Mapping[int, Placed], ids: set[str], sent_at: float) -> Doubt:
        keys = frozenset(text.key for text in placed.values() if text.key is not None)
        carried = ids | {entry.id for key in keys for entry in self._pool.ledger.of_proxy(key)}
        until = self._clock.monotonic() + self._horizon
        since = self._clock.time() - (self._clock.monotonic() - sent_at)
        return Doubt(until, dict(placed), keys, frozenset(carried), view, sent_at, since)

    def _repair(
        self, job: Job, verdict: Verdict, view: View, after: View, placed: Mapping[int, Placed]
    ) -> list[Job]:
        if not verdict.needs_repair:
            return []
        job.repairs += 1
        job.fixes = {**verdict.misplaced}
        if verdict.columns_moved or (verdict.misplaced and view.columns.shared):
            job.strays.append((view, placed))
        if verdict.misplaced:
            job.places = None
            job.keys.update(text.key for text in verdict.misplaced.values() if text.key is not None)
        for row in (after.rows[number] for number in verdict.misplaced if number in after.rows):
            job.remembered.setdefault(row.key, self._reader.remembered(job, row.key))
        job.only = frozenset(ask.allocation.id for ask in verdict.again)
        return [job]

    async def _divide(self, job: Job, refused: _Refused, held: set[int], *, last: bool) -> list[Job]:
        """Google refuses a whole write for one bad row: fail that row alone, found by name or by halves."""
        culprits = refused.culprits
        if len(culprits) > 1 and not last:
            half = culprits[len(culprits) // 2 :]
            parts = [job.part(half, refused.keys_of(half), inside=inside) for inside in (False, True)]
            return [part for part in parts if part.has_work]
        job.refused.update(culprits)
        self._attention.raise_("refused", f"rows {sorted(job.refused)}: {refused.error.message}")
        keys = refused.keys_of(culprits)
        self._doubts.refused |= {key for key in keys if key is not None}
        self._pool.bar((key for key in keys if key is not None), self._clock.time() + BARRED_FOR)
        met = [ask for ask in job.asks if ask.allocation.key in keys]
        movable = [] if last else [ask for ask in met if ask.replaceable and not ask.is_leaving]
        movable = [ask for ask in movable if not self._covers(ask)]
        rest = job.part(culprits, keys, inside=False)
        rest.only = frozenset(ask.allocation.id for ask in (*rest.asks, *movable))
        rest.barred |= frozenset(ask.allocation.key for ask in movable)
        await self._refuse(job, [ask for ask in met if ask not in movable], held)
        return [rest] if rest.has_work else []

    async def _refuse(self, job: Job, asks: Iterable[Ask], held: set[int]) -> None:
        """Fail them; those that an earlier write may still bring into the sheet wait for the end of that."""
        absent = []
        for ask in asks:
            if self._covers(ask):
                held.add(job.ticket_of(ask).request)
            else:
                absent.append(ask)
        await self._settling.fail(job, absent, Reason.SHEET_REFUSED)

    def _covers(self, ask: Ask) -> bool:
        """Whether a write without an answer may still bring it in or out."""
        return self._doubts.covers(ask.allocation.key, self._clock.monotonic())

    def _is_unseen(self, ask: Ask) -> bool:
        """Whether people's column may show it, or not show it any more, and nobody has looked."""
        return self._reader.is_shared and self._doubts.carries(ask.allocation.id)

    async def _postpone(
        self, job: Job, reason: Reason, pause: float = 0.0, *, at_once: bool = False
    ) -> Postponed:
        """Google does not do it now. What was never sent fails when its patience is over; the rest waits."""
        await job.journalled()
        job.only = None
        now = self._clock.monotonic()
        unsent = [
            ask
            for ticket in job.tickets.values()
            if not ticket.promised and (at_once or ticket.give_up_at <= now)
            for ask in ticket.asks.values()
            if ask.allocation.id not in self._settling.sent
            and not self._covers(ask)
            and not self._is_unseen(ask)
        ]
        await self._settling.fail(job, unsent, reason)
        return Postponed(again=True, pause=pause)

    def _abandon(self, job: Job, error: StorageError) -> Postponed:
        """The journal refused before anything was sent: who only wanted to take is told that nothing was done.

        Their allocations are failed with the next commit; whatever else is on board is tried again.
        """
        self._attention.raise_("storage", str(error))
        for ticket in job.tickets.values():
            asks = list(ticket.asks.values())
            untold = not ticket.promised and not ticket.settled.done()
            if untold and all(ask.allocation.state is State.QUEUED for ask in asks):
                ticket.add(replace(ask, lost=Reason.SHEET_UNAVAILABLE) for ask in asks)
                ticket.settled.set_exception(error)
        return Postponed(again=True)


class _Restless(Exception):
    """The rows were changed again in each round."""


class _Refused(Exception):
    """Google refused the write as a whole; `placed` is what it held, `culprits` the rows it may be about."""

    def __init__(self, error: RowsRefused, placed: Mapping[int, Placed]) -> None:
        super().__init__(str(error))
        self.error = error
        self._placed = placed
        self.culprits = sorted(error.rows & placed.keys()) or sorted(placed)

    def keys_of(self, rows: Iterable[int]) -> set[str | None]:
        """The keys of the proxies in these rows."""
        return {self._placed[row].key for row in rows}


def _strayed(asks: Iterable[Ask], view: View, job: Job) -> dict[int, None]:
    """Rows where their entry stands beside another proxy; their own may turn out to be gone."""
    ids = {ask.allocation.id for ask in asks}
    return {
        number: None
        for number, row in view.rows.items()
        if number not in job.fixes and not ids.isdisjoint(entry_ids(row.issued))
    }


def _pause(error: Exception) -> float:
    return getattr(error, "retry_after", None) or 0.0
