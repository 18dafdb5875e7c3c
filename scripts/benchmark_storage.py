"""How fast the disk takes what must not be lost: reservations and updates, for one user and for a hundred at once.

Three ways, each handing the driver the same statement, and with the same durability (WAL, synchronous=FULL: nothing
is acknowledged before it is on the disk): `sqlite3` in the caller's thread, one transaction after the other, which
is the floor for one user and blocks everybody else; `aiosqlite + lock`, as it is usually written; `ours`, one
writer thread that commits for all who wait. `reserve` is one upsert of five reservations that respects those of
others, out of 20,000 proxies of which half are reserved and about to lapse; `inbox` stores one update, ours
encrypted.

Rounds alternate between the ways; the medians of all rounds are shown, and ratios to `aiosqlite + lock`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiosqlite
from bench.page import command_line, publish
from cryptography.fernet import Fernet
from sqlalchemy import Connection

from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.inbox import Inbox
from bot.storage.migrate import upgrade

PROXIES = 20_000
BATCH = 5
TTL = 300.0
CROWD = 100
OURS, USUAL, FLOOR = "ours", "aiosqlite + lock", "sqlite3"
RESERVE = """
    INSERT INTO reservations (proxy, holder, until) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)
    ON CONFLICT (proxy) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE reservations.until <= ? RETURNING proxy
"""
STORE = "INSERT INTO updates (update_id, payload, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
SCHEMA = """
    CREATE TABLE reservations (proxy INTEGER PRIMARY KEY, holder INTEGER NOT NULL, until REAL NOT NULL);
    CREATE TABLE updates (update_id INTEGER PRIMARY KEY, payload BLOB NOT NULL, received_at REAL NOT NULL);
"""

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One way of doing one kind of work: acts a second, and what an act took, medians of all rounds."""

    work: str
    users: int
    way: str
    per_s: float
    p50_ms: float
    p99_ms: float


class Work:
    """Statements with their values: each reservation picks five proxies at random, each update is new."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._ids = itertools.count(1)

    def reservation(self) -> tuple[object, ...]:
        """Values for RESERVE."""
        now, user = time.time(), next(self._ids)
        picked = self._chance.sample(range(PROXIES), BATCH)
        return (*(value for proxy in picked for value in (proxy, user, now + TTL)), now)

    def update(self) -> dict[str, Any]:
        """A message as Telegram sends it."""
        number = next(self._ids)
        person = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "en"}
        chat = {"id": 7, "first_name": "Anna", "username": "anna", "type": "private"}
        message = {
            "message_id": number,
            "from": person,
            "chat": chat,
            "date": 1_800_000_000,
            "text": "/take site 5",
        }
        return {"update_id": number, "message": message}

    def stored(self) -> tuple[object, ...]:
        """Values for STORE."""
        update = self.update()
        return update["update_id"], json.dumps(update).encode(), time.time()


def prepare(path: Path) -> None:
    """A file in which half of all proxies are reserved, and the reservations lapse meanwhile."""
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        until = time.time() + 1
        reserved = [(proxy, 0, until) for proxy in range(0, PROXIES, 2)]
        connection.executemany("INSERT INTO reservations VALUES (?, ?, ?)", reserved)
    connection.close()


@asynccontextmanager
async def in_the_thread(path: Path, work: Work) -> AsyncIterator[dict[str, Act]]:
    """The driver itself, blocking."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")

    def run(statement: str, values: tuple[object, ...]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(statement, values).fetchall()
        connection.execute("COMMIT")

    async def reserve() -> None:
        run(RESERVE, work.reservation())

    async def store() -> None:
        run(STORE, work.stored())

    yield {"reserve": reserve, "inbox": store}
    connection.close()


@asynccontextmanager
async def behind_a_lock(path: Path, work: Work) -> AsyncIterator[dict[str, Act]]:
    """One connection of aiosqlite, and a lock so that transactions do not mix."""
    lock = asyncio.Lock()
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            await connection.execute(f"PRAGMA {pragma}")

        async def run(statement: str, values: tuple[object, ...]) -> None:
            async with lock:
                await connection.execute("BEGIN IMMEDIATE")
                await (await connection.execute(statement, values)).fetchall()
                await connection.execute("COMMIT")

        yield {
            "reserve": lambda: run(RESERVE, work.reservation()),
            "inbox": lambda: run(STORE, work.stored()),
        }


@asynccontextmanager
async def by_the_writer(path: Path, work: Work) -> AsyncIterator[dict[str, Act]]:
    """The bot's database, and its inbox."""
    database = Database(f"sqlite:///{path}")
    await database.start()
    await database.migrate(upgrade)
    inbox = Inbox(database, Cipher([Fernet.generate_key().decode()]), bot_id=1)

    async def reserve() -> None:
        values = work.reservation()

        def unit(connection: Connection) -> Sequence[Any]:
            driver: Any = connection.connection.driver_connection
            rows: list[Any] = driver.execute(RESERVE, values).fetchall()
            return rows

        await database.write(unit)

    yield {"reserve": reserve, "inbox": lambda: inbox.store([work.update()], time.time())}
    await database.close()


WAYS = {FLOOR: in_the_thread, USUAL: behind_a_lock, OURS: by_the_writer}


async def timed(act: Act, users: int, acts: int) -> tuple[float, list[float]]:
    """So many users, each doing one act after the other; acts a second, and the seconds of each."""
    seconds: list[float] = []

    async def user() -> None:
        for _ in range(acts):
            began = time.perf_counter()
            await act()
            seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(user() for _ in range(users)))
    return users * acts / (time.perf_counter() - began), seconds


