"""The previews table: which message shows what is kept for whom.

A row is open until its preview has ended. It is deleted once its message shows something else: the proxies that
were taken, or another preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.models.preview import PreviewMessage
from bot.storage.database import Database
from bot.storage.tables import previews as table

LIMIT = 1_000

_COLUMNS = (
    table.c.request,
    table.c.user_id,
    table.c.chat_id,
    table.c.message_id,
    table.c.expires_at,
)
_OPEN = table.c.ended_at.is_(None)


class PreviewStore:
    """Preview messages by request; times are seconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, message: PreviewMessage, now: float) -> None:
        """Store the message; the user's older previews are over.

        One that the same message showed before has no message any more; one in another message becomes due.
        """
        await self._database.write(lambda connection: _put(connection, message, now))

    async def extend(self, request: int, expires_at: float) -> None:
        """It is kept until then."""
        change = update(table).where(table.c.request == request, _OPEN).values(expires_at=expires_at)
        await self._run(change)

    async def end(self, request: int, now: float) -> bool:
        """It is over, and its message knows; returns whether that is new."""
        return (
            await self._run(update(table).where(table.c.request == request, _OPEN).values(ended_at=now)) > 0
        )

    async def reopen(self, request: int) -> None:
        """It is not over after all."""
        await self._run(update(table).where(table.c.request == request).values(ended_at=None))

    async def take(self, request: int) -> None:
        """Its message is not the preview's any more."""
        await self._run(delete(table).where(table.c.request == request))

    async def make_due(self, user_id: int, now: float) -> int:
        """Everything of the user's is over, and the messages do not know yet; returns how many."""
        return await self._run(_due_now(user_id, now))

    async def is_stored(self, request: int) -> bool:
        """Whether a message shows the preview, or that it is over."""
        query = select(table.c.request).where(table.c.request == request)
        return await self._database.read(lambda connection: connection.execute(query).first()) is not None

    async def due(self, until: float) -> list[PreviewMessage]:
        """Open ones whose time was over by then, oldest first."""
        query = select(*_COLUMNS).where(_OPEN, table.c.expires_at <= until)
        ordered = query.order_by(table.c.expires_at).limit(LIMIT)
        return await self._database.read(lambda connection: list(map(_message, connection.execute(ordered))))

    async def end_due(self, requests: Sequence[int], until: float, now: float) -> None:
        """These are over and told; one that was extended meanwhile stays."""
        named = table.c.request.in_(requests)
        await self._run(update(table).where(named, _OPEN, table.c.expires_at <= until).values(ended_at=now))

    async def next_due(self) -> float | None:
        """When the next open one is over."""
        query = select(func.min(table.c.expires_at)).where(_OPEN)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def forget(self, before: float) -> int:
        """Delete what ended before `before`; returns how many."""
        return await self._run(delete(table).where(table.c.ended_at < before))

    async def _run(self, statement: Any) -> int:
        return await self._database.write(lambda connection: int(connection.execute(statement).rowcount))


def _put(connection: Connection, message: PreviewMessage, now: float) -> None:
    same_place = (table.c.chat_id == message.chat_id) & (table.c.message_id == message.message_id)
    older = table.c.request != message.request
    connection.execute(delete(table).where(same_place, older))
    connection.execute(_due_now(message.user_id, now).where(older))
    values = {name: getattr(message, name) for name in message.__slots__}
    draft = insert(table).values(**values, ended_at=None)
    connection.execute(
        draft.on_conflict_do_update(index_elements=[table.c.request], set_=values | {"ended_at": None})
    )


def _due_now(user_id: int, now: float) -> Any:
    mine = update(table).where(_OPEN, table.c.user_id == user_id)
    return mine.values(expires_at=func.min(table.c.expires_at, now))


def _message(row: Any) -> PreviewMessage:
    return PreviewMessage(row.request, row.user_id, row.chat_id, row.message_id, row.expires_at)
