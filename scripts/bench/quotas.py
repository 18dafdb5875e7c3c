"""Hours of calls in virtual time, to peers that keep a quota nobody knows, each in its own way.

The quota is drawn anew every five minutes, evenly between 30 and 120 a minute. There is always a next call to make,
one takes 0.3 s, and a refused one does not count against the quota.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.resilience.adaptive_pace import JITTER, QUICKER, SLOWER, SUCCESSES, AdaptivePace

DRAWN_EVERY = 300.0
LEAST, MOST = 30.0, 120.0
CALL = 0.3
START, FLOOR, CEILING = 1.0, 0.25, 60.0

OURS = "ours"
PLAIN = "without learning"
STRICT = "no two at once"


class Leaping:
    """A clock for one who is alone: whoever sleeps is at once there where they wanted to be."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Pace(Protocol):
    """What is compared."""

    async def turn(self) -> None: ...
    def succeeded(self) -> None: ...
    def refused(self, retry_after: float | None = None) -> None: ...


class PlainPace:
    """The rule without memory: a tenth faster after ten successes, half as fast after a refusal."""

    def __init__(self, clock: Leaping, jitter: random.Random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._delay = START
        self._successes = 0

    async def turn(self) -> None:
        delay = self._delay * self._jitter.uniform(1 - JITTER, 1 + JITTER)
        await self._clock.sleep(max(0.0, delay - CALL))

    def succeeded(self) -> None:
        self._successes += 1
        if self._successes % SUCCESSES == 0:
            self._delay = max(FLOOR, self._delay * QUICKER)

    def refused(self, retry_after: float | None = None) -> None:
        self._successes = 0
        self._delay = min(CEILING, self._delay * SLOWER)


class ClockMinute:
    """Counts anew from each full minute on."""

    def __init__(self) -> None:
        self._minute = -1
        self._count = 0

    def accepts(self, now: float, quota: float) -> bool:
        if self._minute != int(now // 60):
            self._minute, self._count = int(now // 60), 0
        accepted = self._count < quota
        self._count += accepted
        return accepted


class AnyMinute:
    """Looks back over the last 60 s."""

    def __init__(self) -> None:
        self._accepted: deque[float] = deque()

    def accepts(self, now: float, quota: float) -> bool:
        while self._accepted and self._accepted[0] <= now - 60:
            self._accepted.popleft()
        accepted = len(self._accepted) < quota
        if accepted:
            self._accepted.append(now)
        return accepted


class Bucket:
    """Fills evenly, up to a number of calls that may come at once."""

    def __init__(self, size: float) -> None:
        self._size = self._level = size
        self._seen = 0.0

    def accepts(self, now: float, quota: float) -> bool:
        self._level = min(self._size, self._level + (now - self._seen) * quota / 60)
        self._seen = now
        accepted = self._level >= 1
        self._level -= accepted
        return accepted


class Peer(Protocol):
    """Keeps a quota."""

    def accepts(self, now: float, quota: float) -> bool:
        """Whether it answers a call while so many are allowed a minute."""


PEERS: Mapping[str, Callable[[], Peer]] = {
    "by the clock's minute": ClockMinute,
    "over the last 60 s": AnyMinute,
    "a bucket of 20": lambda: Bucket(20),
    "a bucket of 5": lambda: Bucket(5),
    STRICT: lambda: Bucket(1),
}
PACES: Mapping[str, Callable[[Leaping, random.Random], Pace]] = {
    OURS: lambda clock, jitter: AdaptivePace(clock, jitter, delay=START, floor=FLOOR, ceiling=CEILING),
    PLAIN: PlainPace,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """How one pace got on with one peer; shares are between 0 and 1."""

    peer: str
    pace: str
    seed: int
    calls: int
    refused: float  # of the calls
    used: float  # of what the quotas allowed


def compare(seeds: int, hours: float) -> list[Kept]:
    """Every pace with every peer, `hours` long for each seed."""
    return [
        asyncio.run(_keep(peer, pace, seed, hours * 3600))
        for peer in PEERS
        for pace in PACES
        for seed in range(1, seeds + 1)
    ]


async def _keep(peer_name: str, pace_name: str, seed: int, end: float) -> Kept:
    chance, clock, peer = random.Random(seed), Leaping(), PEERS[peer_name]()
    quotas = [chance.uniform(LEAST, MOST) for _ in range(round(end / DRAWN_EVERY))]
    pace = PACES[pace_name](clock, chance)
    calls = refused = 0
    await pace.turn()
    while clock.now < end:
        accepted = peer.accepts(clock.now, quotas[int(clock.now // DRAWN_EVERY)])
        await clock.sleep(CALL)
        (pace.succeeded if accepted else pace.refused)()
        calls += 1
        refused += not accepted
        await pace.turn()
    allowed = sum(quotas) * DRAWN_EVERY / 60
    return Kept(peer_name, pace_name, seed, calls, refused / calls, (calls - refused) / allowed)
