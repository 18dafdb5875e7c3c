"""Statements that are run for every update: SQLAlchemy writes them, and the driver runs them by itself.

What SQLAlchemy does around each execution takes ten times as long as a small statement, and it holds everybody up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ClauseElement

Value = int | float | str | bytes | None


class Prepared:
    """One statement, all its values bound by name. None is converted: they are as SQLite has them."""

    def __init__(self, statement: ClauseElement) -> None:
        self._text = str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))

    def run(self, connection: Connection, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        """The rows, within the transaction of `connection`; sqlite3.Error."""
        driver = connection.connection.driver_connection
        assert driver is not None
        rows: list[tuple[Any, ...]] = driver.execute(self._text, values).fetchall()
        return rows
