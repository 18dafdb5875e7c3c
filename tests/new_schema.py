"""The newest schema, ready-made: most tests need its tables, and not the way there, which takes 200 ms."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine

from bot.storage import migrate


def upgrade(connection: Connection) -> None:
    """What bot.storage.migrate.upgrade makes of a new database, and of one that has the newest schema."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    if driver.execute("SELECT 1 FROM sqlite_master").fetchone():
        return
    with closing(sqlite3.connect(":memory:")) as source:
        source.deserialize(_serialized())
        source.backup(driver)


def put(path: Path) -> None:
    """A database file as a first start leaves it."""
    path.write_bytes(_serialized())


@cache
def _serialized() -> bytes:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        migrate.upgrade(connection)
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver.serialize()
