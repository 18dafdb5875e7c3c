"""What is to be drawn, as typed or as a button remembers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.arguments import BadArgument
from bot.handlers.subjects import parse_resource
from bot.models.chart import Span
from bot.models.price import Metal
from bot.models.resource import fold
from bot.views import usage
from bot.views.charts_words import METALS

PORTFOLIO, POOL = "portfolio", "pool"
METAL_NAMES = {fold(name): metal for metal, name in METALS.items()} | {fold(metal): metal for metal in Metal}


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin or a pair, as it was typed."""

    typed: str

    @property
    def series(self) -> str:
        """How it is asked for."""
        return self.typed


@dataclass(frozen=True, slots=True)
class Ounce:
    """An ounce of a metal."""

    metal: Metal

    @property
    def series(self) -> str:
        """How it is asked for."""
        return self.metal.value


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The account of whoever asks."""

    series: str = PORTFOLIO


@dataclass(frozen=True, slots=True)
class Pool:
    """What is handed out: for one resource, or for all."""

    resource: str | None = None

    @property
    def series(self) -> str:
        """How it is asked for."""
        return f"{POOL} {self.resource}" if self.resource else POOL


Subject = Coin | Ounce | Portfolio | Pool


def parse_chart(args: str | None) -> tuple[Subject, Span]:
    """What, and how far back, where that is said: `BTC`, `gold 30d`, `portfolio 90d`, `pool`; raises BadArgument."""
    words = (args or "").split()
    span = Span.WEEK
    if len(words) > 1 and fold(words[-1]) in set(Span):
        span = Span(fold(words.pop()))
        if fold(words[0]) == POOL:
            raise BadArgument(usage.POOL_DAYS, usage.CHART_POOL)
    return read_series(words), span


def read_series(words: Sequence[str]) -> Subject:
    """`SYMBOL`, a metal's name or code, `portfolio`, `pool` or `pool RESOURCE`; raises BadArgument."""
    if not words:
        raise BadArgument(usage.NO_CHART, usage.CHART)
    first, rest = fold(words[0]), words[1:]
    if first == POOL:
        if len(rest) > 1:
            raise BadArgument(usage.too_many("one resource is enough"), usage.CHART_POOL)
        return Pool(parse_resource(rest[0], usage.CHART_POOL) if rest else None)
    if rest:
        is_known = len(rest) > 1 or fold(rest[0]) in set(Span)
        enough = usage.too_many("a name and how far back are enough")
        raise BadArgument(enough if is_known else usage.no_span(rest[0], Span), usage.CHART)
    if first == PORTFOLIO:
        return Portfolio()
    return Ounce(METAL_NAMES[first]) if first in METAL_NAMES else Coin(words[0])