async def measure(rounds: int, acts: int, seed: int) -> list[Figure]:
    """Every way in turn, so that what else the machine does hits all alike."""
    rates: dict[tuple[str, int, str], list[float]] = {}
    times: dict[tuple[str, int, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds):
            for way, opened in WAYS.items():
                path = Path(name) / f"{number}-{way.split()[0]}.db"
                prepare(path)
                async with opened(path, Work(seed + number)) as works:
                    for users, (work, act) in itertools.product((1, CROWD), works.items()):
                        rate, seconds = await timed(act, users, acts if users == 1 else max(1, acts // 20))
                        hundredths = statistics.quantiles(seconds, n=100, method="inclusive")
                        rates.setdefault((work, users, way), []).append(rate)
                        times.setdefault((work, users, way), []).append((hundredths[49], hundredths[98]))
    return [
        Figure(
            *key,
            statistics.median(rates[key]),
            *(statistics.median(column) * 1000 for column in zip(*times[key], strict=True)),
        )
        for key in sorted(rates, key=lambda key: (key[0] != "reserve", key[1], list(WAYS).index(key[2])))
    ]


HEAD = ("work", "users", "way", "acts/s", "p50", "p99", "× acts/s", "× p99")


def lines(figures: Sequence[Figure]) -> list[list[str]]:
    """One for each; ratios to the usual way."""
    found = []
    for one in figures:
        usual = next(f for f in figures if (f.work, f.users, f.way) == (one.work, one.users, USUAL))
        shown = f"{one.per_s:,.0f}", f"{one.p50_ms:.2f} ms", f"{one.p99_ms:.2f} ms"
        ratios = f"{one.per_s / usual.per_s:.2f}", f"{one.p99_ms / usual.p99_ms:.2f}"
        found.append([one.work, str(one.users), one.way, *shown, *ratios])
    return found


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each way (5)")
    parser.add_argument(
        "--acts", type=int, default=400, metavar="N", help="acts of a lone user a round (400)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which proxies are reserved (1)")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.rounds, options.acts, options.seed))
    publish(
        options,
        "storage",
        "On the disk before it is acknowledged",
        HEAD,
        lines(figures),
        [asdict(one) for one in figures],
    )


if __name__ == "__main__":
    main()
