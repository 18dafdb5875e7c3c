"""How fast proxies are handed out: one by one, a batch for each user, and by Quartermaster.

All against the sandbox's Sheets over real HTTP, one call taking 335 ms, and all at the same pace: 50 reads and 50
writes a minute, 10 of each saved up. `naive` reads and writes once for each proxy, `batch` once for each user; both
share one client among all users, as gspread-asyncio does it. Of runs below 5 s the median of three counts. A run
that takes longer than --cut is projected: its calls by the pace, or one after the other where that takes longer.

Then Quartermaster alone: `poisson` (20 users a second for a minute, Google's quota on), `slow` (calls of 0.2 to 2 s,
one in twenty refused) and `outage`. What people were told is compared with the sheet after each run; the exit code
is 1 where they differ or a proxy was given to two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from bench import report
from bench.ours import Quartermaster
from bench.page import put_into
from bench.scenarios import (
    LONGER,
    MODES,
    POISSON_PER_SECOND,
    POISSON_SECONDS,
    QUICK,
    THOROUGH,
    Finding,
    Plan,
    burst,
    bursts,
    outage,
    poisson,
    slow,
    steady,
)
from bench.serving import Crowd, Watch
from bench.world import World, local_world
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bot.logs import configure_logging

RUNS, SHORT = 3, 5.0  # of what takes less than so many seconds
Measurement = Callable[[Watch], Awaitable[Finding]]


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [crowd.scenario for crowd in bursts()] + list(LONGER)
    parser.add_argument(
        "--quick", action="store_true", help="50 ms a call, no pace, cut after 4 s, no poisson"
    )
    parser.add_argument("--cut", type=_seconds, metavar="SECONDS", help="end a run after that (65, quick: 4)")
    parser.add_argument(
        "--latency", type=_seconds, metavar="SECONDS", help="of one call (0.335, quick: 0.05)"
    )
    parser.add_argument("--scenario", action="append", choices=names, metavar="NAME", help=f"only {names}")
    parser.add_argument("--mode", action="append", choices=MODES, help="only this way of handing out")
    parser.add_argument("--seed", type=int, default=1, help="which rows are the best, and who comes when (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the results")
    parser.add_argument(
        "--page",
        type=Path,
        action="append",
        default=[],
        metavar="FILE.md",
        help="put the bursts between its marks",
    )
    parser.add_argument("--also", type=Path, metavar="FILE.md", help="put the others between its marks")
    return parser.parse_args(arguments)


def plan_of(options: argparse.Namespace) -> Plan:
    """How to measure."""
    plan = QUICK if options.quick else THOROUGH
    changes = {"cut": options.cut, "latency_ms": options.latency and options.latency * 1000}
    return replace(plan, seed=options.seed, **{name: value for name, value in changes.items() if value})


def measurements(world: World, plan: Plan, options: argparse.Namespace) -> list[tuple[str, int, Measurement]]:
    """What is to be measured: its title, how many proxies it is about, and how to begin."""
    wanted = options.scenario or [
        *(crowd.scenario for crowd in bursts()),
        *(name for name in LONGER if not (options.quick and name == "poisson")),
    ]
    modes = options.mode or MODES
    found = [
        (f"{crowd.scenario} {mode}", crowd.wanted, _burst(world, plan, crowd, mode))
        for crowd in bursts()
        if crowd.scenario in wanted
        for mode in modes
    ]
    if Quartermaster.name not in modes:
        return found
    crowd = poisson(POISSON_PER_SECOND, POISSON_SECONDS, plan.seed)
    also = poisson(plan.per_second, plan.seconds, plan.seed).wanted
    longer: dict[str, tuple[int, Measurement]] = {
        "poisson": (crowd.wanted, lambda watch: steady(world, plan, crowd, watch)),
        "slow": (also, lambda watch: slow(world, plan, watch)),
        "outage": (also, lambda watch: outage(world, plan, watch)),
    }
    return found + [(name, *longer[name]) for name in LONGER if name in wanted]


async def measure(options: argparse.Namespace, console: Console) -> list[Finding]:
    """One after the other, with a bar for each."""
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("proxies"),
        TimeElapsedColumn(),
    )
    findings = []
    async with local_world() as world:
        with Progress(*columns, console=console) as progress:
            for title, wanted, begin in measurements(world, plan_of(options), options):
                task = progress.add_task(title, total=wanted)
                findings.append(await begin(partial(_show, progress, task)))
                progress.stop_task(task)
    return findings


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    """Measure, print a table, and write files where asked; returns the exit code."""
    options = options_of(arguments)
    configure_logging("ERROR", "console", None, secrets=())
    console = Console(stderr=True)
    findings = asyncio.run(measure(options, console))
    Console(width=None if sys.stdout.isatty() else 140).print(report.table(findings))
    for line in report.remarks(findings):
        print(line)
    if options.json:
        rows = [asdict(finding.result) for finding in findings]
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        report.plot(findings, options.plot)
    for page in options.page:
        put_into(page, "bursts", report.markdown(findings))
    if options.also:
        put_into(options.also, "longer", report.also(findings))
    ours = [finding for finding in findings if finding.result.mode == Quartermaster.name]
    return 0 if all(finding.is_true for finding in ours) else 1


def _show(progress: Progress, task: TaskID, done: int) -> None:
    progress.update(task, completed=done)


def _burst(world: World, plan: Plan, crowd: Crowd, mode: str) -> Measurement:
    """A short run three times, of which the median counts."""

    async def run(watch: Watch) -> Finding:
        found = [await burst(world, plan, crowd, mode, watch)]
        while len(found) < RUNS and found[0].result.wall_s < SHORT and all(each.is_true for each in found):
            found.append(await burst(world, replace(plan, seed=plan.seed + len(found)), crowd, mode, watch))
        if not all(each.is_true for each in found):
            return found[-1]
        return sorted(found, key=lambda finding: finding.result.wall_s)[len(found) // 2]

    return run


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("a number of seconds above 0 is needed")
    return value


if __name__ == "__main__":
    sys.exit(main())
