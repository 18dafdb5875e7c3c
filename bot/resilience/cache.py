"""Values that cost a call elsewhere: fetched once for all who ask, kept for a while, dropped when they are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from cachetools import LRUCache

from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Load = Callable[[], Awaitable[V]]
Errors = tuple[type[Exception], ...]


class LoadEnded(Exception):
    """Somebody else than those who wait has cancelled the load: it has brought neither a value nor an error."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[V]):
    """A value, and when its load ended in seconds of `clock.monotonic`.

    `stale`: its time is over, and it is there because a load to replace it has failed.
    """

    value: V
    at: float
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """How many entries there are; the rest is counted since the start.

    A miss starts a load or is `shared` with one under way. `stale` answers are misses too, `errors` are failed
    loads, and `evictions` entries that had to make room, fresh or not.
    """

    size: int
    hits: int
    misses: int
    loads: int
    shared: int
    stale: int
    errors: int
    evictions: int


class _Store(LRUCache[K, V]):
    """Knows how many had to make room."""

    evictions = 0

    def popitem(self) -> tuple[K, V]:
        self.evictions += 1
        return super().popitem()


class _Flight(Generic[V]):
    """A load under way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[Entry[V]]) -> None:
        self.task = task
        self.waiting = 0


class AsyncCache(Generic[K, V]):
    """At most `size` values, the least recently used one makes room; each is fresh for `ttl` seconds.

    Callers who miss the same key at the same time share one load. Who of them is cancelled leaves the others
    alone; the load ends when nobody waits for it any more. Errors reach all who wait and are never kept; but a
    caller who names them in `stale_on` gets the last good value instead, up to `keep` seconds past its time.

    What is invalidated is gone for good, and so is what a load begun before that brings: those who have waited
    for it get it, whoever asks later has it loaded anew. The same holds for `put`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        supervisor: Supervisor,
        ttl: float = 15.0,
        size: int = 1000,
        keep: float = 3600.0,
        name: str = "cache",
    ) -> None:
        self._now = clock.monotonic
        self._supervisor = supervisor
        self._ttl = ttl
        self._keep = keep
        self.name = name
        self._entries: _Store[K, tuple[float, Entry[V]]] = _Store(size)  # with the end of their time
        self._flights: dict[K, _Flight[V]] = {}
        self._hits = self._loads = self._shared = self._stale = self._errors = 0

    async def get(
        self, key: K, load: Load[V], *, stale_on: Errors = (), ttl: float | None = None
    ) -> Entry[V]:
        """The fresh value, else what `load` brings, fresh for `ttl` seconds if that is given.

        A hit returns without letting anybody else run. Raises what the load raises, and LoadEnded.
        """
        fresh = self._fresh(key)
        if fresh is not None:
            return fresh
        try:
            return await self._arrival(key, self._join(key, load, ttl))
        except stale_on:
            last = self._last(key)
            if last is None:
                raise
            self._stale += last.stale
            return last

    def peek(self, key: K) -> V | None:
        """The value while it is fresh; nothing is loaded."""
        fresh = self._fresh(key)
        return None if fresh is None else fresh.value

    def put(self, key: K, value: V, *, ttl: float | None = None) -> None:
        """Keep a value that is known without a load."""
        self._flights.pop(key, None)
        self._store(key, Entry(value, self._now()), ttl)

    def expire(self, key: K) -> None:
        """Whoever asks next has it loaded anew, or joins a load under way; until then it is the last good value."""
        if key in self._entries:
            until, entry = self._entries[key]
            self._entries[key] = min(until, self._now()), entry

    def invalidate(self, key: K) -> None:
        """The value is wrong from now on."""
        self._flights.pop(key, None)
        self._entries.pop(key, None)

    def invalidate_all(self) -> None:
        """All values are wrong from now on."""
        self._flights.clear()
        self._entries.clear()

    def figures(self) -> CacheFigures:
        """What became of the requests so far."""
        return CacheFigures(
            size=len(self._entries),
            hits=self._hits,
            misses=self._loads + self._shared,
            loads=self._loads,
            shared=self._shared,
            stale=self._stale,
            errors=self._errors,
            evictions=self._entries.evictions,
        )

    def _fresh(self, key: K) -> Entry[V] | None:
        try:
            until, entry = self._entries[key]
        except KeyError:
            return None
        if self._now() >= until:
            return None
        self._hits += 1
        return entry

    def _join(self, key: K, load: Load[V], ttl: float | None) -> _Flight[V]:
        flight = self._flights.get(key)
        if flight is not None:
            self._shared += 1
            return flight
        self._loads += 1
        task = self._supervisor.start(self._fetch(load), name=f"{self.name} load", waited_for=True)
        self._flights[key] = flight = _Flight(task)
        task.add_done_callback(lambda _: self._landed(key, flight, ttl))
        return flight

    async def _fetch(self, load: Load[V]) -> Entry[V]:
        return Entry(await load(), self._now())

    async def _arrival(self, key: K, flight: _Flight[V]) -> Entry[V]:
        flight.waiting += 1
        try:
            await asyncio.wait((flight.task,))  # who is cancelled here does not cancel the task
        finally:
            flight.waiting -= 1
            if not flight.waiting and flight.task.cancel():
                self._forget(key, flight)
        if flight.task.cancelled():
            raise LoadEnded(self.name)
        return flight.task.result()

    def _landed(self, key: K, flight: _Flight[V], ttl: float | None) -> None:
        """Keep what the load has brought, unless the key was invalidated or put since it began."""
        is_current = self._forget(key, flight)
        if flight.task.cancelled():
            return
        if flight.task.exception() is not None:
            self._errors += 1
        elif is_current:
            self._store(key, flight.task.result(), ttl)

    def _forget(self, key: K, flight: _Flight[V]) -> bool:
        """Whoever asks from now on does not join; returns whether they would have."""
        is_current = self._flights.get(key) is flight
        if is_current:
            del self._flights[key]
        return is_current

    def _store(self, key: K, entry: Entry[V], ttl: float | None) -> None:
        self._entries[key] = entry.at + (self._ttl if ttl is None else ttl), entry

    def _last(self, key: K) -> Entry[V] | None:
        """The last good value, unless it is too old even for who has nothing better."""
        now = self._now()
        try:
            until, entry = self._entries[key]
        except KeyError:
            return None
        return replace(entry, stale=now >= until) if now < until + self._keep else None
