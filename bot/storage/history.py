"""What admins look up in the allocations: by proxy, resource or person, whatever became of it. Reads only.

No index is kept for it, since every take would pay: a question takes 20 ms with 100,000 allocations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from bot.models.allocation import HELD, LIVE, Allocation, State
from bot.models.history import About, Holder, Named, Place, Record, Share, Subject
from bot.storage.database import Database
from bot.storage.tables import allocations as table
from bot.storage.tables import people

MANY = 50_000
NAMES = 10

# Everything but the credential.
_COLUMNS = tuple(column for column in table.columns if column.name != "credential")


def records(connection: Connection, subject: Subject, before: Place | None, limit: int) -> list[Record]:
    """The newest `limit` records about the subject, of those that are older than `before`."""
    order = tuple_(table.c.request, table.c.id)
    statement = select(*_COLUMNS).where(_about(subject))
    if before is not None:
        statement = statement.where(order < (before.request, before.id))
    newest = statement.order_by(table.c.request.desc(), table.c.id.desc()).limit(limit)
    return list(map(_record, connection.execute(newest)))


def shares(connection: Connection, subject: Subject) -> list[Share]:
    """Who has how much of what is live, most first."""
    number = func.count().label("number")
    statement = (
        select(table.c.user_id, func.max(table.c.name).label("name"), table.c.state, number)
        .where(_about(subject), _among(LIVE))
        .group_by(table.c.user_id, table.c.state)
        .order_by(number.desc(), table.c.user_id)
        .limit(MANY)
    )
    return [
        Share(row.user_id, row.name, State(row.state), row.number) for row in connection.execute(statement)
    ]


def live(connection: Connection, limit: int = MANY) -> list[Record]:
    """What is reserved, held, spent or bad, by resource."""
    statement = (
        select(*_COLUMNS)
        .where(_among(LIVE))
        .order_by(table.c.resource, table.c.proxy_key, table.c.id)
        .limit(limit)
    )
    return list(map(_record, connection.execute(statement)))


def holders(connection: Connection, limit: int) -> list[Holder]:
    """Who holds most."""
    number = func.count().label("number")
    statement = (
        select(table.c.user_id, func.max(table.c.name).label("name"), number)
        .where(_among(HELD))
        .group_by(table.c.user_id)
        .order_by(number.desc(), table.c.user_id)
        .limit(limit)
    )
    return [Holder(row.user_id, row.name, row.number) for row in connection.execute(statement)]


def called(connection: Connection, word: str) -> list[Named]:
    """Everybody whose id, `@name` or name is the word, without regard to case; at most ten.

    Whom the people table does not know is looked for in all that was ever handed out, which takes a walk.
    """
    is_listed = _same(people.c, word) | (func.lower(people.c.username) == word.removeprefix("@").lower())
    listed = select(people.c.user_id, people.c.name).where(is_listed).order_by(people.c.user_id).limit(NAMES)
    found = connection.execute(listed).all()
    if not found:
        found = connection.execute(_once_called(word)).all()
    return [Named(row.user_id, row.name) for row in found]


class HistoryStore:
    """The records of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def records(self, subject: Subject, before: Place | None, limit: int) -> list[Record]:
        """The newest `limit` records about the subject, of those that are older than `before`."""
        return await self._database.read(lambda connection: records(connection, subject, before, limit))

    async def shares(self, subject: Subject) -> list[Share]:
        """Who has how much of what is live, most first."""
        return await self._database.read(lambda connection: shares(connection, subject))

    async def live(self) -> list[Record]:
        """What is reserved, held, spent or bad, by resource; at most 50,000."""
        return await self._database.read(live)

    async def holders(self, limit: int) -> list[Holder]:
        """Who holds most."""
        return await self._database.read(lambda connection: holders(connection, limit))

    async def called(self, word: str) -> list[Named]:
        """Everybody whose id, `@name` or name is the word; at most ten."""
        return await self._database.read(lambda connection: called(connection, word))


def _about(subject: Subject) -> ColumnElement[bool]:
    match subject.about:
        case About.PERSON:
            return table.c.user_id == subject.user_id
        case About.RESOURCE:
            return table.c.resource == subject.word
    # A key is host:port:user:mac, and `;` is the letter after `:`.
    return (table.c.proxy_key >= f"{subject.word}:") & (table.c.proxy_key < f"{subject.word};")


def _among(states: Iterable[State]) -> ColumnElement[bool]:
    return table.c.state.in_(sorted(states))


def _same(columns: Any, word: str) -> ColumnElement[bool]:
    """The id where the word is a number, else the name; SQLite folds the case of Latin letters only."""
    if word.isdecimal():
        return cast(ColumnElement[bool], columns.user_id == int(word))
    return func.lower(columns.name).in_({word, word.lower()})


def _once_called(word: str) -> Select[Any]:
    return (
        select(table.c.user_id, func.max(table.c.name).label("name"))
        .where(_same(table.c, word))
        .group_by(table.c.user_id)
        .order_by(table.c.user_id)
        .limit(NAMES)
    )


def _record(row: Any) -> Record:
    allocation = Allocation(
        id=row.id,
        request=row.request,
        key=row.proxy_key,
        resource=row.resource,
        user_id=row.user_id,
        name=row.name,
        issued_on=row.issued_on,
        state=State(row.state),
        row=row.row,
        expires_at=row.expires_at,
        missing_since=row.missing_since,
        promised=row.promised,
        reason=row.reason,
    )
    return Record(allocation, row.updated_at)
