"""The inbox: raw updates, encrypted, from their arrival until they are done; their numbers a while longer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.resilience.batching import Batcher
from bot.services.intake import RawUpdate, Stored
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.tables import inbox

FORGET_CHUNK = 1_000
CALLS_AT_ONCE = 256

Rows = list[dict[str, Any]]

DONE = (
    update(inbox)
    .where(inbox.c.bot_id == bindparam("of_bot"), inbox.c.update_id == bindparam("number"))
    .where(inbox.c.done_at.is_(None))
    .values(done_at=bindparam("done_at"), payload=None)
)
NEW = (
    insert(inbox)
    .on_conflict_do_nothing(index_elements=[inbox.c.bot_id, inbox.c.update_id])
    .returning(inbox.c.update_id)
)


class Inbox:
    """The inbox of one bot; a call that raises StorageError had no effect."""

    def __init__(self, db: Database, cipher: Cipher, bot_id: int) -> None:
        self._db = db
        self._cipher = cipher
        self._bot_id = bot_id
        self._arriving: Batcher[Rows, set[int]] = Batcher(self._store_all, limit=CALLS_AT_ONCE)
        self._leaving: Batcher[Rows, None] = Batcher(self._mark_all, limit=CALLS_AT_ONCE)

    async def store(self, updates: Sequence[RawUpdate], now: float) -> list[Stored]:
        """Store them in one transaction; returns those that were not known, in their order."""
        by_id = {raw["update_id"]: raw for raw in updates}
        if not by_id:
            return []
        new = await self._arriving.submit([self._row(raw, now) for raw in by_id.values()])
        return [Stored(update_id, raw, now) for update_id, raw in by_id.items() if update_id in new]

    async def done(self, update_id: int, now: float) -> None:
        """Wipe the update's content; its number stays, so that a repeat is known as one."""
        await self._leaving.submit([{"of_bot": self._bot_id, "number": update_id, "done_at": now}])

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

    async def _store_all(self, calls: Sequence[Rows]) -> list[set[int]]:
        """One statement for all; whoever was first with an update has it, and it is known to the others."""
        rows = {row["update_id"]: row for call in reversed(calls) for row in call}
        new = await self._db.write(lambda connection: _insert(connection, list(rows.values())))
        found = []
        for call in calls:
            found.append(new.intersection(row["update_id"] for row in call))
            new -= found[-1]
        return found

    async def _mark_all(self, calls: Sequence[Rows]) -> list[None]:
        rows = [row for call in calls for row in call]
        await self._db.write(lambda connection: connection.execute(DONE, rows).rowcount)
        return [None] * len(calls)

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
    return set(connection.execute(NEW, rows).scalars())
