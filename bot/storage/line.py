"""The waiting table: places in line, numbered in the order in which people came.

A number is never used twice: it names the request that keeps a proxy. An ended place has a turn only if it was
taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from bot.models.line import Place
from bot.storage.database import Database
from bot.storage.tables import waiting as table

LIMIT = 100_000

_COLUMNS = (
    table.c.number,
    table.c.user_id,
    table.c.name,
    table.c.resource,
    table.c.joined_at,
    table.c.turn,
    table.c.turn_until,
)
_OPEN = table.c.ended_at.is_(None)


class LineStore:
    """Places by number; times are seconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_places(self) -> list[Place]:
        """Every open place, oldest first."""
        query = select(*_COLUMNS).where(_OPEN).order_by(table.c.number).limit(LIMIT)
        return await self._database.read(lambda connection: list(map(_place, connection.execute(query))))

    async def join(self, user_id: int, name: str, resource: str, now: float) -> Place:
        """A new place at the end, or the one that the person has already."""
        return await self._database.write(
            lambda connection: _join(connection, user_id=user_id, name=name, resource=resource, joined_at=now)
        )

    async def give_turn(self, number: int, turn: int, until: float) -> bool:
        """The request `turn` keeps one for it; False when the place was left meanwhile."""
        change = update(table).where(table.c.number == number, _OPEN)
        return await self._run(change.values(turn=turn, turn_until=until)) > 0

    async def withdraw_turn(self, number: int) -> None:
        """It waits again."""
        change = update(table).where(table.c.number == number, _OPEN)
        await self._run(change.values(turn=None, turn_until=None))

    async def take(self, number: int, now: float) -> None:
        """It has got what it waited for."""
        await self._run(update(table).where(table.c.number == number, _OPEN).values(ended_at=now))

    async def end(self, numbers: Sequence[int], now: float) -> None:
        """They got nothing: left, or did not take their turn."""
        change = update(table).where(table.c.number.in_(numbers), _OPEN)
        await self._run(change.values(ended_at=now, turn=None, turn_until=None))

    async def was_taken(self, number: int) -> bool:
        """Whether the place has ended with what it waited for."""
        query = select(table.c.number).where(
            table.c.number == number, table.c.ended_at.is_not(None), table.c.turn.is_not(None)
        )
        return await self._database.read(lambda connection: connection.execute(query).first()) is not None

    async def forget(self, before: float) -> int:
        """Delete what ended before `before`, but never the last number; returns how many."""
        last = select(func.max(table.c.number)).scalar_subquery()
        return await self._run(delete(table).where(table.c.ended_at < before, table.c.number < last))

    async def _run(self, statement: Any) -> int:
        return await self._database.write(lambda connection: int(connection.execute(statement).rowcount))


def _join(connection: Connection, **values: Any) -> Place:
    draft = insert(table).values(values)
    connection.execute(
        draft.on_conflict_do_nothing(
            index_elements=[table.c.resource, table.c.user_id], index_where=text("ended_at IS NULL")
        )
    )
    mine = (table.c.resource == values["resource"]) & (table.c.user_id == values["user_id"])
    return _place(connection.execute(select(*_COLUMNS).where(_OPEN, mine)).one())


def _place(row: Any) -> Place:
    return Place(row.number, row.user_id, row.name, row.resource, row.joined_at, row.turn, row.turn_until)
