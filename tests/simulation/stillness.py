"""What makes a run repeat to the letter: no thread, no real clock, nothing left to chance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, TypeVarTuple, Unpack

from new_schema import upgrade
from sqlalchemy import Connection, Engine, create_engine, insert
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.resilience.clock import Clock
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.standing import SALT
from bot.storage.tables import meta

T = TypeVar("T")
Args = TypeVarTuple("Args")

SECRET = "c2ltdWxhdGlvbiBzaW11bGF0aW9uIHNpbXVsYXRpb24="
DISK = 0.001


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop that does a thread's work in place, and knows when nothing more can happen by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = 0

    def call_soon(
        self, callback: Callable[[Unpack[Args]], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        self._counted += 1
        return super().call_soon(callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]  # the base promises a future of any kind
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # it belongs to whoever awaits the work
            done.set_exception(error)
        return done

    async def rest(self) -> None:
        """Return when every task waits for time to pass, or for good."""
        before = -1
        while self._counted - before != 1:
            before = self._counted
            await asyncio.sleep(0)


class StillDatabase(Database):
    """The real database, read in the loop's thread too. `fail_next` writes fail as on a full disk."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(f"sqlite+aiosqlite:///{path}")
        self._clock = clock
        self._reader: Engine | None = None
        self.fail_next = 0

    async def start(self) -> None:
        await super().start()
        self._reader = create_engine(f"sqlite+pysqlite:///{self.path}")

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.dispose()
        await super().close()

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """The file is a copy of one that was migrated."""

    async def write(self, unit: Callable[[Connection], T]) -> T:
        await self._clock.sleep(DISK)
        if self.fail_next:
            self.fail_next -= 1
            raise StorageError("database or disk is full")
        result = await super().write(unit)
        await self._clock.sleep(DISK)
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        assert self._reader is not None
        await asyncio.sleep(0)
        try:
            with self._reader.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            raise StorageError(str(error.orig)) from error


def new_database(path: Path) -> None:
    """A migrated database whose proxy keys are the same in every run."""
    path.write_bytes(_template())


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder, asyncio.Runner(loop_factory=StillLoop) as runner:
        path = Path(folder) / "desk.db"
        runner.run(_make_template(path))
        return path.read_bytes()


async def _make_template(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.start()
    await database.migrate(upgrade)
    salt = Cipher([SECRET]).encrypt(b"the same salt in every simulation")
    await database.write(lambda connection: connection.execute(insert(meta).values(name=SALT, value=salt)))
    await database.close()
