"""The committer: one read and one write for everybody who waits. At most one commit is in flight.

The queue and its loop are here; what happens inside one commit is in `bot.services.commit_run`.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog

from bot.models.commit import Ask
from bot.models.pool import Pool
from bot.models.request import Settlement
from bot.models.results import Failure
from bot.resilience.clock import Clock
from bot.resilience.retry import backoff
from bot.services.commit_job import Job, Postponed
from bot.services.commit_run import CommitRun
from bot.services.doubts import Doubt, Doubts
from bot.services.tickets import Ticket

log = structlog.get_logger(__name__)

PATIENCE = 30.0
GATHER = 0.010
GATHER_AT_MOST = 0.250
GATHER_STEP = 0.002
BUG_PAUSE = 5.0
ROWS_PER_COMMIT = 5_000
BYTES_PER_COMMIT = 1_000_000
BYTES_PER_ENTRY = 160


class Committer:
    """Collects tickets and commits them together, in the order they came."""

    def __init__(
        self, run: CommitRun, pool: Pool, doubts: Doubts, clock: Clock, jitter: random.Random
    ) -> None:
        self._run = run
        self._pool = pool
        self._doubts = doubts
        self._clock = clock
        self._jitter = jitter
        self._queue: dict[int, Ticket] = {}
        self._parked: dict[int, Ticket] = {}
        self._tickets: dict[int, Ticket] = {}
        self._joining = 0
        self._first_arrival = 0.0
        self._retry_at = -math.inf
        self._failures = 0
        self._work = asyncio.Event()
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._over.set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for a write."""
        return not self._queue and not self._tickets

    @contextmanager
    def joining(self) -> Iterator[None]:
        """While somebody is about to come aboard, the next commit waits for them, 250 ms at most."""
        if not self._joining and not self._queue:
            self._first_arrival = self._clock.monotonic()
        self._joining += 1
        try:
            yield
        finally:
            self._joining -= 1

    def submit(
        self,
        request: int,
        asks: Iterable[Ask],
        *,
        taken: Iterable[str] = (),
        released: Iterable[str] = (),
        failures: Iterable[Failure] = (),
        journalled: asyncio.Future[None] | None = None,
    ) -> asyncio.Future[Settlement]:
        """Bring the asks to their end; the future is shared by everybody who waits for the same request.

        `taken`, `released`: ids of the request that came to their end before (in a former process); `failures`:
        what is lost already.
        `journalled`: the asks are only being journalled; the commit reads meanwhile, and decides afterwards.
        """
        ticket = self._tickets.get(request)
        if ticket is None:
            settled: asyncio.Future[Settlement] = asyncio.get_running_loop().create_future()
            settled.add_done_callback(_retrieved)
            ticket = Ticket(
                request,
                self._clock.monotonic() + PATIENCE,
                {},
                settled,
                taken=list(taken),
                released=list(released),
            )
            self._tickets[request] = ticket
        ticket.add(asks)
        ticket.failures.extend(failures)
        ticket.journalled = journalled or ticket.journalled
        if not self._joining and not self._queue:
            self._first_arrival = self._clock.monotonic()
        self._queue[request] = ticket
        self._work.set()
        return ticket.settled

    def drop(self, request: int, allocation_ids: Iterable[str]) -> None:
        """The journal refused these asks of a request."""
        for allocation_id in allocation_ids:
            self._tickets[request].asks.pop(allocation_id, None)

    def withdraw(self, request: int) -> None:
        """The journal refused the request as a whole."""
        ticket = self._tickets.pop(request)
        self._queue.pop(request, None)
        ticket.asks.clear()
        ticket.withdrawn = True

    def promise(self, request: int) -> Ticket | None:
        """What the request asks for is handed out before the sheet shows it: it is never given up from now on."""
        ticket = self._tickets.get(request)
        if ticket is not None:
            ticket.promised, ticket.give_up_at = True, math.inf
        return ticket

    def takes_waiting(self) -> list[int]:
        """Requests in the journal that somebody waits for, and that give nothing back."""
        return [
            number
            for number, ticket in self._tickets.items()
            if not ticket.promised and not ticket.settled.done() and ticket.is_take
        ]

    def answer(self, request: int, settlement: Settlement) -> None:
        """Whoever waits for the request need not wait any longer."""
        ticket = self._tickets.get(request)
        if ticket is not None and not ticket.settled.done():
            ticket.settled.set_result(settlement)

    def project(self, keys: Iterable[str], rows: Iterable[int] = (), astray: Iterable[str] = ()) -> None:
        """Bring what stands in the rows of these proxies, and in these rows, in line with the journal.

        `astray`: ids whose entry stands in one of the rows and does not belong there, be it dead by then.
        """
        self.doubt(Doubt(self._clock.monotonic(), dict.fromkeys(rows), frozenset(keys), frozenset(astray)))

    def hurry(self) -> None:
        """Google is back: try now, whatever pause was taken."""
        self._retry_at = -math.inf
        self._work.set()

    def waiting_for(self, request: int) -> asyncio.Future[Settlement] | None:
        """The future of a request that is in the committer's hands."""
        ticket = self._tickets.get(request)
        return ticket.settled if ticket else None

    def carries(self, allocation_id: str) -> bool:
        """Whether a ticket cares for that allocation."""
        return any(allocation_id in ticket.asks for ticket in self._tickets.values())

    def doubt(self, doubt: Doubt) -> None:
        """A write may be on its way that we know nothing of (one of a former process)."""
        self._doubts.add(doubt)
        self._work.set()

    async def run(self) -> None:
        """Commit for ever; ends after `stop`, when the commit in flight has ended."""
        self._over.clear()
        try:
            while not self._stopping.is_set():
                await self._wait_for_work()
                await self._wait_for_pace()
                if not self._stopping.is_set():
                    await self._gather()
                    await self._commit()
            await self._run.end()
        finally:
            self._over.set()

    async def stop(self) -> None:
        """Begin no further commit, and wait for the one in flight."""
        self._stopping.set()
        self._work.set()
        await self._over.wait()

    async def _wait_for_work(self) -> None:
        while not self._stopping.is_set() and (wait := self._seconds_to_work()) > 0:
            self._work.clear()
            await _first(self._work.wait(), self._clock.sleep(wait) if wait < math.inf else None)

    def _seconds_to_work(self) -> float:
        now = self._clock.monotonic()
        due = [self._retry_at if self._failures else now] if self._queue else []
        if (horizon := self._doubts.next_due) is not None:
            due.append(max(horizon, self._retry_at))
        return max(0.0, min(due, default=math.inf) - now)

    async def _wait_for_pace(self) -> None:
        """Whoever comes before a call may be made rides along, as long as nobody's patience ends before."""
        pace = self._run.pace
        while not self._stopping.is_set() and 0 < pace.wait() < self._patience():
            await _first(self._stopping.wait(), pace.turn())

    def _patience(self) -> float:
        """Seconds until the first of those in the queue gives up."""
        gives_up = min((ticket.give_up_at for ticket in self._queue.values()), default=math.inf)
        return gives_up - self._clock.monotonic()

    async def _gather(self) -> None:
        """Let a crowd that arrives together ride together."""
        while (waited := self._clock.monotonic() - self._first_arrival) < GATHER_AT_MOST:
            if waited >= GATHER and not self._joining:
                return
            await self._clock.sleep(max(GATHER - waited, GATHER_STEP))

    async def _commit(self) -> None:
        now = self._clock.monotonic()
        due, doubts = self._doubts.due(now), self._doubts.to_look_at(now)
        tickets = [*self._released_from(due), *self._next_tickets()]
        if not tickets and not due:
            return
        job = Job(tickets={ticket.request: ticket for ticket in tickets})
        for doubt in doubts:
            job.look_again(doubt)
        if not tickets and not job.has_work:
            self._doubts.close(due)
            return
        try:
            postponed = await self._run.commit(job)
        except Exception:  # a bug must not end all commits to come; what it left is looked up in the sheet
            log.exception("a commit failed unexpectedly")
            postponed = Postponed(again=True, pause=BUG_PAUSE)
        self._run.counts.seconds.append(self._clock.monotonic() - now)
        if not postponed.again:
            self._doubts.seen(doubts)
        self._after(job, due, postponed)
        await self._run.note_doubts()

    def _next_tickets(self) -> Iterator[Ticket]:
        """As many as one commit may carry; a single ticket always may."""
        rows = size = 0
        for request, ticket in list(self._queue.items()):
            rows += len(ticket.asks)
            size += sum(BYTES_PER_ENTRY + self._cell_size(ask) for ask in ticket.asks.values())
            if rows > len(ticket.asks) and (rows > ROWS_PER_COMMIT or size > BYTES_PER_COMMIT):
                return
            del self._queue[request]
            yield ticket

    def _cell_size(self, ask: Ask) -> int:
        return sum(len(row.issued) for row in self._pool.rows_of(ask.allocation.key))

    def _released_from(self, due: list[Doubt]) -> Iterator[Ticket]:
        """Parked tickets that a doubt now due has held."""
        ids = frozenset().union(*(doubt.ids for doubt in due)) if due else frozenset()
        keys = frozenset().union(*(doubt.keys for doubt in due)) if due else frozenset()
        for request, ticket in list(self._parked.items()):
            if any(ask.allocation.id in ids or ask.allocation.key in keys for ask in ticket.asks.values()):
                yield self._parked.pop(request)

    def _after(self, job: Job, due: list[Doubt], postponed: Postponed) -> None:
        """Send each ticket where it belongs: done, parked until its doubt is over, or back into the queue."""
        first: dict[int, Ticket] = {}
        for request, ticket in job.tickets.items():
            if ticket.is_complete:
                self._tickets.pop(request, None)
            elif postponed.again or request not in postponed.held:
                first[request] = ticket
            else:
                self._parked[request] = ticket
        self._queue = first | self._queue
        if not postponed.again:
            self._doubts.close(due)
        if postponed.again and (first or due):
            self._retry_at = self._clock.monotonic() + self._backoff(postponed.pause)
            self._failures += 1
        else:  # where all were answered, whoever comes next is tried at once
            self._failures = 0

    def _backoff(self, pause: float) -> float:
        """Seconds before the next try: `pause` where the peer's is known; nobody's patience ends before it."""
        now = self._clock.monotonic()
        patience = (ticket.give_up_at - now for ticket in self._queue.values() if ticket.give_up_at > now)
        return min([pause or backoff(self._failures, self._jitter), *patience])


def _retrieved(settled: asyncio.Future[Settlement]) -> None:
    """Nobody may be waiting: a former process's request has no handler."""
    if not settled.cancelled():
        settled.exception()


async def _first(*waits: object) -> None:
    """Return when the first of the awaitables is done; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits if wait is not None]  # type: ignore[call-overload]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
