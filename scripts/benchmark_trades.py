"""What the indexes of the trade log are worth: a page of it, and the sums of seven days, with and without them.

A desk of ten people who trade twenty symbols, 100,000 trades in ninety days, in a file as the bot's own migrations make
it. Three of them, alike but for their indexes: all of them; all but the one that the statement is meant to use; none
on the trade log. The statements are the bot's own, run by the driver (sqlite3), each time for another person and
symbol; all of them are checked to find the same.

The ways take turns, so that what else the machine does hits all alike; medians are shown.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.page import command_line, publish
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from bot.storage import trade_logs
from bot.storage.database import Database
from bot.storage.migrate import upgrade

ROWS = 100_000
PEOPLE, SYMBOLS, DAYS = 10, 20, 90
NOW = 1_800_000_000.0
DAY = 86_400.0
PAGE = 50
ALL, BUT_ITS_OWN, NONE = "all indexes", "all but its own", "no index"
INDEXES = ("ix_trade_logs_user_id_symbol", "ix_trade_logs_entry_ts", "ix_trade_logs_statistics")
INSERT = """
    INSERT INTO trade_logs (order_number, filled_to, user_id, account_id, account_type, symbol, side, amount, price,
    cost, fee, profit, entry_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, which index is meant for it, and the statement for somebody and some symbol."""

    name: str
    index: str
    statement: Callable[[int, str], Select[Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """How long a question took in the median, by the indexes there are, and how many times as long as with all."""

    question: str
    indexes: str
    ms: float
    times: float


QUESTIONS = (
    Question(
        f"last {PAGE} of a person and symbol",
        "ix_trade_logs_user_id_symbol",
        lambda user_id, symbol: trade_logs.newest(user_id, symbol, None, PAGE),
    ),
    Question(
        "sums of 7 days of a person",
        "ix_trade_logs_statistics",
        lambda user_id, _: trade_logs.sums(user_id, [NOW - 7 * DAY]),
    ),
)


def trades(rows: int, seed: int) -> Iterator[tuple[object, ...]]:
    """Trades as they come in: by time, whoever's they are."""
    chance = random.Random(seed)
    moments = sorted(NOW - chance.random() * DAYS * DAY for _ in range(rows))
    for number, moment in enumerate(moments, 1):
        user_id = chance.randrange(PEOPLE)
        amount, price = chance.randrange(1, 10**6), chance.randrange(1, 10**6)
        profit = chance.randrange(-(10**12), 10**12) if chance.random() < 0.5 else None
        what = (user_id, user_id, "linear", f"COIN{chance.randrange(SYMBOLS)}USDT", "buy")
        yield number, str(amount), *what, str(amount), str(price), amount * price, price, profit, moment


async def prepare(path: Path, rows: int, seed: int) -> None:
    """A database of the bot's with that many trades."""
    database = Database(f"sqlite:///{path}")
    await database.start()
    await database.migrate(upgrade)
    await database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(INSERT, trades(rows, seed))


def without(path: Path, indexes: Sequence[str], copy: Path) -> Path:
    """A copy of the file that has not got these indexes."""
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        for index in indexes:
            connection.execute(f"DROP INDEX {index}")
        connection.execute("VACUUM")
    return copy


def written(statement: Select[Any]) -> str:
    """The statement as the driver takes it."""
    return str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))


def ask(question: Question, files: dict[str, Path], rounds: int, seed: int) -> list[Figure]:
    """The same question to each file in turn; raises AssertionError where they answer differently."""
    chance = random.Random(seed)
    seconds: dict[str, list[float]] = {way: [] for way in files}
    connections = {way: sqlite3.connect(path) for way, path in files.items()}
    for _ in range(rounds):
        sql = written(question.statement(chance.randrange(PEOPLE), f"COIN{chance.randrange(SYMBOLS)}USDT"))
        answers = []
        for way, connection in connections.items():
            began = time.perf_counter()
            answers.append(sorted(connection.execute(sql).fetchall()))
            seconds[way].append(time.perf_counter() - began)
        assert all(answer == answers[0] for answer in answers), question.name
    for connection in connections.values():
        connection.close()
    medians = {way: statistics.median(taken) for way, taken in seconds.items()}
    return [Figure(question.name, way, ms * 1000, ms / medians[ALL]) for way, ms in medians.items()]


async def measure(rows: int, rounds: int, seed: int) -> list[Figure]:
    """Every question."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await prepare(folder / "all.db", rows, seed)
        bare = without(folder / "all.db", INDEXES, folder / "none.db")
        for question in QUESTIONS:
            lacking = without(folder / "all.db", [question.index], folder / "lacking.db")
            files = {
                ALL: without(folder / "all.db", [], folder / "whole.db"),
                BUT_ITS_OWN: lacking,
                NONE: bare,
            }
            figures += ask(question, files, rounds, seed)
    return figures


HEAD = ("question", "indexes", "median", "× all indexes")


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help="trades in the log (100,000)")
    parser.add_argument("--rounds", type=int, default=100, metavar="N", help="questions of a kind (100)")
    parser.add_argument("--seed", type=int, default=1, help="which trades, and whose are asked for (1)")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.rows, options.rounds, options.seed))
    publish(
        options,
        "trades",
        f"Looking into {options.rows:,} trades",
        HEAD,
        [[each.question, each.indexes, f"{each.ms:.3f} ms", f"{each.times:,.1f}"] for each in figures],
        [asdict(each) for each in figures],
    )


if __name__ == "__main__":
    main()
