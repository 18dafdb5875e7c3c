"""A value over time, drawn as a line with its highest and its lowest point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from bot.models.chart import Drawn, LineChart
from bot.models.market import ZERO
from bot.models.price import Point
from bot.views import charts_axes as axes
from bot.views.amounts import money, percent
from bot.views.charts_card import BLUE, EDGE, GREEN, GREY, INK, RED, SMALL, USUAL, Card, apart, right_edge
from bot.views.charts_words import extent, title

LEFT_OUT = 0.06  # of the time, at the left: a label there would stand out of the card
HEADROOM = Decimal("0.16")


def draw_line(card: Card, chart: LineChart, zone: tzinfo) -> None:
    """The whole chart, which is not empty; days begin in `zone`."""
    points = chart.points
    written = money if chart.what is Drawn.PORTFOLIO else axes.figure
    card.head(title(chart), written(points[-1].price), extent(chart))
    _change(card, points)
    least, most = min(each.price for each in points), max(each.price for each in points)
    low, high = _room(least, most)
    values = axes.value_ticks(low, high)
    widest = max((len(label) for _, label in values), default=0)
    field = card.field(EDGE, 0.11, right_edge(widest), 0.77)
    card.scale(field, low, high, values)
    start, end = _breadth(points, chart.span.seconds)
    field.set_xlim(start, end)
    times = [
        tick for tick in axes.time_ticks(start, end, zone) if tick[0] >= start + (end - start) * LEFT_OUT
    ]
    field.set_xticks(*apart(times), **card.letters(size=SMALL, ink=GREY))
    _plot(field, points, float(low))
    if least < most:
        for extreme, above in ((max, True), (min, False)):
            point = extreme(reversed(points), key=lambda each: each.price)
            _mark(card, field, point, written(point.price), above=above)


def _change(card: Card, points: Sequence[Point]) -> None:
    first, last = points[0].price, points[-1].price
    if len(points) > 1 and first > ZERO:
        change = last / first - 1
        ink = GREEN if change > ZERO else RED if change < ZERO else GREY
        card.write((1 - EDGE, 0.835), percent(change), size=USUAL, bold=True, ink=ink, ha="right")


def _plot(field: Any, points: Sequence[Point], floor: float) -> None:
    """The line; dotted where nothing was noted."""
    field.plot(*_places(points), color=BLUE, alpha=0.45, linewidth=1.2, linestyle=":")
    parts = list(axes.stretches(points))
    across, up = _places([point for part in parts for point in (*part, None)])
    field.plot(across, up, color=BLUE, linewidth=2.2, solid_joinstyle="round")
    field.fill_between(across, up, floor, color=BLUE, alpha=0.10, linewidth=0)
    alone = [part[0] for part in parts if len(part) == 1]
    field.plot(*_places(alone), "o", color=BLUE, markersize=4)
    field.plot(*_places(points[-1:]), "o", color=BLUE, markersize=7, clip_on=False)


def _mark(card: Card, field: Any, point: Point, label: str, *, above: bool) -> None:
    """The highest or the lowest point."""
    left, right = field.get_xlim()
    where = (point.at - left) / (right - left)
    side = "left" if where < 0.2 else "right" if where > 0.8 else "center"
    field.plot(*_places([point]), "o", color=INK, markersize=4, clip_on=False)
    field.annotate(
        card.legible(label),
        (point.at, float(point.price)),
        xytext=(0, 6 if above else -6),
        textcoords="offset points",
        va="bottom" if above else "top",
        ha=side,
        **card.letters(size=SMALL),
    )


def _room(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """The range of the values with some room above and below; of one that stands still, one about it."""
    margin = (high - low) * HEADROOM
    if high - low <= abs(high) * Decimal("1e-12"):
        margin = abs(high) / 100 or Decimal(1)
    return low - margin, high + margin


def _breadth(points: Sequence[Point], seconds: float) -> tuple[float, float]:
    start, end = points[0].at, points[-1].at
    if end - start < 60:
        return end - seconds / 4, end
    return start, end


def _places(points: Sequence[Point | None]) -> tuple[list[float], list[float]]:
    """Across and up; None divides a line."""
    gap = float("nan")
    across = [each.at if each else gap for each in points]
    return across, [float(each.price) if each else gap for each in points]
