"""The audit table: links of a chain that are only ever appended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, func, insert, select, true

from bot.models.audit import START, Act, Deed, Link, link_hash
from bot.models.history import About, Subject
from bot.storage.database import Database
from bot.storage.tables import audit as table

ABOVE_ALL = 2**62  # a bound makes a search out of what SQLite would call a scan
_SAID = ("actor", "name", "act", "subject", "before", "after")
_LENGTHS = {"name": 64, "act": 32, "subject": 160}


def append(connection: Connection, acts: Sequence[Act], now: float) -> None:
    """Write the acts down as the next links, in their order; in the transaction of what they tell of."""
    if not acts:
        return
    number, previous = _head(connection)
    rows = []
    for act in map(_bounded, acts):
        number += 1
        previous = link_hash(previous, number, float(now), act)
        said = {column: getattr(act, column) for column in _SAID}
        rows.append({"number": number, "at": float(now), **said, "hash": previous})
    connection.execute(insert(table), rows)


def chain(connection: Connection, after: int, limit: int) -> list[Link]:
    """The first `limit` links above the number `after`, oldest first."""
    statement = select(table).where(table.c.number > after).order_by(table.c.number).limit(limit)
    return list(map(_link, connection.execute(statement)))


def older(connection: Connection, before: int | None, limit: int, subject: Subject | None) -> list[Link]:
    """The newest `limit` links below the number `before` (None: of all), newest first."""
    below = table.c.number < (ABOVE_ALL if before is None else before)
    newest = select(table).where(below, _about(subject)).order_by(table.c.number.desc()).limit(limit)
    return list(map(_link, connection.execute(newest)))


def newer(connection: Connection, after: int, limit: int, subject: Subject | None) -> list[Link]:
    """The oldest `limit` links above the number `after`, newest first."""
    above = table.c.number > after
    oldest = select(table).where(above, _about(subject)).order_by(table.c.number).limit(limit)
    return list(map(_link, connection.execute(oldest)))[::-1]


class AuditStore:
    """The chain of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, acts: Sequence[Act], now: float) -> None:
        """Write the acts down, in a transaction of their own."""
        await self._database.write(lambda connection: append(connection, acts, now))

    async def chain(self, after: int, limit: int) -> list[Link]:
        """The first `limit` links above `after`, oldest first."""
        return await self._database.read(lambda connection: chain(connection, after, limit))

    async def older(self, before: int | None, limit: int, subject: Subject | None) -> list[Link]:
        """The newest `limit` links below `before`, newest first."""
        return await self._database.read(lambda connection: older(connection, before, limit, subject))

    async def newer(self, after: int, limit: int, subject: Subject | None) -> list[Link]:
        """The oldest `limit` links above `after`, newest first."""
        return await self._database.read(lambda connection: newer(connection, after, limit, subject))


def _head(connection: Connection) -> tuple[int, str]:
    links = select(table.c.number, table.c.hash).where(table.c.number < ABOVE_ALL)
    row = connection.execute(links.order_by(table.c.number.desc()).limit(1)).one_or_none()
    return (row.number, row.hash) if row else (0, START)


def _bounded(act: Act) -> Act:
    return replace(act, **{field: getattr(act, field)[:length] for field, length in _LENGTHS.items()})


def _about(subject: Subject | None) -> ColumnElement[bool]:
    """What was done to it, or mentions it as a whole word; of a person also what they did themselves.

    No index helps here: links are looked through from the page's end on until it is full.
    """
    if subject is None:
        return true()
    match subject.about:
        case About.HOST:
            with_port = subject.word.rpartition(":")[2].isdecimal()
            return _mentions(f" {subject.word} " if with_port else f" {subject.word}:")
        case About.PERSON:
            own = table.c.actor == subject.user_id
            return own | _mentions(f" {subject.name} ") if subject.name else own
    return _mentions(f" {subject.word} ")


def _mentions(word: str) -> ColumnElement[bool]:
    words = func.replace(table.c.subject + " " + table.c.before + " " + table.c.after, ",", " ")
    return func.instr(" " + words + " ", word) > 0


def _link(row: Any) -> Link:
    deed = cast(
        Deed, row.act
    )  # of another version it may be none that is known here: its link must still fit
    act = Act(row.actor, row.name, deed, row.subject, row.before, row.after)
    return Link(row.number, row.at, act, row.hash)
