"""When metals are traded: not from Friday 17:00 to Sunday 18:00 in New York."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

STALE_AFTER = 15 * 60.0  # seconds of trading
WEEK = 7 * 86_400.0

_FRIDAY = 4
_CLOSES, _OPENS = time(17), time(18)


def closed_until(at: float) -> float | None:
    """When trading goes on, if nothing is traded at that time; both in epoch seconds."""
    closes, opens = _weekend(at)
    return opens if closes <= at < opens else None


def is_stale(at: float, now: float) -> bool:
    """Whether more than 15 minutes were traded since the price was made: a week-end makes none old."""
    if now - at <= STALE_AFTER:
        return False
    return now - at > WEEK or _traded(at, now) > STALE_AFTER


def _traded(since: float, until: float) -> float:
    """Seconds of trading in at most a week."""
    pauses = {_weekend(since), _weekend(until)}
    closed = sum(max(0.0, min(opens, until) - max(closes, since)) for closes, opens in pauses)
    return until - since - closed


def _weekend(at: float) -> tuple[float, float]:
    """The last week-end that has begun."""
    local = datetime.fromtimestamp(at, _new_york())
    friday = local.date() - timedelta(days=(local.weekday() - _FRIDAY) % 7)
    if local.date() == friday and local.time() < _CLOSES:
        friday -= timedelta(days=7)
    opens = datetime.combine(friday + timedelta(days=2), _OPENS, _new_york())
    return datetime.combine(friday, _CLOSES, _new_york()).timestamp(), opens.timestamp()


@cache
def _new_york() -> ZoneInfo:
    return ZoneInfo("America/New_York")
