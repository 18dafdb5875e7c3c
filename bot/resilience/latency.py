"""How long the last calls took."""

from __future__ import annotations

import math
from collections import deque

REMEMBERED = 256


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
