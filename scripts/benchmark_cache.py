"""What a cached lookup costs, what a cache does under a crowd, and what it saves in ten minutes of a desk.

The hit path is timed in rounds that alternate between the ways, in time of the processor; shown are medians, also
of the ratios to a bare `cachetools.TTLCache` of the same round. `bare get` rows read a library's store without its
decorator, and protect from nothing. Behaviours: how many calls 1,000 misses at once make upstream; how many of 9
others lose their answer when the first caller is cancelled; whether a value whose load began before its
invalidation is served after it. bench/caches.py says which settings each library was given.

The trace (bench/cache_trace.py) runs in virtual time, beside an ideal cache. The command fails where ours makes a
second call, loses a waiter, serves an old value or saves less than 99 % of the calls that the ideal saves.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Any

from bench.cache_behaviour import KEY, Behaviour, observe
from bench.cache_trace import Outcome, compare, draw
from bench.caches import CONTENDERS, OURS, SIZE, TTL, Contender
from bench.page import WIDTH, command_line, in_a_terminal, in_markdown, publish, put_into
from cachetools import TTLCache
from rich.console import Console

from bot.resilience.cache import AsyncCache
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor

REFERENCE = "cachetools.TTLCache, bare"
PEEK = "ours, peek"
SLOW = ("aiocache", "cashews")
SLOWER = 20  # times fewer hits a round, so that a round takes about as long
LEAST_OF_IDEAL = 0.99

Spin = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One way: a hit in nanoseconds, and as a multiple of the reference's; no behaviour where there are only hits."""

    way: str
    ns: float
    ratio: float
    behaviour: Behaviour | None


async def fetch(_: str = KEY) -> int:
    """The value that is there to be found."""
    return 1


async def ways(stack: AsyncExitStack) -> dict[str, Spin]:
    """Everything that is timed, with its value in place; each makes so many hits."""
    cache: AsyncCache[str, int] = AsyncCache(SystemClock(), supervisor=Supervisor(), ttl=TTL, size=SIZE)
    await cache.get(KEY, fetch)
    values: TTLCache[str, int] = TTLCache(SIZE, TTL)
    values[KEY] = 1

    async def get(count: int) -> None:
        for _ in range(count):
            await cache.get(KEY, fetch)

    async def peek(count: int) -> None:
        for _ in range(count):
            cache.peek(KEY)

    async def bare(count: int) -> None:
        for _ in range(count):
            values[KEY]

    found: dict[str, Spin] = {REFERENCE: bare, OURS: get, PEEK: peek}
    for name, opened in CONTENDERS.items():
        if name != OURS:
            found[name] = spinning(await stack.enter_async_context(opened(fetch)))
            await found[name](1)
    return found | {f"{name}, bare get": spin for name, spin in (await stores()).items()}


async def stores() -> dict[str, Spin]:
    """The libraries' memories without their decorators."""
    from aiocache import Cache as AioCache
    from cashews import Cache as Cashews

    aio, cashews = AioCache(AioCache.MEMORY), Cashews()
    cashews.setup("mem://", size=SIZE, check_interval=0)
    await aio.set(KEY, 1, ttl=TTL)
    await cashews.set(KEY, 1, expire=TTL)
    return {
        "aiocache": spinning(Contender(aio.get, aio.delete)),
        "cashews": spinning(Contender(cashews.get, cashews.delete)),
    }


def spinning(contender: Contender) -> Spin:
    """Its hits, one after the other."""

    async def spin(count: int) -> None:
        get = contender.get
        for _ in range(count):
            await get(KEY)

    return spin


async def timed(spin: Spin, hits: int) -> float:
    """Nanoseconds of the processor a hit, while the collector rests: a hit waits for nothing."""
    gc.collect()
    gc.disable()
    try:
        began = time.thread_time()
        await spin(hits)
        return (time.thread_time() - began) / hits * 1e9
    finally:
        gc.enable()


async def measure(rounds: int, hits: int) -> list[Figure]:
    """Every way in turn, so that what else the machine does hits all alike."""
    behaviours = {name: await observe(opened) for name, opened in CONTENDERS.items()}
    async with AsyncExitStack() as stack:
        spins = await ways(stack)
        times: dict[str, list[float]] = {way: [] for way in spins}
        for _ in range(rounds):
            for way, spin in spins.items():
                times[way].append(await timed(spin, hits // (SLOWER if way.startswith(SLOW) else 1)))
    return [
        Figure(
            way,
            statistics.median(found),
            statistics.median(one / bare for one, bare in zip(found, times[REFERENCE], strict=True)),
            behaviours.get(way),
        )
        for way, found in times.items()
    ]


HEAD = ("way", "ns a hit", "× TTLCache", "calls of 1,000", "lost of 9", "old value after invalidation")
TRACE_HEAD = (
    "cache",
    "requests",
    "found",
    "waited along",
    "calls",
    "saved",
    "of the ideal's",
    "old values after an order",
)


def lines(figures: Sequence[Figure]) -> list[list[str]]:
    """One for each way."""
    found = []
    for one in figures:
        line = [one.way, f"{one.ns:,.0f}", f"{one.ratio:.2f}"]
        if one.behaviour is None:
            found.append([*line, "", "", ""])
        else:
            old = "served" if one.behaviour.serves_old else "never"
            found.append([*line, str(one.behaviour.calls), str(one.behaviour.lost), old])
    return found


def trace_lines(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """One for each cache; the first is the ideal."""
    return [
        [
            *(one.cache, *(f"{count:,}" for count in (one.requests, one.hits, one.shared, one.calls))),
            *(f"{one.saved:.1%}", f"{one.saved / outcomes[0].saved:.1%}", str(one.stale)),
        ]
        for one in outcomes
    ]


def faults(figures: Sequence[Figure], outcomes: Sequence[Outcome]) -> list[str]:
    """Promises that ours has not kept."""
    behaviour = next(one.behaviour for one in figures if one.way == OURS)
    best, mine, *_ = outcomes
    kept = {
        f"a crowd, a cancellation, an invalidation: {behaviour}": behaviour
        == Behaviour(1, 0, serves_old=False),
        f"{mine.saved / best.saved:.1%} of what the ideal saves": mine.saved >= LEAST_OF_IDEAL * best.saved,
        f"{mine.stale} old values after an order": mine.stale == 0,
    }
    return [what for what, is_kept in kept.items() if not is_kept]


def main() -> None:
    """Measure, print two tables, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="rounds of each way (15)")
    parser.add_argument(
        "--hits", type=int, default=20_000, metavar="N", help="hits of a fast way a round (20000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="who asks for what (1)")
    parser.add_argument("--minutes", type=int, default=10, metavar="N", help="of the desk (10)")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.rounds, options.hits))
    outcomes = asyncio.run(compare(draw(options.seed, options.minutes * 60)))
    everything: dict[str, Any] = {
        "hits": [asdict(one) for one in figures],
        "trace": [asdict(one) | {"saved": one.saved} for one in outcomes],
    }
    publish(options, "cache", "A cached lookup", HEAD, lines(figures), everything)
    Console(width=WIDTH).print(
        in_a_terminal(f"A desk for {options.minutes} minutes", TRACE_HEAD, trace_lines(outcomes))
    )
    if options.page:
        put_into(options.page, "cache trace", in_markdown(TRACE_HEAD, trace_lines(outcomes)))
    if broken := faults(figures, outcomes):
        sys.exit(f"Not as promised: {'; '.join(broken)}.")


if __name__ == "__main__":
    main()
