"""The proxy desk without a front: what chat, jobs, scripts and tests work with."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from bot.app.announcing import OUTAGE, announce_matters, announce_outages
from bot.app.parts import Parts, reading_of, real_parts, secret_keys, sheet_pace
from bot.errors import PeerError, PeerRefused
from bot.models.ledger import Ledger
from bot.models.line import Line
from bot.models.pool import Pool
from bot.models.role import Role
from bot.resilience.clock import Clock, SystemClock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.tasks import Supervisor
from bot.resilience.timings import Timings
from bot.services.attention import Attention
from bot.services.commit_run import CommitRun
from bot.services.committer import Committer
from bot.services.desk_core import Modes
from bot.services.doubts import Doubts
from bot.services.drafting import Drafter, Rules
from bot.services.handover import Handover
from bot.services.joining import Joiner
from bot.services.line import WaitingLine
from bot.services.outage import Outage
from bot.services.outbox import Outbox
from bot.services.people import People
from bot.services.pool_stats import StatsSource
from bot.services.proxy_service import ProxyService
from bot.services.reconciler import Reconciler
from bot.services.recovery import Recovery
from bot.services.sheet_refresh import AfterLoad, SheetRefresh
from bot.settings import Settings
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.journal import Journal
from bot.storage.line import LineStore
from bot.storage.migrate import upgrade
from bot.storage.outbox import OutboxStore
from bot.storage.people import PeopleStore

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Bell:
    """Rung when there is something in the outbox; whoever carries it listens."""

    listeners: list[Callable[[], None]] = field(default_factory=list)

    def ring(self) -> None:
        """Tell the listeners."""
        for listener in self.listeners:
            listener()


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that runs without a chat; `committing` ends when the desk is not to be used any more."""

    service: ProxyService
    refresh: SheetRefresh
    recovery: Recovery
    reconciler: Reconciler
    line: WaitingLine
    people: People
    outbox: Outbox
    letters: OutboxStore
    bell: Bell
    pool: Pool
    pace: ReadWritePace
    attention: Attention
    database: Database
    cipher: Cipher
    supervisor: Supervisor
    clock: Clock
    timings: Timings
    committing: asyncio.Task[None]


