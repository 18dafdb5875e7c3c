"""For admins: /stats with its sections, and /refresh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.asking import PROGRESS_AFTER
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.waiting import meanwhile
from bot.models.dates import read_last_day
from bot.models.entries import parse_entries
from bot.models.offer import Press
from bot.models.results import PoolStats
from bot.models.sheet import split_resources
from bot.models.status import CacheFigures, PersonLike, StatusReport, count_people
from bot.resilience.slots import resting
from bot.services.history import History
from bot.views import stats as views


class Remembering(Protocol):
    """A function whose answers `functools` keeps."""

    def cache_info(self) -> Any: ...


REMEMBERED: dict[str, Remembering] = {
    "expiry cells": read_last_day,
    "used for": split_resources,
    "issued": parse_entries,
}


class Crowd(Protocol):
    """Everybody the desk knows."""

    def everybody(self) -> Sequence[PersonLike]: ...


def register(router: Router) -> None:
    """/stats, its buttons, and /refresh."""
    router.message.register(stats, Typed("stats"))
    router.message.register(refresh, Typed("refresh"))
    router.callback_query.register(section, Pressed("stats"))
    router.callback_query.register(retry, Pressed("retry"))


async def stats(_: Message, outlet: Outlet, deps: ChatDeps, people: Crowd, history: History) -> None:
    """Show at one look how the pool, the sheet and the bot are doing."""
    await outlet.deliver(views.stats(await _report(deps, people, history)))


async def section(
    _: CallbackQuery, press: Press, outlet: Outlet, deps: ChatDeps, people: Crowd, history: History
) -> None:
    """Show one section in place of another, with figures of now."""
    [name] = carried(press.action.args, str)
    await outlet.deliver(views.stats(await _report(deps, people, history), name))


async def retry(_: CallbackQuery, outlet: Outlet, deps: ChatDeps, people: Crowd, history: History) -> None:
    """Read the sheet again and say which problems are left."""
    await _read_again(outlet, deps)
    await outlet.deliver(views.stats(await _report(deps, people, history), views.PROBLEMS))


async def refresh(_: Message, outlet: Outlet, deps: ChatDeps) -> None:
    """Read the sheet again and say what was found."""
    pool = await _read_again(outlet, deps)
    await outlet.deliver(views.refreshed(pool))


async def _read_again(outlet: Outlet, deps: ChatDeps) -> PoolStats:
    signs = ((0.0, outlet.typing), (PROGRESS_AFTER, lambda: outlet.progress(views.READING)))
    try:
        async with meanwhile(deps.clock, *signs), resting():
            return await deps.desk.refresh(force=True)
    except Exception:
        await outlet.withdraw()
        raise


async def _report(deps: ChatDeps, people: Crowd, history: History) -> StatusReport:
    now = deps.clock.time()
    return StatusReport(
        now=now,
        pool=await deps.desk.get_stats(),
        intake=deps.intake_stats(),
        commands=deps.metrics.figures(),
        jobs=tuple(deps.jobs.status()),
        uptime=now - deps.started_at,
        memory=deps.memory(),
        people=count_people(people.everybody(), deps.roles),
        holders=await history.holders(),
        errors=deps.metrics.errors(),
        references=deps.metrics.references(),
        caches=(*(deps.trading.caches() if deps.trading else ()), *map(_cache, REMEMBERED)),
        trading=await deps.trading.collect() if deps.trading else None,
        timings=deps.metrics.timings.figures(),
    )


def _cache(name: str) -> CacheFigures:
    info = REMEMBERED[name].cache_info()
    return CacheFigures(name, info.currsize, info.hits, info.misses)
