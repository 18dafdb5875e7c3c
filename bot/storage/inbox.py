"""The inbox: raw updates, encrypted, from their arrival until they are done; their numbers a while longer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.services.intake import RawUpdate, Stored
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.tables import inbox

FORGET_CHUNK = 1_000


class Inbox:
    """The inbox of one bot; a call that raises StorageError had no effect."""

    def __init__(self, db: Database, cipher: Cipher, bot_id: int) -> None:
        self._db = db
        self._cipher = cipher
        self._bot_id = bot_id

    async def store(self, updates: Sequence[RawUpdate], now: float) -> list[Stored]:
        """Store them in one transaction; returns those that were not known, in their order."""
        by_id = {raw["update_id"]: raw for raw in updates}
        if not by_id:
            return []
        rows = [self._row(raw, now) for raw in by_id.values()]
        new = await self._db.write(lambda connection: _insert(connection, rows))
        return [Stored(update_id, raw, now) for update_id, raw in by_id.items() if update_id in new]

    async def done(self, update_id: int, now: float) -> None:
        """Wipe the update's content; its number stays, so that a repeat is known as one."""
        statement = (
            update(inbox)
            .where(inbox.c.bot_id == self._bot_id, inbox.c.update_id == update_id)
            .where(inbox.c.done_at.is_(None))
            .values(done_at=now, payload=None)
        )
        await self._db.write(lambda connection: connection.execute(statement).rowcount)

    async def open_updates(self, after: int | None, limit: int) -> list[Stored]:
        """The first `limit` not done, by update id, of those above `after` (None: from the start)."""
        statement = (
            select(inbox.c.update_id, inbox.c.payload, inbox.c.received_at)
            .where(inbox.c.bot_id == self._bot_id, inbox.c.done_at.is_(None))
            .order_by(inbox.c.update_id)
            .limit(limit)
        )
        if after is not None:
            statement = statement.where(inbox.c.update_id > after)
        rows = await self._db.read(lambda connection: connection.execute(statement).all())
        return [Stored(row.update_id, self._opened(row.payload), row.received_at) for row in rows]

    async def forget(self, before: float) -> int:
        """Delete what was done before that time, in chunks that let others write in between; how many."""
        chunk = (
            select(inbox.c.update_id)
            .where(inbox.c.bot_id == self._bot_id, inbox.c.done_at < before)
            .limit(FORGET_CHUNK)
        )
        statement = delete(inbox).where(inbox.c.bot_id == self._bot_id, inbox.c.update_id.in_(chunk))
        forgotten = 0
        while gone := await self._db.write(lambda connection: connection.execute(statement).rowcount):
            forgotten += gone
        return forgotten

    async def last_update_id(self) -> int | None:
        """The highest number that is remembered, done or not."""
        statement = select(func.max(inbox.c.update_id)).where(inbox.c.bot_id == self._bot_id)
        return await self._db.read(lambda connection: connection.execute(statement).scalar())

    def _row(self, raw: RawUpdate, now: float) -> dict[str, Any]:
        return {
            "bot_id": self._bot_id,
            "update_id": raw["update_id"],
            "payload": self._cipher.encrypt(json.dumps(raw, separators=(",", ":")).encode()),
            "received_at": now,
        }

    def _opened(self, payload: bytes) -> RawUpdate:
        raw: RawUpdate = json.loads(self._cipher.decrypt(payload))
        return raw


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> set[int]:
    statement = (
        insert(inbox)
        .on_conflict_do_nothing(index_elements=[inbox.c.bot_id, inbox.c.update_id])
        .returning(inbox.c.update_id)
    )
    return set(connection.execute(statement, rows).scalars())