@asynccontextmanager
async def open_desk(
    settings: Settings, clock: Clock | None = None, parts: Parts | None = None
) -> AsyncIterator[Desk]:
    """Start the desk: database, sheet, committer, what a former process left behind; stop it at the end.

    Raises StorageError, SheetLayoutError, and PeerRefused where Google refuses; a Google that does not answer
    is waited for by the refresh job.
    """
    clock = clock or SystemClock()
    timings = Timings(clock)
    parts = parts or real_parts(settings, clock, timings)
    async with AsyncExitStack() as stack:
        supervisor, new_id = Supervisor(), parts.new_id
        kept = await stack.enter_async_context(_open_storage(settings, parts.database, clock))
        journal, people, outbox = kept.journal, kept.people, kept.outbox
        reading, pace = reading_of(settings, await journal.salt(), clock), sheet_pace(settings, clock)
        outage = Outage(clock)
        sheet = parts.make_sheet(pace, outage)
        stack.push_async_callback(sheet.close)
        pool = Pool(Ledger(await journal.live()), resources=await journal.resources())
        pool.frozen = await journal.frozen()
        horizon, limits = settings.sheet.write_horizon, settings.pool
        attention, doubts, ttl = Attention(), Doubts(horizon), limits.reservation_ttl
        refresh = SheetRefresh(
            sheet, pool, pace, reading, clock, attention, ttl=settings.sheet.cache_ttl, outage=outage
        )
        stack.push_async_callback(refresh.close)
        run = CommitRun(
            sheet, journal, pool, doubts, pace, reading, clock, new_id, attention, horizon=horizon
        )
        committer = Committer(run, pool, doubts, clock, parts.jitter)
        recovery = Recovery(journal, pool, committer, clock, horizon)
        reconciler = Reconciler(pool, journal, committer, doubts, attention, outbox, clock, horizon=horizon)
        refresh.after_load.append(reconciler.after_load)
        line_store = LineStore(kept.database)
        places = Line(await line_store.open_places())
        numbers = itertools.count(await journal.last_number() + 1)
        rules = Rules(limits.max_held, limits.max_reserved, places.ahead_of)
        drafter = Drafter(pool, reading, clock, new_id, numbers, rules, moves_remembered=ttl)
        joiner = Joiner(journal, pool, committer, drafter)
        stats = StatsSource(
            pool,
            refresh,
            pace,
            run.counts,
            attention,
            reading,
            clock,
            outage,
            joiner.waiting,
            mode=limits.take_mode,
            mode_away=limits.outage,
        )
        service = ProxyService(
            pool,
            journal,
            joiner,
            committer,
            recovery,
            refresh,
            Handover(pool, journal, reading),
            stats,
            outage,
            reading,
            clock,
            new_id,
            reservation_ttl=ttl,
            modes=Modes(fast=limits.take_mode == "fast", queue=limits.outage == "queue"),
            announcer=outbox,
            name_of=people.name_of,
            timings=timings,
        )
        line = WaitingLine(
            places, line_store, service, outbox, clock, lambda user_id: _may_take(people, user_id)
        )
        stack.push_async_callback(supervisor.close)
        announce_outages(outage, outbox, service, supervisor, clock)
        announce_matters(attention, outbox, supervisor, clock)
        refresh.after_load.append(_settling(outage, committer))
        if (since := await kept.letters.recall(OUTAGE)) is not None:
            outage.resume(since)
        await _first_look(refresh)
        await recovery.begin()
        outage.on_end.append(lambda _: committer.hurry())
        outage.on_begin.append(lambda _: _detached(supervisor, service))
        supervisor.start(refresh.watch(), name="sheet watch")
        committing = supervisor.start(committer.run(), name="committer")
        stack.push_async_callback(_last_commit, committer, committing)
        yield Desk(
            service,
            refresh,
            recovery,
            reconciler,
            line,
            people,
            outbox,
            kept.letters,
            kept.bell,
            pool,
            pace,
            attention,
            kept.database,
            kept.cipher,
            supervisor,
            clock,
            timings,
            committing,
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What outlives the process, and those who keep it."""

    database: Database
    cipher: Cipher
    people: People
    letters: OutboxStore
    outbox: Outbox
    journal: Journal
    bell: Bell


@asynccontextmanager
async def _open_storage(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[_Kept]:
    """The database, brought to the present schema, and who is in it."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await database.start()
        await database.migrate(upgrade)
        cipher, bell, telegram = Cipher(secret_keys(settings)), Bell(), settings.telegram
        people = People(telegram.admin_ids, telegram.allowed_ids, PeopleStore(database), clock)
        await people.load()
        letters = OutboxStore(database, cipher)
        outbox = Outbox(letters, people, clock, bell.ring)
        yield _Kept(
            database, cipher, people, letters, outbox, Journal(database, cipher, clock, bell.ring), bell
        )


def _settling(outage: Outage, committer: Committer) -> AfterLoad:
    """Every reading shows that Google is there to be read."""

    async def settle(*_: object) -> None:
        outage.settle(idle=committer.is_idle)

    return settle


def _detached(supervisor: Supervisor, service: ProxyService) -> None:
    supervisor.start(service.promise_waiting(), name="serving who waits")


def _may_take(people: People, user_id: int) -> bool:
    role = people.role_of(user_id)
    return role is not None and role.covers(Role.USER)


async def _first_look(refresh: SheetRefresh) -> None:
    """A sheet that cannot work stops the start; one that cannot be reached does not."""
    try:
        await refresh.refresh()
    except PeerRefused:
        raise
    except PeerError as error:
        log.warning("the sheet cannot be read yet", error=str(error))


async def _last_commit(committer: Committer, committing: asyncio.Task[None]) -> None:
    """Wait for the commit in flight; a committer that has failed has none."""
    if not committing.done():
        await committer.stop()
