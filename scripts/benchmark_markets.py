"""What the market desk costs: CPU time and time that passes, in the median of the rounds.

A look at everybody's alerts, from the database to what is to be said: 10,000 active ones on 200 series, a tenth of them
on changes with prices of an hour ago in the history, in a file as the bot's own migrations make it. None of them fires,
as it is nearly always; `deciding` is the part without the database. Merging what three sources say of 1,000 coins; the
list of 2,000 coins as `/screen` has it when it is warm, sorted and filtered; pictures of a line of 500 points, the
first one with the import of the library that draws. Prices come from memory at once: asking sources is not part of it.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.page import command_line, publish
from cryptography.fernet import Fernet
from sqlalchemy import insert

from bot.models.alert import Alert, AlertKind, Quote, evaluate
from bot.models.chart import Drawn, LineChart
from bot.models.chart import Span as ChartSpan
from bot.models.lookup import Aged
from bot.models.price import Coin, Point
from bot.models.screen_query import read_query
from bot.models.screening import Screening, merge
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.alerts import Alerts
from bot.services.screener_service import Screener
from bot.storage.alerts import AlertStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.market_tables import alerts, price_history
from bot.storage.migrate import upgrade
from bot.storage.outbox import OutboxStore
from bot.storage.past_prices import PastPriceStore
from bot.views.charts_drawing import draw as draw_chart

ROWS, SERIES, A_PERSON = 10_000, 200, 40
POINTS = 500
NOW = 1_800_000_000.0
HOUR = 3_600
PRICE = Decimal("100.5")


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds, in the median of the rounds; `promised` with its unit, of CPU or of passing time."""

    what: str
    promised: str
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


class Lister:
    """A source that lists so many coins, at prices a little off those of the others."""

    def __init__(self, name: str, draw: random.Random, count: int) -> None:
        self.name = name
        self.listed = [
            Coin(
                f"C{number}",
                Decimal(f"{(number + 1) * draw.uniform(0.99, 1.01):.8f}"),
                NOW,
                name,
                volume=Decimal(number * 1000),
                cap=Decimal(number * 10_000),
                change_24h=Decimal(f"{draw.uniform(-0.1, 0.1):.4f}"),
            )
            for number in range(count)
        ]

    async def coins(self) -> Sequence[Coin]:
        """At once."""
        return self.listed


class Nowhere:
    """Keeps no list."""

    async def load(self) -> None:
        """There is none."""

    async def save(self, _: Screening) -> None:
        """It is made anew."""


def line() -> LineChart:
    """Three weeks of an hourly price."""
    draw, price, points = random.Random(7), 61_000.0, []
    for number in range(POINTS):
        price *= 1 + draw.gauss(0, 0.004)
        points.append(Point(NOW - (POINTS - number) * HOUR, Decimal(f"{price:.2f}")))
    return LineChart(Drawn.PRICE, "BTC", ChartSpan.MONTH, tuple(points))


async def charts(rounds: int) -> list[Figure]:
    """The first picture of a process, and those after it."""

    async def draw() -> None:
        assert draw_chart(line(), UTC).startswith(b"\x89PNG")

    return [
        await measured("the first picture", "3 s", 1, draw),
        await measured("the next", "300 ms", rounds, draw),
    ]


async def lists(rounds: int) -> list[Figure]:
    """Merging, and what is merged already."""
    draw = random.Random(7)
    said = [(name, Lister(name, draw, 1_000).listed) for name in ("binance", "coinpaprika", "coingecko")]

    async def merging() -> None:
        assert len(merge(said, {})) >= 1_000

    supervisor = Supervisor()
    screener = Screener([Lister("binance", draw, 2_000)], Nowhere(), ManualClock(NOW), supervisor)
    query = read_query("movers 50 vol>10k change>-50%")

    async def showing() -> None:
        assert len((await screener.top(query.order, query.count, query.limits)).rows) == 50

    await showing()
    figures = [
        await measured("merging 3 × 1,000 coins", "50 ms of CPU", rounds, merging),
        await measured("/screen of 2,000 coins, warm", "10 ms", rounds, showing),
    ]
    await supervisor.close()
    return figures


async def measured(what: str, promised: str, rounds: int, work: Callable[[], Awaitable[Any]]) -> Figure:
    """How long it takes."""
    cpu, wall = [], []
    for _ in range(rounds):
        used, begun = time.process_time(), time.perf_counter()
        await work()
        cpu.append((time.process_time() - used) * 1e3)
        wall.append((time.perf_counter() - begun) * 1e3)
    return Figure(what, promised, round(statistics.median(cpu), 1), round(statistics.median(wall), 1))


async def looks(rows: int, rounds: int) -> list[Figure]:
    """A whole look at the alerts, and its decision alone."""
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
            await measured(f"a look at {rows:,} alerts", "100 ms of CPU", rounds, service.tick),
            await measured("of this, deciding", "–", rounds, decide),
        ]
        await database.close()
    return figures


async def run(rows: int, rounds: int) -> list[Figure]:
    """The pictures first: nothing may have imported what draws."""
    return [*await charts(rounds), *await lists(rounds), *await looks(rows, rounds)]


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help="active alerts (10,000)")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="looks (20)")
    options = parser.parse_args()
    figures = asyncio.run(run(options.rows, options.rounds))
    publish(
        options,
        "markets",
        "What the market desk costs",
        ("", "promised", "CPU", "passes"),
        [[each.what, each.promised, f"{each.cpu_ms} ms", f"{each.wall_ms} ms"] for each in figures],
        [asdict(each) for each in figures],
    )


if __name__ == "__main__":
    main()
