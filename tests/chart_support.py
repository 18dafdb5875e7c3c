"""Charts over sources, records and a pencil in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lookup_support import MemoryAccounts

from bot.models.chart import Chart, DayUse, UsageChart
from bot.models.price import Candle, Point
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.charts import Charts
from bot.services.drawing import Drawing


def candles(clock: ManualClock, seconds: int, *closes: str) -> list[Candle]:
    """Intervals of which the last one is under way, half over."""
    first = clock.time() - seconds * (len(closes) - 0.5)
    return [Candle(first + place * seconds, *(Decimal(close),) * 4) for place, close in enumerate(closes)]


def points(clock: ManualClock, step: float, *prices: str) -> list[Point]:
    """Prices, the last one of now."""
    last = len(prices) - 1
    return [Point(clock.time() - (last - place) * step, Decimal(price)) for place, price in enumerate(prices)]


class Source:
    """Past prices; `failure` is raised instead."""

    def __init__(self, name: str, clock: ManualClock, *closes: str, failure: Exception | None = None) -> None:
        self.name = name
        self.clock = clock
        self.closes = closes
        self.failure = failure
        self.seconds = 0.0  # until it answers
        self.asked: list[tuple[str, int, int]] = []

    async def candles(self, symbol: str, seconds: int, limit: int) -> Sequence[Candle]:
        self.asked.append((symbol, seconds, limit))
        await self.clock.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        return candles(self.clock, seconds, *self.closes)


class Records:
    """What was noted: points of metals and of accounts, days of the pool, pictures that Telegram has."""

    def __init__(self) -> None:
        self.noted: dict[Any, list[Point]] = {}
        self.uses: list[DayUse] = []
        self.sent: dict[str, str] = {}

    async def points(self, series: Any, since: float) -> Sequence[Point]:
        return [point for point in self.noted.get(series, []) if point.at >= since]

    async def chart(self, resource: str | None = None) -> UsageChart:
        uses = [use for use in self.uses if resource in (None, use.resource)]
        return UsageChart(resource, tuple(sorted({use.day for use in uses})), tuple(uses))

    async def file_id(self, key: str) -> str | None:
        return self.sent.get(key)

    async def keep(self, key: str, file_id: str, now: float) -> None:
        self.sent[key] = file_id

    async def drop(self, key: str) -> None:
        self.sent.pop(key, None)


class Pencil:
    """Draws nothing, and remembers what; `picture` is a PNG of one point."""

    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d494844520000000100000001080000000"
        "03a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
    )

    def __init__(self) -> None:
        self.drawn: list[Chart] = []
        self.threads: set[str] = set()

    def __call__(self, chart: Chart) -> bytes:
        self.drawn.append(chart)
        self.threads.add(threading.current_thread().name)
        return self.picture


class ChartBench:
    """Charts, and what they are made of."""

    def __init__(self, *sources: Source, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.sources = list(sources)
        self.records = Records()
        self.accounts = MemoryAccounts()
        self.pencil = Pencil()
        self.supervisor = Supervisor()
        drawing = Drawing(self.pencil, "1", self.clock, self.supervisor)
        records = self.records
        self.charts = Charts(
            self.sources,
            records,
            self.accounts,
            records,
            records,
            drawing,
            records,
            self.clock,
            self.supervisor,
        )
