"""How everything is looked up: within a deadline, shared, and the last good value where there is no new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar

from bot.errors import OutcomeUnknown, PeerUnavailable
from bot.models.lookup import Aged
from bot.resilience.cache import AsyncCache, LoadEnded
from bot.resilience.clock import Clock
from bot.resilience.deadline import deadline
from bot.resilience.slots import resting
from bot.resilience.timings import Timings

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Fetch:
    """Asks venues; each has `seconds` to answer. Look-ups are counted by the names of their caches."""

    def __init__(self, clock: Clock, seconds: float, timings: Timings | None = None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._timings = timings or Timings(clock)

    async def aged(
        self,
        cache: AsyncCache[K, V],
        key: K,
        load: Callable[[], Awaitable[V]],
        source: str,
        ttl: float | None = None,
    ) -> Aged[V]:
        """The value of the key, a stale one where the venue is not there; fresh for `ttl` seconds, if given.

        Raises what `load` raises.
        """
        try:
            with self._timings.timed(cache.name):
                async with resting():
                    entry = await cache.get(key, load, stale_on=(PeerUnavailable,), ttl=ttl)
        except LoadEnded as error:
            raise PeerUnavailable(source, "the lookup was ended") from error
        return Aged(entry.value, source, self._clock.monotonic() - entry.at, entry.stale)

    async def asked(self, peer: str, ask: Callable[[], Awaitable[V]]) -> V:
        """What a venue answers in time; a question whose answer is lost has simply not been answered."""
        try:
            async with deadline(self._clock, self._seconds):
                return await ask()
        except TimeoutError as error:
            raise PeerUnavailable(peer, "no answer in time") from error
        except OutcomeUnknown as error:
            raise PeerUnavailable(error.peer, error.detail) from error
