"""The outbox: what the bot wants to say, encrypted, until it is said; its keys a while longer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.errors import StorageError
from bot.models.delivery import Outcome, Parcel
from bot.models.notice import Kind, Notice
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.tables import meta, outbox

FORGET_CHUNK = 1_000

Prepared = Mapping[str, Any]


def add(connection: Connection, rows: Sequence[Prepared], now: float) -> int:
    """Write what `OutboxStore.prepare` made, in the caller's transaction; returns how many were not said before."""
    if not rows:
        return 0
    statement = (
        insert(outbox).on_conflict_do_nothing(index_elements=[outbox.c.key]).returning(outbox.c.number)
    )
    values = [{**row, "due_at": now, "created_at": now, "attempts": 0} for row in rows]
    return len(connection.execute(statement, values).scalars().all())


def remember(connection: Connection, name: str, value: object) -> None:
    """Keep a JSON value under a name, in the caller's transaction."""
    written = json.dumps(value, separators=(",", ":")).encode()
    statement = insert(meta).values(name=name, value=written)
    connection.execute(statement.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": written}))


def due(connection: Connection, now: float, limit: int) -> Sequence[Row[Any]]:
    """The oldest that is due of each chat, oldest first; none of a chat where one waits to be tried again."""
    is_open = outbox.c.done_at.is_(None)
    held_up = select(outbox.c.chat_id).where(is_open, outbox.c.attempts > 0, outbox.c.due_at > now)
    heads = (
        select(func.min(outbox.c.number))
        .where(is_open, outbox.c.due_at <= now, outbox.c.chat_id.not_in(held_up))
        .group_by(outbox.c.chat_id)
    )
    found = select(outbox).where(outbox.c.number.in_(heads)).order_by(outbox.c.number).limit(limit)
    return connection.execute(found).all()


def next_due(connection: Connection, after: float) -> float | None:
    """When the next one is due that is not yet at `after`."""
    soonest = select(func.min(outbox.c.due_at)).where(outbox.c.done_at.is_(None), outbox.c.due_at > after)
    due_at: float | None = connection.scalar(soonest)
    return due_at


class OutboxStore:
    """Notices by number, and what those who write them remember; StorageError = no effect."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def prepare(self, notices: Iterable[Notice]) -> list[Prepared]:
        """The rows for `add`, encrypted."""
        return [
            {"key": each.key, "chat_id": each.to, "kind": each.kind.value, "body": self._sealed(each)}
            for each in notices
        ]

    async def post(
        self, notices: Iterable[Notice], now: float, memory: Mapping[str, object] | None = None
    ) -> int:
        """Write the notices, and what to `recall`, in one transaction; returns how many were not said before."""
        rows, kept = self.prepare(notices), dict(memory or {})

        def write(connection: Connection) -> int:
            for name, value in kept.items():
                remember(connection, name, value)
            return add(connection, rows, now)

        return await self._database.write(write)

    async def recall(self, name: str) -> Any:
        """The JSON value that was remembered last; None where there is none."""
        statement = select(meta.c.value).where(meta.c.name == name)
        value = await self._database.read(lambda connection: connection.scalar(statement))
        return None if value is None else json.loads(value)

    async def due(self, now: float, limit: int) -> list[Parcel]:
        """The oldest that is due of each chat, oldest first; none of a chat where one waits to be tried again."""
        rows = await self._database.read(lambda connection: due(connection, now, limit))
        return [self._parcel(row) for row in rows]

    async def next_due(self, after: float) -> float | None:
        """When the next one is due that is not yet at `after`."""
        return await self._database.read(lambda connection: next_due(connection, after))

    async def postpone(self, number: int, until: float, attempts: int) -> None:
        """Not before `until`."""
        await self._change(number, due_at=until, attempts=attempts)

    async def hasten(self, to: int, now: float) -> None:
        """What waits for its reader, or for quiet hours, is due now; what Telegram put off is not."""
        waits = (outbox.c.chat_id == to) & outbox.c.done_at.is_(None) & (outbox.c.attempts == 0)
        statement = update(outbox).where(waits & (outbox.c.due_at > now)).values(due_at=now)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def done(self, number: int, outcome: Outcome, now: float) -> None:
        """Wipe the body; the key stays, so that a repetition is known as one."""
        await self._change(number, done_at=now, outcome=outcome.value, body=None)

    async def forget(self, before: float) -> int:
        """Delete what was done before that time, in chunks that let others write in between; how many."""
        chunk = select(outbox.c.number).where(outbox.c.done_at < before).limit(FORGET_CHUNK)
        statement = delete(outbox).where(outbox.c.number.in_(chunk))
        forgotten = 0
        while gone := await self._database.write(lambda connection: connection.execute(statement).rowcount):
            forgotten += gone
        return forgotten

    async def _change(self, number: int, **values: Any) -> None:
        statement = update(outbox).where(outbox.c.number == number, outbox.c.done_at.is_(None)).values(values)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _sealed(self, notice: Notice) -> bytes:
        return self._cipher.encrypt(json.dumps(dict(notice.data), separators=(",", ":")).encode())

    def _parcel(self, row: Row[Any]) -> Parcel:
        return Parcel(row.number, row.chat_id, self._opened(row), row.created_at, row.attempts)

    def _opened(self, row: Row[Any]) -> Notice | None:
        try:
            return Notice(row.chat_id, Kind(row.kind), json.loads(self._cipher.decrypt(row.body)), row.key)
        except (StorageError, ValueError):  # another SECRET_KEY, or a kind of a newer version
            return None
