"""The market desk before the chat: sources of prices, what is made of them, and its jobs."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from bot.app.charts import open_charts
from bot.app.desk import Desk
from bot.app.outside import make_drills, make_sources_status
from bot.app.trading import TradingDesk
from bot.gateways.http_client import HttpClient
from bot.gateways.market_sources import Sources, make_sources
from bot.jobs import Job
from bot.models.price import Metal
from bot.resilience.adaptive_pace import AdaptivePace
from bot.services.alerts import Alerts
from bot.services.audit import Audit
from bot.services.market_service import MarketService
from bot.services.melting import Melting
from bot.services.price_history import PriceHistory
from bot.services.screener_service import Screener, patience
from bot.services.series_prices import SeriesPrices
from bot.services.spot_price_service import SpotPrices
from bot.settings import Settings
from bot.settings.desks import MarketSettings
from bot.storage.alerts import AlertStore
from bot.storage.last_prices import LastPrices
from bot.storage.past_prices import PastPriceStore
from bot.storage.pictures import PictureStore
from bot.storage.price_history import PriceHistoryStore
from bot.storage.screener_file import ScreenerFile

MINUTE, HOUR = 60.0, 3600.0
LOOK_EVERY = 300.0  # seconds between two looks whether the list of coins is to be made anew


@dataclass(frozen=True, slots=True)
class MarketDesk:
    """The desk as the chat and the table of jobs need it; `pictures` remembers which of them Telegram has."""

    service: MarketService
    pictures: PictureStore
    jobs: tuple[Job, ...]


@asynccontextmanager
async def open_markets(
    settings: Settings, desk: Desk, trading: TradingDesk, audit: Audit, http: HttpClient
) -> AsyncIterator[MarketDesk]:
    """The sources that the settings name; nobody is asked before the first question or job.

    `http` reaches the local world's control side.
    """
    markets, clock = settings.markets, desk.clock
    new_pace = partial(AdaptivePace, clock, random.Random())  # noqa: S311 - jitter, not a secret
    async with AsyncExitStack() as stack:
        sources = make_sources(
            markets, settings.trading.bybit_url, clock, desk.supervisor, new_pace, desk.timings
        )
        stack.push_async_callback(sources.close)
        history = PriceHistory(PriceHistoryStore(desk.database), clock)
        spot, screener = await _spot(markets, desk, sources, history), _screener(settings, desk, sources)
        charts = await stack.enter_async_context(
            open_charts(settings, desk, trading, sources.candles, history)
        )
        service = MarketService(
            spot=spot,
            melting=Melting(spot, _factors(markets)),
            screener=screener,
            alerts=_alerts(desk, spot, screener, history),
            sources=make_sources_status(markets, sources.feeds, trading.gates, clock),
            drills=make_drills(markets, audit, http, clock),
            charts=charts.service,
        )
        yield MarketDesk(service, charts.pictures, (*_jobs(markets, service, history), *charts.jobs))


async def _spot(markets: MarketSettings, desk: Desk, sources: Sources, history: PriceHistory) -> SpotPrices:
    last, clock = LastPrices(desk.database), desk.clock
    spot = SpotPrices(
        sources.spot, last, history, desk.attention, clock, desk.supervisor, ttl=markets.spot_ttl
    )
    await spot.load()
    return spot


def _screener(settings: Settings, desk: Desk, sources: Sources) -> Screener:
    markets, file = settings.markets, ScreenerFile(settings.storage.data_dir)
    waits = patience(markets.source_timeout)
    return Screener(
        sources.coins, file, desk.clock, desk.supervisor, ttl=markets.screener_ttl, patience=waits
    )


def _alerts(desk: Desk, spot: SpotPrices, screener: Screener, history: PriceHistory) -> Alerts:
    store, past = AlertStore(desk.database, desk.letters), PastPriceStore(desk.database)
    return Alerts(store, SeriesPrices(spot, screener), past, history.note, desk.clock, desk.outbox.posted)


def _factors(markets: MarketSettings) -> dict[Metal, Decimal]:
    return {
        Metal.GOLD: markets.gold_buy,
        Metal.SILVER: markets.silver_buy,
        Metal.PLATINUM: markets.platinum_buy,
        Metal.PALLADIUM: markets.palladium_buy,
    }


def _jobs(markets: MarketSettings, service: MarketService, history: PriceHistory) -> tuple[Job, ...]:
    every = min(LOOK_EVERY, markets.screener_ttl / 10)
    return (
        Job("spot prices", markets.spot_ttl, MINUTE, service.spot.refresh, at_once=True),
        Job("coins", every, every, service.screener.warm),
        Job("alerts", 30.0, 30.0, service.alerts.tick),
        Job("price history", HOUR, HOUR, history.thin),
        Job("old alerts", HOUR, HOUR, service.alerts.forget),
    )
