"""What the whole chat shares; aiogram hands it to each handler as `deps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.handlers.once import Once
from bot.handlers.photos import Pictures
from bot.handlers.ports import Jobs, ProxyDesk
from bot.middlewares.access import Roles
from bot.middlewares.metrics import CommandMetrics
from bot.models.status import IntakeFigures
from bot.resilience.clock import Clock
from bot.services.offers import Offers
from bot.services.trading_stats import TradingStats


@dataclass(frozen=True, slots=True)
class ChatDeps:
    """`memory` reads the process's size in bytes, `new_reference` names an unexpected error for the log;
    `trading` counts for /stats, where there is a trading desk; `pictures` remembers what Telegram has already."""

    desk: ProxyDesk
    offers: Offers
    roles: Roles
    jobs: Jobs
    intake_stats: Callable[[], IntakeFigures]
    clock: Clock
    started_at: float
    memory: Callable[[], int]
    new_reference: Callable[[], str]
    metrics: CommandMetrics
    trading: TradingStats | None = None
    pictures: Pictures | None = None
    hints: Once = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hints", Once(self.clock))
