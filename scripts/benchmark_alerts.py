"""What a look at everybody's alerts costs: CPU time and time that passes, from the database to what is to be said.

10,000 active alerts on 200 series, a tenth of them on changes with prices of an hour ago in the history, in a file as
the bot's own migrations make it. Prices come from memory at once: what asking sources takes is not part of it. None of
the alerts fires, as it is nearly always; `evaluate` is the part that decides, over all 10,000 of them.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.page import command_line, publish
from cryptography.fernet import Fernet
from sqlalchemy import insert

from bot.models.alert import Alert, AlertKind, Quote, evaluate
from bot.models.lookup import Aged
from bot.models.price import Point
from bot.resilience.clock import ManualClock
from bot.services.alerts import Alerts
from bot.storage.alerts import AlertStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.market_tables import alerts, price_history
from bot.storage.migrate import upgrade
from bot.storage.outbox import OutboxStore
from bot.storage.past_prices import PastPriceStore

ROWS, SERIES, A_PERSON = 10_000, 200, 40
NOW = 1_800_000_000.0
HOUR = 3_600
PRICE = Decimal("100.5")


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds, in the median of the rounds."""

    what: str
    cpu_ms: float
    wall_ms: float


class Prices:
    """Every series costs the same."""

    async def price(self, series: str) -> Aged[Decimal]:
        """At once."""
        return Aged(PRICE, "benchmark", 1.0)


async def unnoted(series: str, price: Decimal, at: float) -> None:
    """The history has its prices."""


def an_alert(number: int) -> Alert:
    """The number-th one, none of which fires at PRICE."""
    kind = AlertKind.CHANGE if number % 10 == 0 else (AlertKind.ABOVE, AlertKind.BELOW)[number % 2]
    target = {AlertKind.CHANGE: "0.5", AlertKind.ABOVE: "150.25", AlertKind.BELOW: "50.75"}[kind]
    seconds = HOUR if kind is AlertKind.CHANGE else None
    series, person = f"C{number % SERIES}", number // A_PERSON
    return Alert(
        number + 1, person, series, kind, Decimal(target), seconds, number % 3 == 0, NOW - HOUR, PRICE
    )


async def fill(database: Database, made: list[Alert]) -> None:
    """The alerts, and the prices of an hour ago."""
    rows = [
        {**asdict(alert), "kind": alert.kind.value, "request_key": f"request {alert.id}"} for alert in made
    ]
    past = [
        {"series": f"C{number}", "seconds": 60, "at": int(NOW) - HOUR - 60, "price": Decimal(99)}
        for number in range(SERIES)
    ]
    await database.write(lambda connection: connection.execute(insert(alerts), rows) and None)
    await database.write(lambda connection: connection.execute(insert(price_history), past) and None)


async def measured(what: str, rounds: int, work: Callable[[], Awaitable[Any]]) -> Figure:
    """How long it takes."""
    cpu, wall = [], []
    for _ in range(rounds):
        used, begun = time.process_time(), time.perf_counter()
        await work()
        cpu.append((time.process_time() - used) * 1e3)
        wall.append((time.perf_counter() - begun) * 1e3)
    return Figure(what, round(statistics.median(cpu), 1), round(statistics.median(wall), 1))


async def run(rows: int, rounds: int) -> list[Figure]:
    """A whole tick, and its decision alone."""
    made = [an_alert(number) for number in range(rows)]
    names = [f"C{number}" for number in range(SERIES)]
    quotes = {name: Quote(PRICE, "benchmark", NOW) for name in names}
    past = {(name, HOUR): Point(NOW - HOUR, Decimal(99)) for name in names}

    async def decide() -> None:
        assert evaluate(made, quotes, past, NOW) == []

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bot.db'}")
        await database.start()
        await database.migrate(upgrade)
        await fill(database, made)
        store = AlertStore(database, OutboxStore(database, Cipher([Fernet.generate_key().decode()])))
        past_prices, clock = PastPriceStore(database), ManualClock(NOW)
        service = Alerts(store, Prices(), past_prices, unnoted, clock, lambda: None)
        figures = [
            await measured("a whole tick", rounds, service.tick),
            await measured("evaluate", rounds, decide),
        ]
        await database.close()
    return figures


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help="active alerts (10,000)")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="looks (20)")
    options = parser.parse_args()
    figures = asyncio.run(run(options.rows, options.rounds))
    publish(
        options,
        "alerts",
        f"A look at {options.rows:,} alerts on {SERIES} series",
        ("", "CPU", "passes"),
        [[each.what, f"{each.cpu_ms} ms", f"{each.wall_ms} ms"] for each in figures],
        [asdict(each) for each in figures],
    )


if __name__ == "__main__":
    main()
