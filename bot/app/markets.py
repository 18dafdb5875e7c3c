"""The market desk before the chat: sources of prices, what is made of them, and its jobs."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot.app.desk import Desk
from bot.gateways.market_sources import make_sources
from bot.jobs import Job
from bot.resilience.adaptive_pace import AdaptivePace
from bot.services.market_service import MarketService
from bot.services.screener_service import Screener, patience
from bot.settings import Settings
from bot.storage.screener_file import ScreenerFile

LOOK_EVERY = 300.0  # seconds between two looks whether the list of coins is to be made anew


@dataclass(frozen=True, slots=True)
class MarketDesk:
    """The desk as the chat and the table of jobs need it."""

    service: MarketService
    jobs: tuple[Job, ...]


@asynccontextmanager
async def open_markets(settings: Settings, desk: Desk) -> AsyncIterator[MarketDesk]:
    """The sources that the settings name; nobody is asked before the first question."""
    markets, clock, supervisor = settings.markets, desk.clock, desk.supervisor
    new_pace = partial(AdaptivePace, clock, random.Random())  # noqa: S311 - jitter, not a secret
    sources = make_sources(markets, settings.trading.bybit_url, clock, supervisor, new_pace)
    screener = Screener(
        sources.coins,
        ScreenerFile(settings.storage.data_dir),
        clock,
        supervisor,
        ttl=markets.screener_ttl,
        patience=patience(markets.source_timeout),
    )
    every = min(LOOK_EVERY, markets.screener_ttl / 10)
    try:
        yield MarketDesk(MarketService(screener), (Job("coins", every, every, screener.warm),))
    finally:
        await sources.close()
