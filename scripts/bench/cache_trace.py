"""Ten minutes of a desk in virtual time: which calls a cache saves, and whether an order leaves old values behind.

200 users make two requests a second in all, each for one of three kinds of value that somebody has; which one is
drawn by Zipf's law (exponent 1.1). Every 30 s somebody orders, and looks at all they have shortly before and shortly
after. A call upstream takes 0.4 s and brings what was true when it began.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cachetools import TTLCache

from bot.resilience.cache import AsyncCache
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor

USERS = 200
PER_SECOND = 2.0
EXPONENT = 1.1
SECONDS = 600.0
ORDER_EVERY = 30.0
CALL = 0.4
LOOK = 0.2  # seconds before an order, and after it: well within a call
TTLS = {"balance": 15.0, "positions": 10.0, "ticker": 5.0}
DROPPED = ("balance", "positions")
SIZE = 1000

Key = tuple[int, str]
Load = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A request for one kind of value of a user's; with no kind, an order."""

    at: float
    user: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all requests: found, waited for a call of somebody else's, made a call; and were misled."""

    cache: str
    requests: int
    hits: int
    shared: int
    calls: int
    stale: int

    @property
    def saved(self) -> float:
        """Requests that needed no call of their own, as a fraction."""
        return 1 - self.calls / self.requests


def draw(seed: int, seconds: float = SECONDS) -> list[Event]:
    """What people do, in order of time."""
    chance = random.Random(seed)
    pairs = list(itertools.product(range(USERS), TTLS))
    chance.shuffle(pairs)
    weights = [1 / rank**EXPONENT for rank in range(1, len(pairs) + 1)]
    events, now = list[Event](), chance.expovariate(PER_SECOND)
    while now < seconds:
        events.append(Event(now, *chance.choices(pairs, weights)[0]))
        now += chance.expovariate(PER_SECOND)
    for number in range(1, int(seconds / ORDER_EVERY)):
        at, (user, _) = number * ORDER_EVERY, chance.choices(pairs, weights)[0]
        looks = [Event(at + offset, user, kind) for offset in (-LOOK, LOOK) for kind in TTLS]
        events += [Event(at, user), *looks]
    return sorted(events)


def ideal(events: Sequence[Event]) -> Outcome:
    """A cache of which nobody waits for a call under way: what it will bring is there at once, and as long as ours."""
    fresh: dict[Key, float] = {}
    hits = requests = 0
    for event in events:
        if not event.kind:
            for kind in DROPPED:
                fresh.pop((event.user, kind), None)
            continue
        key = event.user, event.kind
        requests += 1
        if fresh.get(key, 0.0) > event.at:
            hits += 1
        else:
            fresh[key] = event.at + CALL + TTLS[event.kind]
    return Outcome("ideal", requests, hits, 0, requests - hits, 0)


class Cache(Protocol):
    """What is tried."""

    name: str

    @property
    def hits(self) -> int:
        """Requests that were answered at once."""

    async def get(self, key: Key, load: Load) -> int:
        """A value that is fresh for its kind's time."""

    def drop(self, key: Key) -> None:
        """The value is wrong from now on."""


class Ours:
    """The bot's, a cache for each kind's time."""

    name = "ours"

    def __init__(self, clock: ManualClock) -> None:
        self._cache: AsyncCache[Key, int] = AsyncCache(clock, supervisor=Supervisor(), size=SIZE)

    @property
    def hits(self) -> int:
        return self._cache.figures().hits

    async def get(self, key: Key, load: Load) -> int:
        return (await self._cache.get(key, load, ttl=TTLS[key[1]])).value

    def drop(self, key: Key) -> None:
        self._cache.invalidate(key)


class ByHand:
    """cachetools' TTLCache, one for each kind: look, else await and put."""

    name = "TTLCache by hand"

    def __init__(self, clock: ManualClock) -> None:
        self.hits = 0
        self._values = {kind: TTLCache[Key, int](SIZE, ttl, clock.monotonic) for kind, ttl in TTLS.items()}

    async def get(self, key: Key, load: Load) -> int:
        values = self._values[key[1]]
        if key in values:
            self.hits += 1
            return values[key]
        values[key] = value = await load()
        return value

    def drop(self, key: Key) -> None:
        self._values[key[1]].pop(key, None)


class Desk:
    """Lets people do what they do, and notes who was answered with what an earlier order had made wrong."""

    def __init__(self, cache: Cache, clock: ManualClock) -> None:
        self._cache, self._clock = cache, clock
        self._orders = dict.fromkeys(range(USERS), 0)
        self._calls = self._stale = 0

    async def run(self, events: Sequence[Event]) -> Outcome:
        """All of it; takes about a second for ten minutes."""
        began, requests = self._clock.monotonic(), list[asyncio.Task[None]]()
        for event in events:
            await self._clock.tick(began + event.at - self._clock.monotonic())
            if event.kind:
                requests.append(asyncio.create_task(self._ask((event.user, event.kind))))
            else:
                self._order(event.user)
        await self._clock.tick(2 * CALL)
        await asyncio.gather(*requests)
        count, hits = len(requests), self._cache.hits
        return Outcome(self._cache.name, count, hits, count - hits - self._calls, self._calls, self._stale)

    def _order(self, user: int) -> None:
        self._orders[user] += 1
        for kind in DROPPED:
            self._cache.drop((user, kind))

    async def _ask(self, key: Key) -> None:
        orders = self._orders[key[0]]
        seen = await self._cache.get(key, lambda: self._load(key[0]))
        self._stale += key[1] in DROPPED and seen < orders

    async def _load(self, user: int) -> int:
        self._calls += 1
        orders = self._orders[user]
        await self._clock.sleep(CALL)
        return orders


async def compare(events: Sequence[Event]) -> list[Outcome]:
    """The ideal, ours, and what everybody writes first."""
    outcomes = [ideal(events)]
    for kind in (Ours, ByHand):
        clock = ManualClock(0.0)
        outcomes.append(await Desk(kind(clock), clock).run(events))
    return outcomes
