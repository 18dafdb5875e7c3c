"""The market desk's front: what handlers and jobs ask."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.alerts import Alerts
from bot.services.charts import Charts
from bot.services.drill import Drills
from bot.services.melting import Melting
from bot.services.screener_service import Screener
from bot.services.sources_status import SourcesStatus
from bot.services.spot_price_service import SpotPrices


@dataclass(frozen=True, slots=True)
class MarketService:
    """The market desk, each part by what it is asked for."""

    spot: SpotPrices
    melting: Melting
    screener: Screener
    alerts: Alerts
    sources: SourcesStatus
    drills: Drills
    charts: Charts
