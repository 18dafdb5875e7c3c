"""How close the desk comes to the two calls that a commit cannot do without.

Against the sandbox's Sheets in a process of its own, over real HTTP. `bursts`: 1x50, 100x10 and 1000x5 takes at
once, best rows scattered at random over 10,000, one call taking 335 ms; the ratio is wall time over two calls.
`scaling`: a commit of 50 scattered rows without latency, in a sheet of 100,000 rows against one of 150.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import Desk, open_desk
from bot.logs import configure_logging
from bot.resilience.memory import calm_collector
from bot.settings import Settings, load_settings

BOOK = "benchmark-book-of-proxies"
HEADER = ["proxy", "country", "provider", "days_left", "used_for", "note", "issued"]
LATENCY_MS = 335
BURSTS = ((1, 50), (100, 10), (1000, 5))
BURST_ROWS = 10_000
SCATTERED = 50
COMMITS = 20
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


class World:
    """The sandbox's Sheets, and desks on it."""

    def __init__(self, url: str, folder: Path, client: aiohttp.ClientSession) -> None:
        self._url = url
        self._folder = folder
        self._client = client
        self._desks = 0

    async def fill(self, rows: Sequence[Sequence[Any]]) -> None:
        """Put these rows into a new sheet."""
        book = {"title": "Benchmark", "sheets": [{"title": "Proxies", "values": [HEADER, *rows]}]}
        await self._put(f"spreadsheets/{BOOK}", book)

    async def latency(self, milliseconds: int) -> None:
        """From now on each call takes that long."""
        await self._put(
            "faults", {"latency": {"kind": "constant", "ms": milliseconds} if milliseconds else None}
        )

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """A desk with an empty journal that has read the sheet."""
        self._desks += 1
        async with open_desk(self._settings(self._folder / f"desk-{self._desks}")) as desk:
            await desk.service.issue("warm-up", 1, 1, new_resource=True)
            calm_collector()
            yield desk

    def _settings(self, folder: Path) -> Settings:
        environment = {
            "BOT_TOKEN": "123456:" + "A" * 35,
            "ADMIN_IDS": "1",
            "SHEET_ID": BOOK,
            "GOOGLE_SERVICE_ACCOUNT": str(self._folder / "world" / "service-account.json"),
            "SHEETS_API_URL": self._url,
            "SHEET_READS_PER_MINUTE": "300",
            "SHEET_WRITES_PER_MINUTE": "300",
            "SHEET_CACHE_TTL": "1h",
            "MAX_HELD": "100000",
            "DATA_DIR": str(folder),
        }
        return load_settings(environment, None)

    async def _put(self, path: str, body: Any) -> None:
        data = io.BytesIO(json.dumps(body).encode())
        headers = {"Content-Type": "application/json"}
        async with self._client.put(f"{self._url}/sandbox/{path}", data=data, headers=headers) as answer:
            answer.raise_for_status()


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """The local world in a process of its own; gives the address of its Sheets."""
    arguments = ["--no-bot", "--quota", "off", "--data-dir", str(folder / "world")]
    ports = ["--chat-port", "0", "--telegram-port", "0", "--sheets-port", "0"]
    command = [sys.executable, "-m", "sandbox", *arguments, *ports]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    address = ""
    for line in process.stdout:
        if found := re.match(r"Sheets +(http://\S+)", line):
            address = found[1]
        if line.startswith("Chat page"):
            return address
    raise SystemExit("the sandbox did not start")


def scattered(rows: int, best: int, seed: int) -> list[list[Any]]:
    """So many proxies, the `best` of which, and a fifth more, lie anywhere among them."""
    chosen = set(random.Random(seed).sample(range(rows), min(rows, best + best // 5 + 2)))
    return [
        [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}:8080:user{n}:pass{n}", "NL", "acme", days, "", "", ""]
        for n in range(rows)
        for days in [90 if n in chosen else 10]
    ]


async def burst(world: World, users: int, per_user: int, runs: int) -> Result:
    """Everybody asks in the same moment."""
    walls, doubles, counted = [], 0, [0, 0, 0]
    for run in range(runs):
        await world.latency(0)
        await world.fill(scattered(BURST_ROWS, users * per_user, seed=run))
        async with world.desk() as desk:
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
    return Result(f"{users}x{per_user}", wall, ratio, *(count / runs for count in counted), doubles)


async def scaling(world: World, commits: int) -> list[Result]:
    """The same commit in a small and in a large sheet."""
    await world.latency(0)
    medians = {}
    for rows in (150, 100_000):
        await world.fill(scattered(rows, SCATTERED, seed=rows))
        async with world.desk() as desk:
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
    with tempfile.TemporaryDirectory() as name, sandbox(Path(name)) as url:
        async with aiohttp.ClientSession() as client:
            world = World(url, Path(name), client)
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
