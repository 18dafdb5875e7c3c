"""The charts before the chat: where their values are noted, and how they are drawn."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from bot.app.desk import Desk
from bot.app.trading import TradingDesk
from bot.jobs import Job
from bot.models.pool import Pool
from bot.resilience.clock import Clock
from bot.services.charts import Charts, SpotPoints
from bot.services.drawing import Drawing
from bot.services.pool_usage import PoolUsage
from bot.services.portfolio_history import PortfolioHistory
from bot.services.price_sources import CandleSource
from bot.settings import Settings
from bot.storage.pictures import PictureStore
from bot.storage.pool_usage import PoolUsageStore
from bot.storage.portfolio_values import PortfolioValueStore
from bot.views.charts_drawing import STYLE, draw

MINUTE = 60.0
HOUR = 3600.0
SENT_KEPT = 7 * 24 * HOUR  # what changes as often as prices do is hardly drawn again later


@dataclass(frozen=True, slots=True)
class ChartsDesk:
    """The charts as the chat and the table of jobs need them; `pictures` are for ChatDeps."""

    service: Charts
    pictures: PictureStore
    jobs: tuple[Job, ...]


@asynccontextmanager
async def open_charts(
    settings: Settings, desk: Desk, trading: TradingDesk, sources: Sequence[CandleSource], spot: SpotPoints
) -> AsyncIterator[ChartsDesk]:
    """Put the charts together; nothing is drawn, and nothing imported for it, before somebody asks for one."""
    clock, database, zone = desk.clock, desk.database, settings.pool.timezone
    accounts, lookups = trading.service.accounts, trading.service.lookups
    pictures = PictureStore(database)
    values = PortfolioHistory(
        accounts,
        lookups,
        PortfolioValueStore(database),
        clock,
        random.Random(),  # noqa: S311 - jitter, not a secret
        trading.have_room,
    )
    usage = PoolUsage(
        lambda: free_by_resource(desk.pool, clock),
        PoolUsageStore(database),
        lambda: _today(settings, clock),
    )
    drawing = Drawing(partial(draw, zone=zone), STYLE, clock, desk.supervisor)
    charts = Charts(
        sources, spot, accounts, values, usage, drawing, pictures, clock, supervisor=desk.supervisor
    )

    async def forget() -> None:
        await pictures.forget(clock.time() - SENT_KEPT)

    jobs = (
        Job("portfolio values", HOUR, HOUR, values.note),
        Job("pool usage", 10 * MINUTE, 10 * MINUTE, usage.note),
        Job("sent pictures", HOUR, HOUR, forget),
    )
    try:
        yield ChartsDesk(charts, pictures, jobs)
    finally:
        await drawing.close()


def free_by_resource(pool: Pool, clock: Clock) -> Mapping[str, int] | None:
    """How many could be handed out now, by resource; None before the sheet was read."""
    if pool.inventory is None:
        return None
    return {name: pool.free(name, clock.time()) for name in sorted(pool.known_resources())}


def _today(settings: Settings, clock: Clock) -> date:
    return datetime.fromtimestamp(clock.time(), settings.pool.timezone).date()
