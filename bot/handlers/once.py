"""Saying a thing once: a hint is not repeated while the last one is still on the screen."""

from __future__ import annotations

from collections.abc import Hashable

from cachetools import TTLCache

from bot.resilience.clock import Clock

QUIET_SECONDS = 60
MAX_REMEMBERED = 10_000


class Once:
    """Remembers what was said in the last minute; bounded, however many people write."""

    def __init__(self, clock: Clock) -> None:
        self._said: TTLCache[Hashable, bool] = TTLCache(MAX_REMEMBERED, QUIET_SECONDS, timer=clock.monotonic)

    def first(self, occasion: Hashable) -> bool:
        """True for the first of equal occasions within a minute."""
        if occasion in self._said:
            return False
        self._said[occasion] = True
        return True
