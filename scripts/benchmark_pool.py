"""How fast the pool finds proxies: the best 50 of 100,000, with few in use and with 99 % in use."""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bot.models.ledger import Ledger
from bot.models.pool import Inventory, Pool
from bot.models.sheet import Columns, SheetRow

RESOURCE = "beboo"
WANTED = 50
TODAY = 740_000
NOW = 1_800_000_000.0
USED_SHARES = (0.0, 0.99)


def main() -> None:
    """Measure, print, and write the figures where they are asked for."""
    arguments = _arguments()
    figures = {}
    for share in USED_SHARES:
        found = figures[f"{share:.0%} used"] = measure(arguments.proxies, share, arguments.runs)
        print(f"{arguments.proxies:,} proxies, {share:.0%} used (median of {arguments.runs}):")
        for name, milliseconds in found.items():
            print(f"  {name:<12}{milliseconds:>10.3f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(proxies: int, used_share: float, runs: int) -> dict[str, float]:
    """Medians in milliseconds: loading, the first ask after it, every further ask, and a count."""
    inventory, pool = _inventory(proxies, used_share), Pool(Ledger())
    loads, firsts = [], []
    for _ in range(3):
        loads.append(_milliseconds(lambda: pool.load(inventory, TODAY)))
        firsts.append(_milliseconds(lambda: _best(pool)))
    return {
        "load": statistics.median(loads),
        "first ask": statistics.median(firsts),
        f"best {WANTED}": statistics.median(_milliseconds(lambda: _best(pool)) for _ in range(runs)),
        "count free": statistics.median(_milliseconds(lambda: pool.free(RESOURCE, NOW)) for _ in range(runs)),
    }


def _best(pool: Pool) -> list[SheetRow]:
    return list(itertools.islice(pool.best(RESOURCE, NOW, TODAY), WANTED))


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return round((time.perf_counter() - begun) * 1000, 4)


def _inventory(proxies: int, used_share: float) -> Inventory:
    """Rows whose best proxies are the used ones, so that finding a free one has to pass them all."""
    used = int(proxies * used_share)
    rows = [_row(number, proxies, marked=index < used) for index, number in enumerate(range(2, proxies + 2))]
    return Inventory(Columns(0, 1, 2, 3), NOW, rows)


def _row(number: int, proxies: int, *, marked: bool) -> SheetRow:
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return SheetRow(
        number=number,
        key=f"{host}:8080:user:{number:016x}",
        scheme="http",
        password=f"pass{number}",
        used_for=frozenset({RESOURCE}) if marked else frozenset(),
        issued="",
        expires=TODAY + (proxies - number) // 300,
        country="NL",
        note="",
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proxies", type=int, default=100_000, help="how many (default: %(default)s)")
    parser.add_argument(
        "--runs", type=int, default=20, help="asks to take the median of (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
