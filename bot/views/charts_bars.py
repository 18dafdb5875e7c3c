"""How the pool was used, drawn: bars day by day, and for one resource what was free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.models.chart import UsageChart
from bot.models.market import ZERO
from bot.views import charts_axes as axes
from bot.views.charts_card import EDGE, GREY, INCHES, SMALL, Card, apart, right_edge
from bot.views.charts_words import OTHERS, extent, title

SHADES = ("#2a6fdb", "#f2a03d", "#2fa187", "#b0529f", "#e0604c", "#9aa7b4")
BAR, POINTS = 0.72, 72  # of the room of a day; points in an inch
HEADROOM = Decimal("0.08")


def draw_usage(card: Card, chart: UsageChart) -> None:
    """The whole chart, which is not empty."""
    parts = _parts(chart)
    totals = [sum(heights) for heights in zip(*parts.values(), strict=True)]
    card.head(title(chart), f"{sum(totals):,}", extent(chart))
    right = right_edge(max(3, len(f"{max(*totals, *(use.free for use in chart.uses)):,}")))
    if chart.resource is None:
        field = _whole(card, (0.11, right, 0.68), totals)
        _legend(card, list(parts))
    else:
        field = _whole(card, (0.45, right, 0.77), totals)
        _left_over(card, chart, right)
    _stack(field, parts)
    _days(card, field, chart.days)
    if chart.resource is not None:
        field.set_xticks([])


def _whole(card: Card, place: tuple[float, float, float], values: Sequence[int], every: int = 1) -> Any:
    """A field for whole numbers: its bottom, right and top; `every` so many of its lines is drawn."""
    top = Decimal(max(1, *values)) * (1 + HEADROOM)
    field = card.field(EDGE, *place)
    card.scale(field, ZERO, top, axes.value_ticks(ZERO, top, whole=True)[::every])
    return field


def _parts(chart: UsageChart) -> dict[str, list[int]]:
    """Heights by day: those handed out most, and the others together."""
    taken: dict[str, dict[str, int]] = {}
    for use in chart.uses:
        taken.setdefault(use.resource, {})[use.day] = use.taken
    ranked = sorted(taken, key=lambda name: (-sum(taken[name].values()), name))
    named = ranked if len(ranked) <= len(SHADES) else ranked[: len(SHADES) - 1]
    parts = {name: [taken[name].get(day, 0) for day in chart.days] for name in named}
    if others := ranked[len(named) :]:
        parts[OTHERS] = [sum(taken[name].get(day, 0) for name in others) for day in chart.days]
    return parts


def _stack(field: Any, parts: dict[str, list[int]]) -> None:
    """Bars as thick lines, which are drawn many times faster than rectangles."""
    days = len(next(iter(parts.values())))
    thick = BAR * field.get_position().width * INCHES[0] * POINTS / _days_wide(days)
    bottom = [0] * days
    for shade, heights in zip(SHADES, parts.values(), strict=False):
        top = [low + height for low, height in zip(bottom, heights, strict=True)]
        field.vlines(range(days), bottom, top, colors=shade, linewidth=thick)
        bottom = top


def _legend(card: Card, names: Sequence[str]) -> None:
    """Six names at most, three in a row."""
    for place, (name, shade) in enumerate(zip(names, SHADES, strict=False)):
        left, bottom = EDGE + place % 3 * 0.31, 0.765 - place // 3 * 0.06
        card.write((left, bottom), "■", size=SMALL, ink=shade)
        card.write((left + 0.032, bottom), card.fitting(name, 0.26, SMALL), size=SMALL)


def _left_over(card: Card, chart: UsageChart, right: float) -> None:
    """Below, how many were free."""
    free = {use.day: use.free for use in chart.uses}
    places = [place for place, day in enumerate(chart.days) if day in free]
    heights = [free[chart.days[place]] for place in places]
    field = _whole(card, (0.11, right, 0.33), heights, every=2)
    field.plot(places, heights, color=SHADES[2], linewidth=2.2, marker="o", markersize=3.5)
    card.write((EDGE, 0.36), f"Free: {heights[-1]:,}", size=SMALL, ink=GREY)
    _days(card, field, chart.days)


def _days(card: Card, field: Any, days: Sequence[str]) -> None:
    field.set_xlim(-0.6, _days_wide(len(days)) - 0.6)
    step = -(-len(days) // axes.MOST_TIMES)
    moments = [datetime.combine(date.fromisoformat(day), datetime.min.time()) for day in days]
    ticks = [(float(place), axes.day_name(moments[place])) for place in range(len(days))[::-step]]
    field.set_xticks(*apart(ticks), **card.letters(size=SMALL, ink=GREY))


def _days_wide(days: int) -> float:
    """How many bars have room beside each other: a few days do not fill the card."""
    return max(days, 5) + 0.2
