"""The scenarios: crowds that ask in one moment, people who come all the time, a Google that is slow or away."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.classic import Classic, marked_hosts, opened
from bench.ours import Quartermaster, marked, promised
from bench.result import Result
from bench.serving import RESOURCE, Crowd, Pace, Served, Watch, Way, projection, result_of, serve
from bench.world import World, scattered

MODES = ("naive", "batch", "quartermaster")
LONGER = ("poisson", "slow", "outage")
BURSTS = ((1, 5), (1, 20), (1, 50), (5, 5), (100, 10), (1000, 5))
ROWS = 10_000
PER_USER = 5
UNLIMITED = Pace(300, 10)  # what the bot's settings allow at most; others go as fast as they can
FAILING = 0.05  # of all calls, half of them 429 and half 503
PATIENT = 150.0  # seconds until what is being checked must have settled


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure: `latency_ms` of a call, a run's `cut` in seconds, and the times of the longer scenarios."""

    latency_ms: float
    pace: Pace | None
    cut: float
    per_second: float
    seconds: float
    slow_ms: tuple[float, float]
    away: tuple[float, float]
    seed: int = 1


THOROUGH = Plan(335, Pace(50, 10), 65.0, 5.0, 60.0, (200, 2000), (15.0, 35.0))
QUICK = Plan(50, None, 4.0, 20.0, 3.0, (30, 300), (1.0, 1.8))
POISSON_PER_SECOND, POISSON_SECONDS = 20.0, 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A result and what else was seen.

    `differences` counts proxies that the sheet shows and nobody was told of, and the other way round (None where a
    run was cut); `refused` the calls that Google's quota refused; `failed` users by the error they were told;
    `caught_up_s` how long after Google's return the sheet showed everything.
    """

    result: Result
    differences: int | None = None
    refused: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    caught_up_s: float | None = None

    @property
    def is_true(self) -> bool:
        """Whether nobody shares a proxy, and the sheet says what people were told."""
        return not self.result.double_handouts and not self.differences


def bursts() -> list[Crowd]:
    """Everybody asks in the same moment."""
    return [Crowd(f"{users}x{count}", [0.0] * users, count) for users, count in BURSTS]


def poisson(per_second: float, seconds: float, seed: int, name: str = "poisson") -> Crowd:
    """People come by themselves, so many a second on average."""
    chance, at, arrivals = random.Random(seed), 0.0, []
    while (at := at + chance.expovariate(per_second)) < seconds:
        arrivals.append(at)
    return Crowd(name, arrivals, PER_USER)


async def burst(world: World, plan: Plan, crowd: Crowd, mode: str, watch: Watch) -> Finding:
    """One crowd, served one way."""
    await world.fill(scattered(ROWS, crowd.wanted, plan.seed))
    if mode == Quartermaster.name:
        async with _ours(world, plan) as ours:
            return await _measured(world, plan, crowd, ours, plan.cut, watch)
    client = await opened(world, plan.pace)
    try:
        way = Classic(client, world.book, per_call=1 if mode == "naive" else None)
        return await _measured(world, plan, crowd, way, plan.cut, watch)
    finally:
        await client.close()


async def steady(world: World, plan: Plan, crowd: Crowd, watch: Watch) -> Finding:
    """People come all the time, and Google's own quota is on."""
    await world.fill(scattered(ROWS, crowd.wanted, plan.seed))
    async with _ours(world, plan) as ours:
        await world.quota(on=True)
        try:
            return await _measured(world, plan, crowd, ours, None, watch)
        finally:
            await world.quota(on=False)


async def slow(world: World, plan: Plan, watch: Watch) -> Finding:
    """Each call takes its own time, and one in twenty is refused."""
    crowd = poisson(plan.per_second, plan.seconds, plan.seed, "slow")
    await world.fill(scattered(ROWS, crowd.wanted, plan.seed))
    async with _ours(world, plan) as ours:
        await world.latency(*plan.slow_ms)
        await world.faults(*({"kind": "status", "status": s, "probability": FAILING / 2} for s in (429, 503)))
        finding = await _troubled(world, crowd, ours, watch, sum(plan.slow_ms) / 2000)
        await world.faults()
        return finding


async def outage(world: World, plan: Plan, watch: Watch) -> Finding:
    """Google does not work for a while, and people go on asking."""
    crowd = poisson(plan.per_second, plan.seconds, plan.seed, "outage")
    await world.fill(scattered(ROWS, crowd.wanted, plan.seed))
    async with _ours(world, plan) as ours:
        back_at = asyncio.create_task(_go_away(world, *plan.away))
        return await _troubled(world, crowd, ours, watch, plan.latency_ms / 1000, back_at)


async def _go_away(world: World, begin: float, end: float) -> float:
    """Returns when Google was back, on the clock of `perf_counter`."""
    await asyncio.sleep(begin)
    await world.faults({"kind": "status", "status": 503, "path": "values"})
    await asyncio.sleep(end - begin)
    await world.faults()
    return time.perf_counter()


@asynccontextmanager
async def _ours(world: World, plan: Plan) -> AsyncIterator[Quartermaster]:
    """A desk that has read the sheet; from then on calls take their time."""
    pace = plan.pace or UNLIMITED
    each = f"{pace.per_minute:.0f}"
    await world.latency(0)
    async with world.desk(SHEET_READS_PER_MINUTE=each, SHEET_WRITES_PER_MINUTE=each) as desk:
        await world.latency(plan.latency_ms)
        yield Quartermaster(desk)


async def _measured(
    world: World, plan: Plan, crowd: Crowd, way: Way, cut: float | None, watch: Watch
) -> Finding:
    await world.latency(plan.latency_ms)
    await world.count_anew()
    served = await serve(way, crowd, cut, watch)
    latency = plan.latency_ms / 1000
    if not served.whole:
        calls = crowd.wanted if way.name == "naive" else len(crowd.arrivals)
        return Finding(projection(way, crowd, served, calls, plan.pace, latency))
    return await _found(world, crowd, way, served, latency)


async def _troubled(
    world: World,
    crowd: Crowd,
    ours: Quartermaster,
    watch: Watch,
    latency: float,
    back_at: asyncio.Task[float] | None = None,
) -> Finding:
    """Serve, and wait until all that is being checked has settled."""
    await world.count_anew()
    served = await serve(ours, crowd, None, watch)
    await ours.settled(PATIENT)
    caught_up = None if back_at is None else max(0.0, time.perf_counter() - await back_at)
    await ours.catch_up(range(1, len(crowd.arrivals) + 1))
    return await _found(world, crowd, ours, served, latency, caught_up)


async def _found(
    world: World, crowd: Crowd, way: Way, served: Served, latency: float, caught_up: float | None = None
) -> Finding:
    counters, rows = await world.counters(), await world.rows()
    differences = _difference(_shown(way, rows), _told(way))
    result = result_of(way, crowd, served, counters, latency)
    return Finding(result, differences, counters["statuses"].get("429", 0), served.failed, caught_up)


def _shown(way: Way, rows: Sequence[Sequence[object]]) -> Counter[object]:
    if isinstance(way, Quartermaster):
        return Counter(marked(rows, RESOURCE))
    return Counter(marked_hosts(rows, RESOURCE))


def _told(way: Way) -> Counter[object]:
    if isinstance(way, Quartermaster):
        return Counter(promised(way.told))
    return Counter(host for hosts in way.told.values() for host in hosts)


def _difference(one: Counter[object], other: Counter[object]) -> int:
    return (one - other).total() + (other - one).total()
