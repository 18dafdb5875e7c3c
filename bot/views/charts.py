"""Charts in the chat: the picture's caption and its buttons, or a sentence where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

from bot.models.chart import Chart, Drawn, LineChart, Span, UsageChart
from bot.models.market import ZERO
from bot.models.offer import Action
from bot.views.amounts import money, percent
from bot.views.charts_axes import figure
from bot.views.charts_words import SPANS, UNITS, extent, reach, title
from bot.views.reply import Button, Picture, Reply
from bot.views.text import ago, escaped

DRAWING = "The picture is being drawn …"
NOTED = {
    Drawn.SPOT: "noted here",
    Drawn.PORTFOLIO: "noted here every hour",
}
EVERY_TEN = "noted here every 10 min"
GOOD_FOR = 86_400.0


def chart(
    found: Chart,
    source: str,
    age: float | None,
    *,
    stale: bool = False,
    series: str,
    picture: Picture | None,
) -> Reply:
    """The chart with its figures; `series`: how it is asked for, `age`: seconds since the last value."""
    if isinstance(found, UsageChart):
        return Reply((_usage(found),), picture=picture, good_for=GOOD_FOR)
    text = _line(found, source, age, stale=stale) if found.points else _nothing_yet(found)
    spans = [_span(span, found.span, series) for span in Span]
    return Reply((text,), picture=picture, good_for=GOOD_FOR).with_buttons(spans)


def picture_of(key: str, file_id: str | None, paint: Callable[[], Awaitable[bytes]]) -> Picture:
    """A chart's picture."""
    return Picture(key, "chart.png", paint, file_id)


def open_button(series: str, span: Span = Span.WEEK) -> Button:
    """Opens the chart of a series from elsewhere: a coin, a metal's code, `portfolio`, `pool`, `pool RESOURCE`."""
    return Button("Chart", Action("chart", (series, span)))


def _line(found: LineChart, source: str, age: float | None, *, stale: bool) -> str:
    prices = [point.price for point in found.points]
    written: Callable[[Decimal], str] = money if found.what is Drawn.PORTFOLIO else figure
    change = f" · {percent(prices[-1] / prices[0] - 1)}" if len(prices) > 1 and prices[0] > ZERO else ""
    lines = [
        f"⚠ {escaped(source)} does not answer just now: this is what it said {ago(age or 0.0)}."
        if stale
        else "",
        f"<b>{escaped(title(found))}</b> · {reach(found)}",
        f"{written(prices[-1])} {UNITS[found.what]}{change}",
        f"High {written(max(prices))} · low {written(min(prices))}" if len(prices) > 1 else "",
        f"<i>{escaped(_origin(found, source))} · {ago(age or 0.0)}</i>",
    ]
    return "\n".join(line for line in lines if line)


def _origin(found: LineChart, source: str) -> str:
    return source if found.what is Drawn.PRICE else NOTED[found.what]


def _nothing_yet(found: LineChart) -> str:
    match found.what:
        case Drawn.SPOT:
            name = title(found).lower()
            return f"No price of {name} was noted in the last {SPANS[found.span]}.\nLook again later, or see /spot."
        case Drawn.PORTFOLIO:
            return (
                f"What {escaped(found.name)} was worth was not noted in the last {SPANS[found.span]}: "
                "that is done once an hour, for who was here in the last week.\nLook again later, or see /portfolio."
            )
    return f"There are no past prices of {escaped(found.name)}."


def _usage(found: UsageChart) -> str:
    if not found.uses:
        of = f" for {escaped(found.resource)}" if found.resource else ""
        return f"Nothing was noted{of} yet: that is done every 10 minutes.\nLook again later, or see /stats."
    today, total = found.days[-1], sum(use.taken for use in found.uses)
    latest = [use for use in found.uses if use.day == today]
    free = f" · {latest[0].free:,} free" if found.resource and latest else ""
    return "\n".join(
        (
            f"<b>{escaped(title(found))}</b> · {extent(found)}",
            f"{total:,} in all · today {sum(use.taken for use in latest):,}{free}",
            f"<i>{EVERY_TEN}</i>",
        )
    )


def _span(span: Span, chosen: Span, series: str) -> Button:
    mark = "✓ " if span is chosen else ""
    return Button(f"{mark}{span}", Action("chart", (series, span)))
