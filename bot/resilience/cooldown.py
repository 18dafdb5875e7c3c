"""What may happen only once in a while, by occasion."""

from __future__ import annotations

from collections.abc import Hashable

from cachetools import TTLCache

from bot.resilience.clock import Clock

MAX_REMEMBERED = 10_000


class Cooldown:
    """Remembers the occasions of the last seconds; bounded, however many there are."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._seen: TTLCache[Hashable, bool] = TTLCache(MAX_REMEMBERED, seconds, timer=clock.monotonic)

    def first(self, occasion: Hashable) -> bool:
        """True for the first of equal occasions within the time, which runs from that first one on."""
        if occasion in self._seen:
            return False
        self._seen[occasion] = True
        return True
