"""For admins: /stats and /refresh."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from bot.handlers.asking import PROGRESS_AFTER
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.outlet import Outlet
from bot.handlers.waiting import meanwhile
from bot.models.status import StatusReport
from bot.resilience.slots import resting
from bot.views import stats as views


def make_router() -> Router:
    """/stats and /refresh."""
    router = Router(name="stats")
    router.message.register(stats, Typed("stats"))
    router.message.register(refresh, Typed("refresh"))
    return router


async def stats(_: Message, outlet: Outlet, deps: ChatDeps) -> None:
    """Show how the pool, the sheet and the bot are doing."""
    now = deps.clock.time()
    report = StatusReport(
        now=now,
        pool=await deps.desk.get_stats(),
        intake=deps.intake_stats(),
        commands=deps.metrics.figures(),
        jobs=tuple(deps.jobs.status()),
        uptime=now - deps.started_at,
        memory=deps.memory(),
    )
    await outlet.deliver(views.stats(report))


async def refresh(_: Message, outlet: Outlet, deps: ChatDeps) -> None:
    """Read the sheet again and say what was found."""
    signs = ((0.0, outlet.typing), (PROGRESS_AFTER, lambda: outlet.progress(views.READING)))
    try:
        async with meanwhile(deps.clock, *signs), resting():
            pool = await deps.desk.refresh(force=True)
    except Exception:
        await outlet.withdraw()
        raise
    await outlet.deliver(views.refreshed(pool))
