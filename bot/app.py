"""The composition root: the one place that wires things, starts them in order and stops them in reverse."""

from __future__ import annotations

import asyncio
import base64
import itertools
import random
import resource
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog

from bot.errors import PeerError, PeerRefused
from bot.gateways.google_sheet import PEER, GoogleSheet, SheetAddress
from bot.jobs import Job, JobTable
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.models.view import Reading
from bot.resilience.clock import Clock, SystemClock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.memory import calm_collector
from bot.resilience.peer import PeerHealth
from bot.resilience.tasks import Supervisor
from bot.services.attention import Attention
from bot.services.commit_run import CommitRun, Sheet
from bot.services.committer import Committer
from bot.services.doubts import Doubts
from bot.services.handover import Handover
from bot.services.intake import Intake
from bot.services.joining import Joiner
from bot.services.offers import Offers
from bot.services.people import People
from bot.services.pool_stats import StatsSource
from bot.services.proxy_service import KEPT, ProxyService
from bot.services.recovery import Recovery
from bot.services.sheet_refresh import ColumnSource, SheetRefresh
from bot.settings import Settings
from bot.storage.cipher import Cipher, load_or_make_key
from bot.storage.database import Database
from bot.storage.inbox import Inbox
from bot.storage.journal import Journal
from bot.storage.migrate import upgrade
from bot.storage.offers import OfferStore

log = structlog.get_logger(__name__)

BURST = 10
DRAIN = 20.0
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Desk:
    """The proxy desk without a front: what chat, jobs, scripts and tests work with."""

    service: ProxyService
    refresh: SheetRefresh
    recovery: Recovery
    database: Database
    cipher: Cipher
    supervisor: Supervisor
    clock: Clock
    committing: asyncio.Task[None]


class DeskSheet(Sheet, ColumnSource, Protocol):
    """The sheet as the whole desk needs it."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the desk touches besides the clock; a simulation puts its own in place of each."""

    make_sheet: Callable[[ReadWritePace], DeskSheet]
    database: Database
    new_id: Callable[[], str]
    jitter: random.Random


@dataclass(frozen=True, slots=True)
class Chat:
    """The running parts of the Telegram front."""

    intake: Intake
    jobs: JobTable


@asynccontextmanager
async def open_desk(
    settings: Settings, clock: Clock | None = None, parts: Parts | None = None
) -> AsyncIterator[Desk]:
    """Start the desk: database, sheet, committer, what a former process left behind; stop it at the end.

    Raises StorageError, SheetLayoutError, and PeerRefused where Google refuses; a Google that does not answer
    is waited for by the refresh job.
    """
    clock = clock or SystemClock()
    parts = parts or _real_parts(settings, clock)
    async with AsyncExitStack() as stack:
        supervisor, database, new_id = Supervisor(), parts.database, parts.new_id
        stack.push_async_callback(database.close)
        await database.start()
        await database.migrate(upgrade)
        cipher = Cipher(_secret_keys(settings))
        journal = Journal(database, cipher, clock)
        reading = _reading(settings, await journal.salt(), clock)
        pace = ReadWritePace(
            clock,
            reads_per_minute=settings.sheet.reads_per_minute,
            writes_per_minute=settings.sheet.writes_per_minute,
            burst=BURST,
        )
        sheet = parts.make_sheet(pace)
        stack.push_async_callback(sheet.close)
        pool = Pool(Ledger(await journal.live()), resources=await journal.resources())
        attention, doubts, horizon = Attention(), Doubts(), settings.sheet.write_horizon
        refresh = SheetRefresh(sheet, pool, pace, reading, clock, attention, ttl=settings.sheet.cache_ttl)
        stack.push_async_callback(refresh.close)
        run = CommitRun(
            sheet, journal, pool, doubts, pace, reading, clock, new_id, attention, horizon=horizon
        )
        committer = Committer(run, pool, doubts, clock, parts.jitter)
        numbers = itertools.count(await journal.last_number() + 1)
        recovery = Recovery(journal, pool, committer, clock, horizon)
        service = ProxyService(
            pool,
            journal,
            Joiner(
                journal,
                pool,
                committer,
                reading,
                clock,
                new_id,
                numbers,
                moves_remembered=settings.pool.reservation_ttl,
            ),
            committer,
            recovery,
            refresh,
            Handover(pool, journal, reading),
            StatsSource(pool, refresh, pace, run.counts, attention, reading, clock),
            reading,
            clock,
            new_id,
            reservation_ttl=settings.pool.reservation_ttl,
        )
        await _first_look(refresh)
        await recovery.begin()
        stack.push_async_callback(supervisor.close)
        committing = supervisor.start(committer.run(), name="committer")
        stack.push_async_callback(_last_commit, committer, committing)
        yield Desk(service, refresh, recovery, database, cipher, supervisor, clock, committing)


