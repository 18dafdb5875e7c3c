"""How fine past prices are kept, and how fine a picture needs them."""

from __future__ import annotations

from math import ceil

MINUTE, HOUR, DAY = 60, 3600, 86_400
KEPT = ((MINUTE, HOUR, DAY), (HOUR, DAY, 90 * DAY))  # a step, what it becomes, and after how long

_STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY)


def step_for(span: float, most: int) -> int:
    """The finest step (seconds) at which so long a time has at most so many points."""
    fitting = next((step for step in _STEPS if span <= step * most), None)
    return fitting or DAY * ceil(span / (DAY * most))


def whole_before(now: float, coarse: int, kept: int) -> int:
    """The time up to which all is older than `kept` seconds; no coarse interval is cut in two."""
    return int((now - kept) // coarse) * coarse
