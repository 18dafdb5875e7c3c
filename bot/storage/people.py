"""The people table: everybody whom an admin, or they themselves, have made known to the desk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert

from bot.models.audit import Act
from bot.models.person import Person, Preferences
from bot.models.role import Role
from bot.storage.audit import append
from bot.storage.database import Database
from bot.storage.tables import people as table

PAGE = 1_000
DENIED = "denied"


class PeopleStore:
    """People by Telegram user id; a call that raises StorageError had no effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Person]:
        """Everybody, in the order of their ids."""
        people: list[Person] = []
        while page := await self._page(people[-1].user_id if people else None):
            people += page
        return people

    async def put(self, people: Sequence[Person], acts: Sequence[Act], now: float) -> None:
        """Store these, new or known, and write down the acts that made them so, in one transaction."""
        rows = [_row(person, now) for person in people]

        def unit(connection: Connection) -> None:
            _upsert(connection, rows)
            append(connection, acts, now)

        await self._database.write(unit)

    async def _page(self, after: int | None) -> list[Person]:
        statement = select(table).order_by(table.c.user_id).limit(PAGE)
        if after is not None:
            statement = statement.where(table.c.user_id > after)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_person(row) for row in rows]


def _upsert(connection: Connection, rows: list[dict[str, Any]]) -> None:
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name != "user_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changed), rows)


def _row(person: Person, now: float) -> dict[str, Any]:
    preferences = asdict(person.preferences) | {"muted": sorted(person.preferences.muted)}
    return {
        "user_id": person.user_id,
        "name": person.name,
        "username": person.username,
        "role": DENIED if person.denied else person.role,
        "asked_at": person.asked_at,
        "blocked_at": person.blocked_at,
        "preferences": json.dumps(preferences, separators=(",", ":")),
        "updated_at": now,
    }


def _person(row: Row[Any]) -> Person:
    preferences = json.loads(row.preferences)
    denied = row.role == DENIED
    return Person(
        user_id=row.user_id,
        name=row.name,
        username=row.username,
        role=None if denied or row.role is None else Role(row.role),
        denied=denied,
        asked_at=row.asked_at,
        blocked_at=row.blocked_at,
        preferences=Preferences(**preferences | {"muted": frozenset(preferences["muted"])}),
    )
