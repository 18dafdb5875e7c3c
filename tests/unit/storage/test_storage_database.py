"""The database: one transaction for everybody who waits, and nothing half done."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, RootTransaction, bindparam, column, insert, table, text

from bot.errors import AlreadyRunning, StorageError
from bot.storage.database import UNITS_PER_TRANSACTION, Database
from bot.storage.prepared import Prepared


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one table of notes, whose writers lose patience soon."""
    db = Database(url_of(tmp_path / "notes.db"), busy_timeout=0.1)
    await db.start()
    await db.write(run("CREATE TABLE notes (word TEXT PRIMARY KEY)"))
    yield db
    await db.close()


def run(sql: str) -> Callable[[Connection], None]:
    def unit(connection: Connection) -> None:
        connection.execute(text(sql))

    return unit


def note(word: str) -> Callable[[Connection], None]:
    return run(f"INSERT INTO notes VALUES ('{word}')")  # noqa: S608 - the word is ours


def words(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT word FROM notes ORDER BY word")))


def pragma(name: str) -> Callable[[Connection], object]:
    return lambda connection: connection.scalar(text(f"PRAGMA {name}"))


async def test_units_that_wait_share_one_transaction(notes: Database) -> None:
    """Ten callers, one commit; each gets its own result."""

    def unit(number: int) -> Callable[[Connection], tuple[int, RootTransaction | None]]:
        return lambda connection: (number, connection.get_transaction())

    results = await asyncio.gather(*(notes.write(unit(number)) for number in range(10)))
    assert list(range(10)) == [number for number, _ in results]
    assert len({id(transaction) for _, transaction in results}) == 1


async def test_a_transaction_carries_a_bounded_crowd(notes: Database) -> None:
    """The rest rides in the next one."""
    crowd = UNITS_PER_TRANSACTION + 1
    used = await asyncio.gather(*(notes.write(Connection.get_transaction) for _ in range(crowd)))
    assert len({id(transaction) for transaction in used}) == 2


async def test_a_failing_unit_harms_no_other(notes: Database) -> None:
    """Its own work is undone, its caller alone gets the error; the others of its batch are stored."""

    def write_and_fail(connection: Connection) -> None:
        note("half done")(connection)
        raise KeyError("of the unit")

    units = [note("a"), write_and_fail, note("a"), run("NONSENSE"), note("b")]
    outcomes = await asyncio.gather(*map(notes.write, units), return_exceptions=True)
    assert [type(None), KeyError, StorageError, StorageError, type(None)] == list(map(type, outcomes))
    assert ["a", "b"] == await notes.read(words)


async def test_an_error_holds_what_the_database_said_and_no_data(notes: Database) -> None:
    """Neither the statement nor its values are in the message: it is shown and logged."""
    with pytest.raises(StorageError, match=r"^no such table: secrets$"):
        await notes.write(run("INSERT INTO secrets VALUES ('hidden')"))
    with pytest.raises(StorageError, match=r"^no such table: secrets$"):
        await notes.read(run("SELECT * FROM secrets WHERE word = 'hidden'"))


async def test_what_the_driver_itself_says_is_translated_too(notes: Database) -> None:
    """A statement that goes past SQLAlchemy fails like any other: StorageError, and nothing of its unit stays."""
    again = Prepared(insert(table("notes", column("word"))).values(word=bindparam("word")))

    def twice(connection: Connection) -> None:
        again.run(connection, {"word": "new"})
        again.run(connection, {"word": "new"})

    with pytest.raises(StorageError, match="UNIQUE"):
        await notes.write(twice)
    assert await notes.read(words) == []


async def test_readers_cannot_write(notes: Database) -> None:
    """Whatever a query tries, it changes nothing."""
    with pytest.raises(StorageError, match="readonly"):
        await notes.read(note("sneaked in"))
    assert [] == await notes.read(words)


async def test_a_read_sees_one_moment(notes: Database) -> None:
    """What others commit during a query is not in it, and they do not wait for it."""

    def query(connection: Connection) -> tuple[list[str], list[str]]:
        before = words(connection)
        with closing(sqlite3.connect(notes.path, timeout=0.1)) as other:
            other.execute("INSERT INTO notes VALUES ('meanwhile')")
            other.commit()
        return before, words(connection)

    assert ([], []) == await notes.read(query)
    assert ["meanwhile"] == await notes.read(words)


async def test_what_is_written_survives_a_power_cut(notes: Database, tmp_path: Path) -> None:
    """WAL with synchronous=FULL; the files as they are when `write` returns hold the data."""
    assert "wal" == await notes.write(pragma("journal_mode"))
    assert 2 == await notes.write(pragma("synchronous"))
    assert (1, 1) == (await notes.write(pragma("foreign_keys")), await notes.read(pragma("query_only")))
    await notes.write(note("kept"))
    for name in ("notes.db", "notes.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / f"after-the-cut-{name}")
    with closing(sqlite3.connect(tmp_path / "after-the-cut-notes.db")) as found:
        assert [("kept",)] == found.execute("SELECT word FROM notes").fetchall()


async def test_a_lock_is_waited_for_once_by_all(notes: Database) -> None:
    """Somebody's tool holds the file: all who wait are told after one time-out, and later it works."""
    loop = asyncio.get_running_loop()
    with closing(sqlite3.connect(notes.path)) as tool:
        tool.execute("BEGIN IMMEDIATE")
        begun = loop.time()
        outcomes = await asyncio.gather(
            *(notes.write(note(f"w{n}")) for n in range(30)), return_exceptions=True
        )
        waited = loop.time() - begun
        tool.rollback()
    assert {"database is locked"} == {str(outcome) for outcome in outcomes}
    assert {StorageError} == set(map(type, outcomes))
    assert waited < 30 * 0.1 / 2
    await notes.write(note("later"))
    assert ["later"] == await notes.read(words)


async def test_a_full_disk_refuses_and_recovers(notes: Database) -> None:
    """The unit that does not fit fails, what fits is stored, reading goes on; with room again all goes on."""
    await notes.write(run("PRAGMA max_page_count = 20"))
    large = "x" * 200_000
    outcomes = await asyncio.gather(
        notes.write(note("small")), notes.write(note(large)), return_exceptions=True
    )
    assert [None, "database or disk is full"] == [outcome and str(outcome) for outcome in outcomes]
    assert ["small"] == await notes.read(words)
    await notes.write(run("PRAGMA max_page_count = 10000"))
    await notes.write(note(large))
    assert ["small", large] == await notes.read(words)


async def test_a_second_process_is_refused(notes: Database) -> None:
    """The lock is the file's: taken at start, free again after close."""
    second = Database(url_of(notes.path))
    with pytest.raises(AlreadyRunning, match=r"notes\.db") as caught:
        await second.start()
    assert str(notes.path) == caught.value.path
    await second.close()


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    """Before start and after close, reads and writes are StorageError."""
    db = Database(url_of(tmp_path / "new folder" / "bot.db"))

    async def check() -> None:
        with pytest.raises(StorageError, match="not open"):
            await db.write(words)
        with pytest.raises(StorageError, match="not open"):
            await db.read(words)
        with pytest.raises(StorageError, match="not open"):
            await db.migrate(words)  # type: ignore[arg-type]

    await check()
    await db.start()
    await db.write(run("CREATE TABLE notes (word TEXT)"))
    await db.close()
    with pytest.raises(StorageError, match="not open"):
        await db.write(words)
    with pytest.raises(StorageError, match="not open"):
        await db.read(words)


async def test_close_finishes_what_waits(tmp_path: Path) -> None:
    """A unit that was accepted is stored, and the next process finds it."""
    db = Database(url_of(tmp_path / "bot.db"))
    await db.start()
    await db.write(run("CREATE TABLE notes (word TEXT)"))
    waiting = [asyncio.create_task(db.write(note(word))) for word in "abc"]
    await asyncio.sleep(0)
    await db.close()
    await asyncio.gather(*waiting)
    again = Database(url_of(tmp_path / "bot.db"))
    await again.start()
    assert ["a", "b", "c"] == await again.read(words)
    await again.close()


@pytest.mark.parametrize("content", [b"this is no database, but somebody's text" * 100, b"\0" * 5000])
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """Start is refused, the file keeps its bytes."""
    path = tmp_path / "bot.db"
    path.write_bytes(content)
    db = Database(url_of(path))
    with pytest.raises(StorageError, match="not a database"):
        await db.start()
    await db.close()
    assert content == path.read_bytes()
