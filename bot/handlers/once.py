"""Saying a thing once: a hint is not repeated while the last one is still on the screen."""

from __future__ import annotations

from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown

QUIET_SECONDS = 60


class Once(Cooldown):
    """Remembers what was said in the last minute."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, QUIET_SECONDS)
