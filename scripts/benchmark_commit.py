"""How close the desk comes to the two calls that a commit cannot do without.

Against the sandbox's Sheets in a process of its own, over real HTTP. `bursts`: 1x50, 100x10 and 1000x5 takes at
once, best rows scattered at random over 10,000, one call taking 335 ms; the ratio is wall time over two calls.
`scaling`: a commit of 50 scattered rows without latency, in a sheet of 100,000 rows against one of 150.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.world import World, local_world, scattered

from bot.logs import configure_logging

LATENCY_MS = 335
BURSTS = ((1, 50), (100, 10), (1000, 5))
BURST_ROWS = 10_000
SCATTERED = 50
COMMITS = 20
QUICK_PACE = {"SHEET_READS_PER_MINUTE": "300", "SHEET_WRITES_PER_MINUTE": "300"}
PACE_PAUSE = 60 / 300 + 0.01  # so that no commit waits for its turn


@dataclass(frozen=True, slots=True)
class Result:
    """One scenario: median wall seconds, and its ratio to what it is measured by."""

    scenario: str
    wall_s: float
    ratio: float
    commits: float
    reads: float
    writes: float
    double_handouts: int


async def burst(world: World, users: int, per_user: int, runs: int) -> Result:
    """Everybody asks in the same moment."""
    walls, doubles, counted = [], 0, [0, 0, 0]
    for run in range(runs):
        await world.latency(0)
        await world.fill(scattered(BURST_ROWS, users * per_user, seed=run))
        async with world.desk(**QUICK_PACE) as desk:
            await world.latency(LATENCY_MS)
            before, began = await desk.service.get_stats(), time.perf_counter()
            asked = (desk.service.issue("beboo", per_user, n, new_resource=True) for n in range(users))
            issued = await asyncio.gather(*asked)
            walls.append(time.perf_counter() - began)
            after = await desk.service.get_stats()
        keys = [proxy.key for one in issued for proxy in one.proxies]
        doubles += len(keys) - len(set(keys))
        for index, name in enumerate(("commits", "reads", "writes")):
            counted[index] += getattr(after, name) - getattr(before, name)
    wall = statistics.median(walls)
    ratio = wall / (2 * LATENCY_MS / 1000)
    commits, reads, writes = (count / runs for count in counted)
    return Result(f"{users}x{per_user}", wall, ratio, commits, reads, writes, doubles)


async def scaling(world: World, commits: int) -> list[Result]:
    """The same commit in a small and in a large sheet."""
    await world.latency(0)
    medians = {}
    for rows in (150, 100_000):
        await world.fill(scattered(rows, SCATTERED, seed=rows))
        async with world.desk(**QUICK_PACE) as desk:
            walls = []
            for number in range(commits):
                await asyncio.sleep(PACE_PAUSE)
                began = time.perf_counter()
                await desk.service.issue(f"site{number}", SCATTERED, 1, new_resource=True)
                walls.append(time.perf_counter() - began)
        medians[rows] = statistics.median(walls)
    small = medians[150]
    return [
        Result(f"{SCATTERED} of {rows}", wall, wall / small, 1, 1, 1, 0) for rows, wall in medians.items()
    ]


async def measure(runs: int, commits: int) -> list[Result]:
    """Every scenario, one after the other."""
    async with local_world() as world:
        results = [await burst(world, users, per_user, runs) for users, per_user in BURSTS]
        return results + await scaling(world, commits)


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="bursts of each kind (5)")
    parser.add_argument("--commits", type=int, default=COMMITS, metavar="N", help="commits a sheet size (20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    options = parser.parse_args()
    configure_logging("WARNING", "console", None, secrets=())
    results = asyncio.run(measure(options.runs, options.commits))
    print(f"{'scenario':<14}{'wall ms':>9}{'ratio':>7}{'commits':>9}{'reads':>7}{'writes':>8}{'doubled':>9}")
    for one in results:
        print(
            f"{one.scenario:<14}{one.wall_s * 1000:>9.0f}{one.ratio:>7.2f}{one.commits:>9.1f}"
            f"{one.reads:>7.1f}{one.writes:>8.1f}{one.double_handouts:>9}"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in results], indent=2))


if __name__ == "__main__":
    main()
