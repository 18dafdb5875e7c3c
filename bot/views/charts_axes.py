"""Where the lines of a chart's grid stand, and what is written beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise

from bot.models.price import Point
from bot.views.amounts import MINUS, exact

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_TIMES = 5
INTERVALS = 5
DIGITS = 5  # of a value that is read off a chart
GAP = 5  # usual distances between two points: more is a gap

Tick = tuple[float, str]

_STEPS = (5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
_DAY_STEPS = (1, 2, 3, 7, 14, 30, 60)
_NICE = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_UNITS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
_WIDE = Context(prec=100)


def time_ticks(start: float, end: float, zone: tzinfo) -> list[Tick]:
    """At most five moments between the two (epoch seconds): hours of the day, or days at their midnight."""
    for step in _STEPS:
        if (end - start) / step < MOST_TIMES:
            return [(at, _time_of_day(at, zone)) for at in _every(step, start, end, zone)]
    midnights = list(_every(DAY, start, end, zone))
    step = next((each for each in _DAY_STEPS if len(midnights) / each <= MOST_TIMES), len(midnights))
    return [(at, day_name(datetime.fromtimestamp(at, zone))) for at in midnights[::step]]


def value_ticks(low: Decimal, high: Decimal, *, whole: bool = False) -> list[Tick]:
    """Two to six round values between the two; of whole things whole numbers."""
    step = _nice_step((high - low) / INTERVALS)
    if whole:
        step = max(Decimal(1), step.to_integral_value(ROUND_CEILING))
    unit, sign = _unit(high, step)
    places = max(0, -_places(step / unit))
    first = (low / step).to_integral_value(ROUND_CEILING)
    count = int((high / step - first).to_integral_value(ROUND_HALF_EVEN)) + 2
    values = [value for n in range(count) if low <= (value := (first + n) * step) <= high]
    return [(float(value), f"{_plain(value / unit, places)}{sign}") for value in values]


def figure(value: Decimal) -> str:
    """A value as it can be read off a chart: cents, or five digits where that is more: `61,234.50`, `0.000012346`."""
    if not value.is_finite() or not value:
        return exact(value)
    places = min(30, max(2, DIGITS - 1 - value.adjusted()))
    if abs(value) >= 1_000_000_000:
        places = 0
    return _plain(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE), min(places, 30))


def day_name(day: datetime) -> str:
    """`22 Nov`."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def stretches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """The points, divided where nothing was noted for much longer than usual."""
    distances = sorted(after.at - before.at for before, after in pairwise(points))
    usual = distances[len(distances) // 2] if distances else 0.0
    widest = max(GAP * usual, (points[-1].at - points[0].at) / 50) if points else 0.0
    begin = 0
    for place, (before, after) in enumerate(pairwise(points), 1):
        if after.at - before.at > widest:
            yield points[begin:place]
            begin = place
    if points:
        yield points[begin:]


def _every(step: int, start: float, end: float, zone: tzinfo) -> Iterator[float]:
    """Every `step` seconds of the local clock, counted from midnight; a day is as long as it is there."""
    first = datetime.fromtimestamp(start, zone)
    wall = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    while (at := wall.replace(tzinfo=zone).astimezone(UTC).timestamp()) <= end:
        if at >= start:
            yield at
        wall += timedelta(seconds=step)


def _time_of_day(at: float, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(at, zone)
    return day_name(moment) if (moment.hour, moment.minute) == (0, 0) else f"{moment:%H:%M}"


def _nice_step(rough: Decimal) -> Decimal:
    size = Decimal(1).scaleb(rough.adjusted())
    return next(nice * size for nice in _NICE if nice * size >= rough)


def _unit(high: Decimal, step: Decimal) -> tuple[Decimal, str]:
    """Millions and more are written short where that keeps them apart."""
    for unit, sign in _UNITS:
        if high >= unit and step >= unit / 1000:
            return unit, sign
    return Decimal(1), ""


def _places(step: Decimal) -> int:
    exponent = step.normalize(_WIDE).as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _plain(value: Decimal, places: int) -> str:
    return f"{MINUS if value < 0 else ''}{value.copy_abs():,.{places}f}"