async def run_bot(settings: Settings, stopping: asyncio.Event) -> None:
    """Run the whole bot until `stopping` is set; then let what runs come to its end, 20 s at most.

    Raises what has ended the intake or the committer: a bot that does half of its work is worse than none.
    """
    async with open_desk(settings) as desk, open_chat(settings, desk) as chat:
        # Not detached: what ends it is told by whoever started the bot, and not twice.
        polling = asyncio.create_task(chat.intake.run(), name="intake")
        desk.supervisor.start(_after_replay(chat.intake, desk.service), name="after-replay")
        chat.jobs.start()
        calm_collector()
        log.info("the bot is up")
        stop = desk.supervisor.start(stopping.wait(), name="stop-signal")
        parts = [polling, desk.committing, stop]
        ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        log.info("the bot is stopping")
        chat.jobs.stop()
        await chat.intake.stop(0.0 if desk.committing in ended else DRAIN)
        await polling
        for part in ended:
            await part


@asynccontextmanager
async def open_chat(settings: Settings, desk: Desk) -> AsyncIterator[Chat]:
    """Put the Telegram front together; the caller runs the intake and starts the jobs."""
    # aiogram takes seconds to import: whoever needs only the desk shall not wait for it.
    from bot.gateways.telegram import TelegramUpdates, make_bot
    from bot.handlers.deps import ChatDeps
    from bot.handlers.dispatcher import build_dispatcher
    from bot.handlers.menu import publish_commands

    telegram = settings.telegram
    bot = make_bot(telegram.token.get_secret_value(), telegram.api_url, clock=desk.clock)
    inbox = Inbox(desk.database, desk.cipher, bot.id)
    people = People(telegram.admin_ids, telegram.allowed_ids)
    offers = Offers(OfferStore(desk.database), desk.clock, new_id, desk.service.known)
    jobs = make_jobs(settings, desk, inbox, offers)
    deps = ChatDeps(
        desk=desk.service,
        offers=offers,
        roles=people,
        jobs=jobs,
        intake_stats=lambda: intake.stats(),
        clock=desk.clock,
        started_at=desk.clock.time(),
        memory=resident_memory,
        new_reference=lambda: new_id()[:4],
    )
    updates = TelegramUpdates(bot, build_dispatcher(deps))
    jitter = random.Random()  # noqa: S311 - jitter, not a secret
    intake: Intake = Intake(updates, inbox, clock=desk.clock, supervisor=desk.supervisor, jitter=jitter)
    desk.supervisor.start(publish_commands(bot, telegram.admin_ids), name="command-menu")
    try:
        yield Chat(intake, jobs)
    finally:
        await bot.session.close()


def make_jobs(settings: Settings, desk: Desk, inbox: Inbox, offers: Offers) -> JobTable:
    """The table of what runs by the clock."""
    service, ttl = desk.service, settings.sheet.cache_ttl

    async def forget_updates() -> None:
        await inbox.forget(desk.clock.time() - KEPT)

    async def forget_buttons() -> None:
        await offers.forget(desk.clock.time() - KEPT)

    return JobTable(
        [
            Job("expired reservations", 30.0, 30.0, service.cleanup_expired_reservations),
            Job("sheet refresh", max(1.0, ttl / 4), ttl, desk.refresh.tick),
            Job("old updates", HOUR, HOUR, forget_updates),
            Job("old requests", HOUR, HOUR, service.forget_old),
            Job("old buttons", HOUR, HOUR, forget_buttons),
        ],
        desk.clock,
    )


def new_id() -> str:
    """Eight characters that nobody has had: 2^40 of them, and the journal refuses a second use."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()


def resident_memory() -> int:
    """Bytes of memory the process has in use; where the system does not tell, the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()


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


async def _after_replay(intake: Intake, service: ProxyService) -> None:
    """What was queued before the start and not asked for again has failed."""
    await intake.replayed.wait()
    if failed := await service.settle_orphans():
        log.info("requests of a former process ended", proxies=failed)


def _reading(settings: Settings, salt: bytes, clock: Clock) -> Callable[[], Reading]:
    aliases, zone = settings.sheet.columns, settings.pool.timezone
    return lambda: Reading(aliases, salt, datetime.fromtimestamp(clock.time(), zone).date())


def _real_parts(settings: Settings, clock: Clock) -> Parts:
    return Parts(
        make_sheet=lambda pace: GoogleSheet(_address(settings), pace, PeerHealth(PEER, clock)),
        database=Database(settings.storage.database_url),
        new_id=new_id,
        jitter=random.Random(),  # noqa: S311 - jitter, not a secret
    )


def _address(settings: Settings) -> SheetAddress:
    return SheetAddress(
        spreadsheet=settings.sheet.id,
        tab=settings.sheet.tab or "",
        service_account=settings.sheet.service_account,
        api_url=settings.sheet.api_url,
        deadline=settings.sheet.call_timeout,
    )


def _secret_keys(settings: Settings) -> list[str]:
    given = [key.get_secret_value() for key in settings.storage.secret_keys]
    return given or [load_or_make_key(settings.storage.data_dir / "secret.key")]
