"""How long a refresh of a large sheet holds the loop, and what a proxy takes of memory.

Against the sandbox's Sheets in a process of its own, over real HTTP. While the bot's own desk reads the sheet again
and again, somebody else wants the loop every millisecond: the longest that they had to wait in a refresh is how long
the loop was held, by us or by the decoding of answers in a thread. The processor time that this process spent
meanwhile tells how much of it was its own work, and not the other programs of this machine. Before one refresh in
three a row is inserted at the top, so that every proxy has moved.

Memory is what is traced (tracemalloc) after two refreshes from answers that stand in memory: with all that is kept
to find proxies and to read them again, and without it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import statistics
import time
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any

from bench.page import command_line, publish
from bench.world import HEADER, local_world, scattered

from bot.logs import configure_logging
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.models.sheet import FIELDS, Cell
from bot.models.view import Reading
from bot.resilience.clock import SystemClock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.memory import make_collections_rare
from bot.services.attention import Attention
from bot.services.sheet_refresh import SheetRefresh

SIZES = (10_000, 100_000)
REFRESHES = 9
QUICK_REFRESHES = 3
EVERY = 0.001
USED_SHARE = 5  # one row in so many is used for something
RESOURCES = ("beboo", "tinder, mamba", "avito")
QUICK_PACE = {"SHEET_READS_PER_MINUTE": "300", "SHEET_WRITES_PER_MINUTE": "300"}


@dataclass(frozen=True, slots=True)
class Wait:
    """How long somebody had to wait for the loop, and how long this process worked meanwhile (milliseconds)."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Result:
    """One size of sheet: medians over its refreshes, the longest wait of all, and bytes for each proxy."""

    rows: int
    refresh_s: float
    held_ms: float
    work_ms: float
    worst_work_ms: float
    record_bytes: float
    indexed_bytes: float


def main() -> None:
    """Measure, print a table, and write files where asked."""
    options = _arguments()
    configure_logging("WARNING", "console", None, secrets=())
    make_collections_rare()
    sizes = [options.rows] if options.rows else list(SIZES[:1] if options.quick else SIZES)
    refreshes = QUICK_REFRESHES if options.quick else options.refreshes
    results = [asyncio.run(measure(rows, refreshes)) for rows in sizes]
    publish(
        options,
        "large sheets",
        "Refreshing a large sheet",
        HEAD,
        _lines(results),
        [asdict(one) for one in results],
    )


async def measure(rows: int, refreshes: int) -> Result:
    """One size of sheet."""
    seconds, walls, works = [], [], []
    async with local_world() as world:
        await world.fill(_sheet(rows))
        async with world.desk(**QUICK_PACE) as desk:
            for number in range(refreshes):
                if number % 3 == 2:
                    await world.edit({"kind": "insert_rows", "at": 2})
                begun = time.perf_counter()
                async with _waiting() as waits:
                    await desk.refresh.refresh()
                seconds.append(time.perf_counter() - begun)
                walls.append(max(wait.wall_ms for wait in waits))
                works.append(max(wait.cpu_ms for wait in waits))
        record, indexed = await memory(rows)
    return Result(
        rows,
        statistics.median(seconds),
        statistics.median(walls),
        statistics.median(works),
        max(works),
        record,
        indexed,
    )


async def memory(rows: int) -> tuple[float, float]:
    """Bytes for each proxy: its row alone, and with all indexes and one resource's mask."""
    source, clock = Recited(_sheet(rows)), SystemClock()
    reading = Reading({field: (field,) for field in FIELDS}, b"a salt", date(2026, 1, 1))
    pool, pace = Pool(Ledger()), ReadWritePace(clock, reads_per_minute=300, writes_per_minute=300, burst=99)
    tracemalloc.start()
    refresh = SheetRefresh(source, pool, pace, partial(_itself, reading), clock, Attention(), ttl=60.0)
    for _ in range(2):
        await refresh.refresh()
    pool.free(RESOURCES[0], clock.time())
    indexed = _traced()
    inventory = pool.inventory
    del pool, refresh, source, reading
    record = _traced()
    tracemalloc.stop()
    assert inventory is not None
    return record / len(inventory.rows), indexed / len(inventory.rows)


class Recited:
    """A sheet whose answers come from memory, decoded anew each time."""

    def __init__(self, sheet: Sequence[Sequence[Any]]) -> None:
        columns = itertools.zip_longest(*([cell or None for cell in row] for row in sheet))
        self._columns = [json.dumps(column) for column in columns]

    async def read_header(self) -> list[Cell]:
        """Row 1."""
        return list(HEADER)

    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        """The columns from row `first` to `last`, and whether there is more."""
        decoded = [json.loads(self._columns[column]) for column in columns]
        return list(HEADER), [cells[first - 2 : last - 1] for cells in decoded], len(decoded[0]) > last - 1


def _itself(reading: Reading) -> Reading:
    return reading


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@asynccontextmanager
async def _waiting() -> AsyncIterator[list[Wait]]:
    """Somebody who wants the loop every millisecond; what they get is noted."""
    waits: list[Wait] = []
    task = asyncio.create_task(_wait_on_and_on(waits))
    try:
        yield waits
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait_on_and_on(waits: list[Wait]) -> None:
    while True:
        begun, worked = time.perf_counter(), time.process_time()
        await asyncio.sleep(EVERY)
        late = time.perf_counter() - begun - EVERY
        waits.append(Wait(late * 1000, (time.process_time() - worked) * 1000))


def _sheet(rows: int) -> list[list[Any]]:
    """Proxies of which some are used for something."""
    sheet = scattered(rows, 50, seed=rows)
    used = HEADER.index("used_for")
    for number in range(0, rows, USED_SHARE):
        sheet[number][used] = RESOURCES[number % len(RESOURCES)]
    return sheet


HEAD = ("proxies", "refresh", "loop held", "by our work", "at worst", "a proxy", "with indexes")


def _lines(results: Sequence[Result]) -> list[list[str]]:
    """One for each size."""
    return [
        [
            f"{one.rows:,}",
            f"{one.refresh_s:.2f} s",
            *(f"{value:.1f} ms" for value in (one.held_ms, one.work_ms, one.worst_work_ms)),
            *(f"{value:.0f} B" for value in (one.record_bytes, one.indexed_bytes)),
        ]
        for one in results
    ]


def _arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("--rows", type=int, metavar="N", help="one size only (default: 10,000 and 100,000)")
    parser.add_argument("--refreshes", type=int, default=REFRESHES, metavar="N", help="of each (default: 9)")
    parser.add_argument("--quick", action="store_true", help="three refreshes of the smaller one, for a look")
    return parser.parse_args()


if __name__ == "__main__":
    main()
