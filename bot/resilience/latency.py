"""How long calls took: the last ones exactly, all of them by bucket."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from itertools import accumulate

REMEMBERED = 256
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds; the last bucket has none


class Latencies:
    """The seconds of the last 256 calls."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, seconds: float) -> None:
        """One call more."""
        self._seconds.append(seconds)

    def percentile(self, share: float) -> float | None:
        """The smallest value that at least `share` of all do not exceed (nearest rank); None without any."""
        ordered = sorted(self._seconds)
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


class Histogram:
    """How many of all calls took how long: twelve counts and a sum, however many calls there are."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0  # seconds of all calls together

    def add(self, seconds: float) -> None:
        """One call more."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> tuple[int, ...]:
        """How many took at most each of BOUNDS, and last how many there are: Prometheus's buckets, +Inf at the end."""
        return tuple(accumulate(self._counts))
