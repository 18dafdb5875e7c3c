"""The dialogues table: who is connecting an account, and what they have said so far, encrypted."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.errors import CannotConnect, StorageError
from bot.models.dialogue import Dialogue, Problem, Step
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.trading_tables import dialogues as table

LIMIT = 10_000

_COLUMNS = (table.c.user_id, table.c.step, table.c.data, table.c.expires_at)

Prepared = dict[str, Any]


def prepare(cipher: Cipher, dialogue: Dialogue) -> Prepared:
    """The row of a dialogue; what was said stands in it encrypted, beside whose it is."""
    data = {
        "user": dialogue.user_id,
        "venue": dialogue.venue,
        "request": dialogue.request,
        "said": dialogue.said,
        "tail": dialogue.tail,
        "can_trade": dialogue.can_trade,
        "problem": dialogue.problem,
        "detail": dialogue.detail,
    }
    return {
        "user_id": dialogue.user_id,
        "step": dialogue.step.value,
        "data": cipher.encrypt(json.dumps(data, separators=(",", ":")).encode()),
        "expires_at": dialogue.expires_at,
    }


def end(connection: Connection, row: Prepared) -> None:
    """Write down how a dialogue has ended, in the transaction of what it ended with.

    Raises CannotConnect where it was stopped meanwhile.
    """
    still_there = table.c.step == Step.CHECK.value
    statement = update(table).where(table.c.user_id == row["user_id"], still_there).values(row)
    if not connection.execute(statement).rowcount:
        raise CannotConnect(Problem.STOPPED)


class DialogueStore:
    """One dialogue a user; StorageError = no effect, or what is stored is not what was stored there."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def put(self, dialogue: Dialogue) -> None:
        """Store it in place of what the user had begun before."""
        row = prepare(self._cipher, dialogue)
        statement = insert(table).values(row).on_conflict_do_update(index_elements=["user_id"], set_=row)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def end(self, dialogue: Dialogue) -> None:
        """Write down how it has ended. Raises CannotConnect where it was stopped meanwhile."""
        row = prepare(self._cipher, dialogue)
        await self._database.write(lambda connection: end(connection, row))

    async def get(self, user_id: int) -> Dialogue | None:
        """What the user has begun, lapsed or not."""
        statement = select(*_COLUMNS).where(table.c.user_id == user_id)
        row = await self._database.read(lambda connection: connection.execute(statement).one_or_none())
        return None if row is None else self._dialogue(row)

    async def all(self) -> list[Dialogue]:
        """Every dialogue that can be read, lapsed or not; of one under a lost SECRET_KEY nothing is left anyway."""
        statement = select(*_COLUMNS).order_by(table.c.user_id).limit(LIMIT)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [dialogue for row in rows if (dialogue := self._readable(row)) is not None]

    async def drop(self, user_id: int) -> bool:
        """Forget what the user has begun; returns whether there was something."""
        statement = delete(table).where(table.c.user_id == user_id)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    async def forget(self, before: float) -> int:
        """Delete those that lapsed before that time; returns how many."""
        statement = delete(table).where(table.c.expires_at < before)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _readable(self, row: Any) -> Dialogue | None:
        try:
            return self._dialogue(row)
        except StorageError:
            return None

    def _dialogue(self, row: Any) -> Dialogue:
        data = json.loads(self._cipher.decrypt(row.data))
        if data["user"] != row.user_id:
            raise StorageError("a dialogue is not of the user whose it is said to be")
        return Dialogue(
            row.user_id,
            data["venue"],
            data["request"],
            row.expires_at,
            Step(row.step),
            tuple(data["said"]),
            data["tail"],
            data["can_trade"],
            Problem(data["problem"]) if data["problem"] else None,
            data["detail"],
        )
