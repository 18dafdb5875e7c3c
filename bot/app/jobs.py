"""The table of what runs by the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from bot.app.desk import Desk
from bot.jobs import Job, JobTable
from bot.services.audit import Audit
from bot.services.offers import Offers
from bot.services.previews import Previews
from bot.services.proxy_service import KEPT
from bot.services.watch import Watch
from bot.settings import Settings
from bot.storage.inbox import Inbox

MINUTE = 60.0
HOUR = 3600.0


def make_jobs(
    settings: Settings,
    desk: Desk,
    watch: Watch,
    previews: Previews,
    audit: Audit,
    inbox: Inbox,
    offers: Offers,
    further: Iterable[Job] = (),
) -> JobTable:
    """Each with its interval and the seconds it may be late."""
    service, ttl, clock = desk.service, settings.sheet.cache_ttl, desk.clock

    async def advance_line() -> None:
        await desk.line.advance(clock.time())

    async def verify_audit() -> None:
        if (found := await audit.verify()).broken is not None:
            desk.attention.raise_("audit", f"act {found.broken} was changed or taken out: see /audit")

    return JobTable(
        [
            Job("expired reservations", 10.0, 30.0, service.cleanup_expired_reservations),
            Job("waiting line", 5.0, 30.0, advance_line),
            Job("sheet refresh", max(1.0, ttl / 4), ttl, desk.refresh.tick),
            Job("stock", MINUTE, MINUTE, watch.stock),
            Job("unreadable rows", MINUTE, MINUTE, watch.rows),
            Job("expiring proxies", HOUR, HOUR, watch.expiring),
            Job("renewals", HOUR, HOUR, watch.renewals),
            Job("audit", 24 * HOUR, HOUR, verify_audit),
            Job("old records", HOUR, HOUR, _forgetting(desk, previews, inbox, offers)),
            *further,
        ],
        clock,
    )


def _forgetting(
    desk: Desk, previews: Previews, inbox: Inbox, offers: Offers
) -> Callable[[], Awaitable[None]]:
    """Drop what nobody can ask for any more."""

    async def forget() -> None:
        before = desk.clock.time() - KEPT
        for keeper in (inbox, offers, previews, desk.line, desk.letters):
            await keeper.forget(before)
        await desk.service.forget_old()

    return forget
