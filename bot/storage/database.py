"""The database: one writer that commits for everybody who waits, and a pool of readers.

Repositories are plain functions over a SQLAlchemy `Connection`. `write` runs them in the writer's thread, all
that wait in ONE transaction (BEGIN IMMEDIATE, synchronous=FULL: one fsync for everybody); `read` runs them
over aiosqlite, on connections that cannot write.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import AlreadyRunning, StorageError
from bot.resilience.batching import Batcher

T = TypeVar("T")
Unit = Callable[[Connection], Any]

UNITS_PER_TRANSACTION = 512
READERS = 4
BUSY_TIMEOUT = 5.0
CHECKPOINT = "wal_autocheckpoint=4000"  # pages, 16 MB: copying them back holds up everybody who waits


class Database:
    """A SQLite file that this process owns while it is open.

    `start` raises AlreadyRunning when another process has it. Units may be run twice (see `_commit`), so they
    must not do anything but read and write through their connection. `busy_timeout` (seconds): how long a
    transaction waits for a lock that somebody else's tool holds.
    """

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._url = make_url(url)
        self._patience = f"busy_timeout={round(busy_timeout * 1000)}"
        self.path = Path(self._url.database or "")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._units: Batcher[Unit, Any] = Batcher(self._commit_in_thread, limit=UNITS_PER_TRANSACTION)
        self._writer: Connection | None = None
        self._engine: Engine | None = None
        self._readers: AsyncEngine | None = None
        self._lock: int | None = None

    async def start(self) -> None:
        """Take the file, and open both sides of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock_file(self.path)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open_writer)
        self._readers = create_async_engine(
            self._url.set(drivername="sqlite+aiosqlite"), pool_size=READERS, max_overflow=0
        )
        _prepare(self._readers.sync_engine, begin="BEGIN", pragmas=(self._patience, "query_only=1"))

    async def close(self) -> None:
        """Finish what waits, then close; the file can be opened again afterwards."""
        await self._units.drained()
        if self._readers is not None:
            await self._readers.dispose()
            self._readers = None
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close_writer)
        self._thread.shutdown()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """Run `unit` in a transaction that is durable when this returns; StorageError = it had no effect."""
        self._opened()
        result: T = await self._units.submit(unit)
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run `query` on a consistent snapshot."""
        if self._readers is None:
            raise StorageError("the database is not open")
        try:
            async with self._readers.begin() as connection:
                return await connection.run_sync(query)
        except DBAPIError as error:
            raise _translated(error) from error

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """Run schema changes on the writer's connection, outside the shared transactions."""

        def run() -> None:
            upgrade(self._opened())

        await asyncio.get_running_loop().run_in_executor(self._thread, run)

    def _opened(self) -> Connection:
        if self._writer is None:
            raise StorageError("the database is not open")
        return self._writer

    def _open_writer(self) -> None:
        self._engine = create_engine(self._url.set(drivername="sqlite+pysqlite"))
        pragmas = (self._patience, "foreign_keys=1", "journal_mode=WAL", "synchronous=FULL", CHECKPOINT)
        _prepare(self._engine, begin="BEGIN IMMEDIATE", pragmas=pragmas)
        try:
            self._writer = self._engine.connect()
        except DBAPIError as error:
            raise _translated(error) from error

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._engine is not None:
            self._engine.dispose()

    async def _commit_in_thread(self, units: Sequence[Unit]) -> Sequence[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, units)

    def _commit(self, units: Sequence[Unit]) -> Sequence[Any]:
        """All units in one transaction; when one raises, each again in a transaction of its own.

        A failing unit is rare, so the usual case needs no savepoint a unit. Where not even the transaction could
        begin, nobody waits for another try: it has waited for the lock already.
        """
        begun = False
        try:
            with self._opened().begin():
                begun = True
                return [unit(self._opened()) for unit in units]
        except DBAPIError as error:
            failure: Exception = _translated(error)
        except sqlite3.Error as error:
            failure = StorageError(str(error))
        except Exception as error:  # raised by one of the units: its caller shall get it
            failure = error
        if len(units) == 1 or not begun:
            return [failure] * len(units)
        return [self._commit([unit])[0] for unit in units]


def _prepare(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    """Take transaction control away from the driver: it would begin deferred, and too late."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _lock_file(path: Path) -> int:
    handle = os.open(path.with_suffix(path.suffix + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise AlreadyRunning(str(path)) from error
    return handle


def _translated(error: DBAPIError) -> StorageError:
    return StorageError(str(error.orig))
