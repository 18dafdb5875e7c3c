"""What can be drawn: a value over time, and what the pool hands out day by day. In USD; times in epoch seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.models.price import Point
from bot.models.symbols import QUOTE, read_symbol

DAY = 86_400
MOST_POINTS = 400  # more than a phone can show


class Span(StrEnum):
    """How far back a line goes."""

    DAY = "1d"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"

    @property
    def days(self) -> int:
        """1 to 90."""
        return int(self.value[:-1])

    @property
    def seconds(self) -> int:
        """The same in seconds."""
        return self.days * DAY


class Drawn(StrEnum):
    """Whose value a line shows."""

    PRICE = "price"
    SPOT = "spot"
    PORTFOLIO = "portfolio"


@dataclass(frozen=True, slots=True)
class LineChart:
    """What `name` (a coin, a metal's code, an account's label) was worth in USD, oldest point first."""

    what: Drawn
    name: str
    span: Span
    points: tuple[Point, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.points


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was handed out for a resource on a day (ISO), and how many were free when the day was looked at last."""

    resource: str
    day: str
    taken: int
    free: int


@dataclass(frozen=True, slots=True)
class UsageChart:
    """What was handed out on each of `days` (ISO, all of them, oldest first), for one resource or for all (None)."""

    resource: str | None
    days: tuple[str, ...]
    uses: tuple[DayUse, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.uses


Chart = LineChart | UsageChart


def key_of(chart: Chart, style: str) -> str:
    """The same for the same picture and for no other; `style` changes whenever charts are drawn differently."""
    return hashlib.sha256(f"{style} {chart!r}".encode()).hexdigest()


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most so many points: of each stretch its first, lowest and highest; the very last one stays."""
    if len(points) <= most:
        return tuple(points)
    stretch = -(-len(points) * 3 // (most - 1))
    kept: list[Point] = []
    for start in range(0, len(points) - 1, stretch):
        part = points[start : min(start + stretch, len(points) - 1)]
        chosen = {part[0], min(part, key=_price), max(part, key=_price)}
        kept.extend(point for point in part if point in chosen)
    return (*kept[: most - 1], points[-1])


def coin_of(typed: str) -> str:
    """The coin of what was typed as a coin or a pair (BTC, btc/usdt, BTC/USDT:USDT); raises UnknownSymbol."""
    name = read_symbol(typed).name
    return name.removesuffix(QUOTE) or name


def _price(point: Point) -> Decimal:
    return point.price
