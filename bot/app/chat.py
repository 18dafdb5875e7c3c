"""The Telegram front before the desk."""

from __future__ import annotations

import random
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app.desk import Desk
from bot.app.jobs import make_jobs
from bot.app.markets import open_markets
from bot.app.parts import new_id, sheet_address
from bot.app.trading import TradingDesk, open_trading
from bot.gateways.http_client import HttpClient
from bot.gateways.lean_aiogram import build_soon, import_aiogram
from bot.gateways.sheet_doctor import SheetDoctor, account_address
from bot.gateways.webhook import AlertWebhook
from bot.jobs import JobTable
from bot.middlewares.metrics import CommandMetrics
from bot.resilience.clock import Clock
from bot.services.admission import Admission
from bot.services.audit import Audit
from bot.services.doctor import Doctor
from bot.services.history import History
from bot.services.intake import Intake
from bot.services.offers import Offers
from bot.services.previews import Previews
from bot.services.relay import Relay
from bot.services.watch import Watch
from bot.settings import Settings
from bot.storage.audit import AuditStore
from bot.storage.history import HistoryStore
from bot.storage.inbox import Inbox
from bot.storage.offers import OfferStore
from bot.storage.previews import PreviewStore

FIRST_POLL = 1.0  # seconds until updates are surely waited for


@dataclass(frozen=True, slots=True)
class Chat:
    """The running parts of the Telegram front."""

    intake: Intake
    jobs: JobTable
    relay: Relay


@asynccontextmanager
async def open_chat(settings: Settings, desk: Desk) -> AsyncIterator[Chat]:
    """Put the Telegram front together; the caller runs the intake and starts the jobs."""
    # aiogram takes long to import: whoever needs only the desk shall not wait for it.
    lean = settings.telegram.lean_start == "on" and import_aiogram()
    from bot.gateways.telegram import TelegramUpdates, WebhookAddress, make_bot
    from bot.handlers.courier import TelegramCourier
    from bot.handlers.deps import ChatDeps
    from bot.handlers.dispatcher import build_dispatcher
    from bot.handlers.menu import Menus
    from bot.web.server import listening
    from bot.web.webhook import update_app

    telegram, clock, database = settings.telegram, desk.clock, desk.database
    async with AsyncExitStack() as stack:
        bot = make_bot(telegram.token.get_secret_value(), telegram.api_url, clock=clock)
        stack.push_async_callback(bot.session.close)
        inbox = Inbox(database, desk.cipher, bot.id)
        trading = await stack.enter_async_context(open_trading(settings, desk))
        offers = Offers(OfferStore(database), clock, new_id, _known(desk, trading))
        previews = Previews(PreviewStore(database), desk.outbox, clock)
        audit, menus = Audit(AuditStore(database), clock), Menus(bot, desk.people)
        http = HttpClient(desk.supervisor)
        stack.push_async_callback(http.close)
        markets = await stack.enter_async_context(open_markets(settings, desk, trading, audit, http))
        surgeon = SheetDoctor(sheet_address(settings), desk.pace)
        stack.push_async_callback(surgeon.close)
        further = (*trading.jobs, *markets.jobs)
        jobs = make_jobs(settings, desk, _watch(settings, desk), previews, audit, inbox, offers, further)
        deps = ChatDeps(
            desk=desk.service,
            offers=offers,
            roles=desk.people,
            jobs=jobs,
            intake_stats=lambda: intake.stats(),
            clock=clock,
            started_at=clock.time(),
            memory=resident_memory,
            new_reference=lambda: new_id()[:4],
            metrics=CommandMetrics(desk.timings),
            trading=trading.stats,
            pictures=markets.pictures,
        )
        dispatcher = build_dispatcher(
            deps,
            admission=Admission(desk.people, desk.outbox, menus),
            requests_per_minute=telegram.requests_per_minute,
            people=desk.people,
            outbox=desk.outbox,
            line=desk.line,
            trading=trading.service,
            markets=markets.service,
            connecting=trading.connecting,
            previews=previews,
            audit=audit,
            history=History(HistoryStore(database), audit),
            rulings=desk.service,
            removals=desk.reconciler,
            zone=settings.pool.timezone,
            doctor=Doctor(surgeon, settings.sheet.columns, account_address(settings.sheet.service_account)),
        )
        jitter = random.Random()  # noqa: S311 - jitter, not a secret
        url, secret = telegram.webhook_url, telegram.webhook_secret
        webhook = WebhookAddress(url, secret.get_secret_value()) if url and secret else None
        intake: Intake = Intake(
            TelegramUpdates(
                bot, dispatcher, lambda user_id: desk.people.role_of(user_id) is not None, webhook
            ),
            inbox,
            clock=clock,
            supervisor=desk.supervisor,
            jitter=jitter,
            pushed=webhook is not None,
        )
        if webhook is not None:
            app = update_app(intake, webhook.url, webhook.secret)
            await stack.enter_async_context(listening(app, telegram.webhook_host, telegram.webhook_port))
        relay = Relay(
            desk.letters,
            TelegramCourier(bot, clock, offers, previews),
            _webhook(settings, desk, http),
            desk.supervisor,
            clock,
            jitter,
            people=desk.people,
            on_blocked=desk.people.mark_blocked,
            zone=settings.pool.timezone,
        )
        desk.bell.listeners.append(relay.wake)
        for work, name in ((relay.run(), "relay"), (menus.run(), "menus"), (previews.run(), "previews")):
            desk.supervisor.start(work, name=name)
        if lean:
            desk.supervisor.start(_build_soon(clock), name="models")
        yield Chat(intake, jobs, relay)


def _known(desk: Desk, trading: TradingDesk) -> Callable[[str], Awaitable[bool]]:
    async def known(request_key: str) -> bool:
        return await desk.service.known(request_key) or await trading.service.orders.known(request_key)

    return known


async def _build_soon(clock: Clock) -> None:
    await clock.sleep(FIRST_POLL)
    await build_soon()


def _watch(settings: Settings, desk: Desk) -> Watch:
    return Watch(
        desk.pool,
        desk.outbox,
        desk.letters,
        desk.clock,
        settings.pool.timezone,
        low_stock=settings.alerts.low_stock,
        webhook=settings.alerts.webhook_url is not None,
    )


def _webhook(settings: Settings, desk: Desk, http: HttpClient) -> AlertWebhook | None:
    url, secret = settings.alerts.webhook_url, settings.alerts.webhook_secret
    if url is None or secret is None:
        return None
    return AlertWebhook(http, url.get_secret_value(), secret.get_secret_value(), desk.clock)


def resident_memory() -> int:
    """Bytes of memory the process has in use; where the system does not tell, the most it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()
