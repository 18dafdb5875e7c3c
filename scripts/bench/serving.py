"""People come and are served: who got what, how long it took, and what a run that was cut would have taken."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bench.result import Result

RESOURCE = "beboo"
Watch = Callable[[int], None]


class Way(Protocol):
    """One way of handing out; `take` fills `told`."""

    name: str
    told: dict[int, list[str]]

    @property
    def waited(self) -> float: ...
    async def take(self, user: int, resource: str, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who comes when: seconds from the start for each user, all wanting `per_user` proxies."""

    scenario: str
    arrivals: Sequence[float]
    per_user: int

    @property
    def wanted(self) -> int:
        """Proxies in all."""
        return len(self.arrivals) * self.per_user


@dataclass(frozen=True, slots=True)
class Pace:
    """How often Google may be asked: calls of each kind a minute, and how many saved up may go at once."""

    per_minute: float
    burst: float


@dataclass(slots=True)
class Served:
    """What became of a crowd; `seconds` from each one's arrival to their answer, `failed` by the error's name."""

    wall: float = 0.0
    whole: bool = True
    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)


async def serve(way: Way, crowd: Crowd, cut: float | None, watch: Watch) -> Served:
    """Let the crowd come, and wait until all are served, or for `cut` seconds; `watch` is told how many were."""
    served, began = Served(), time.perf_counter()

    async def come(user: int, arrival: float) -> None:
        await asyncio.sleep(arrival)
        arrived = time.perf_counter()
        try:
            await way.take(user, RESOURCE, crowd.per_user)
        except Exception as error:  # a refusal is an answer, and which one is part of the result
            served.failed[type(error).__name__] += 1
        served.seconds.append(time.perf_counter() - arrived)

    people = [asyncio.create_task(come(user, at)) for user, at in enumerate(crowd.arrivals, start=1)]
    watching = asyncio.create_task(_watch(way, watch))
    _, late = await asyncio.wait(people, timeout=cut)
    served.wall, served.whole = time.perf_counter() - began, not late
    for each in (*late, watching):
        each.cancel()
    await asyncio.gather(*people, watching, return_exceptions=True)
    watch(_taken(way.told))
    return served


def result_of(way: Way, crowd: Crowd, served: Served, calls: Mapping[str, int], latency: float) -> Result:
    """The figures of a run that came to its end."""
    taken = _taken(way.told)
    return Result(
        crowd.scenario,
        way.name,
        len(crowd.arrivals),
        crowd.per_user,
        calls["reads"],
        calls["writes"],
        served.wall,
        way.waited,
        taken,
        taken / served.wall,
        doubles(way.told),
        False,
        latency,
        *_percentiles(served.seconds),
    )


def projection(
    way: Way, crowd: Crowd, served: Served, calls: int, pace: Pace | None, latency: float
) -> Result:
    """What a run that was cut would have taken, with so many reads and as many writes one after the other."""
    wire = 2 * calls * latency
    paced = 0.0 if pace is None else max(0.0, calls - pace.burst) / pace.per_minute * 60
    wall = max(wire, paced)
    return Result(
        crowd.scenario,
        way.name,
        len(crowd.arrivals),
        crowd.per_user,
        calls,
        calls,
        wall,
        wall - wire,
        crowd.wanted,
        crowd.wanted / wall,
        doubles(way.told),
        True,
        latency,
        *_percentiles([]),
    )


def doubles(told: Mapping[int, Sequence[str]]) -> int:
    """Proxies that more than one user was given."""
    holders = Counter(host for hosts in told.values() for host in set(hosts))
    return sum(count > 1 for count in holders.values())


def _taken(told: Mapping[int, Sequence[str]]) -> int:
    return sum(len(hosts) for hosts in told.values())


def _percentiles(seconds: Sequence[float]) -> tuple[float | None, float | None]:
    if not seconds:
        return None, None
    if len(seconds) == 1:
        return seconds[0], seconds[0]
    hundredths = statistics.quantiles(seconds, n=100, method="inclusive")
    return hundredths[49], hundredths[98]


async def _watch(way: Way, watch: Watch) -> None:
    while True:
        watch(_taken(way.told))
        await asyncio.sleep(0.1)
