"""What a chart is called, and how far it goes: the same words in the picture and under it."""

from __future__ import annotations

from bot.models.chart import Chart, Drawn, LineChart, Span, UsageChart
from bot.models.price import Metal
from bot.views.text import count_of, cut, duration

METALS = {
    Metal.GOLD: "Gold",
    Metal.SILVER: "Silver",
    Metal.PLATINUM: "Platinum",
    Metal.PALLADIUM: "Palladium",
}
SPANS = {Span.DAY: "1 day", Span.WEEK: "7 days", Span.MONTH: "30 days", Span.QUARTER: "90 days"}
UNITS = {Drawn.PRICE: "USD", Drawn.SPOT: "USD an ounce", Drawn.PORTFOLIO: "USD"}
OTHERS = "others"
LONGEST = 32  # characters of a name from outside
NEARLY = 0.9  # of the span: what is shorter is said to be


def title(chart: Chart) -> str:
    """`BTC`, `Gold`, `Portfolio · paper`, `Handed out · beboo`."""
    if isinstance(chart, UsageChart):
        return "Handed out" + (f" · {cut(chart.resource, LONGEST)}" if chart.resource else "")
    match chart.what:
        case Drawn.SPOT:
            return METALS[Metal(chart.name)]
        case Drawn.PORTFOLIO:
            return f"Portfolio · {cut(chart.name, LONGEST)}"
    return cut(chart.name, LONGEST)


def extent(chart: Chart) -> str:
    """`7 days · USD`, and where there is less: `3 h 20 min so far · USD`."""
    if isinstance(chart, UsageChart):
        return f"{count_of(len(chart.days), 'day')}, by day"
    return f"{reach(chart)} · {UNITS[chart.what]}"


def reach(chart: LineChart) -> str:
    """`7 days`, `3 h 20 min so far`, `now` for one value."""
    seconds = chart.points[-1].at - chart.points[0].at if chart.points else 0.0
    if seconds >= NEARLY * chart.span.seconds:
        return SPANS[chart.span]
    return f"{duration(seconds)} so far" if seconds >= 1 else "one value so far"
