"""The pictures table: what Telegram has of them already, so that nothing is drawn and sent twice."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from bot.storage.database import Database
from bot.storage.market_tables import pictures as table

LONGEST = 200


class PictureStore:
    """Telegram's id of each picture, by the key of what is drawn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def file_id(self, key: str) -> str | None:
        """What Telegram knows the picture by; None where it has never been sent."""
        statement = select(table.c.file_id).where(table.c.key == key)
        return await self._database.read(lambda connection: connection.scalar(statement))

    async def keep(self, key: str, file_id: str, now: float) -> None:
        """Telegram has it; an id too long to be kept is not."""
        if len(file_id) > LONGEST:
            return
        values = {"key": key, "file_id": file_id, "made_at": now}
        statement = insert(table).values(values)
        upsert = statement.on_conflict_do_update(index_elements=["key"], set_=values)
        await self._database.write(lambda connection: connection.execute(upsert).rowcount)

    async def drop(self, key: str) -> None:
        """Telegram does not know it any more."""
        statement = delete(table).where(table.c.key == key)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def forget(self, before: float) -> int:
        """Delete those made before `before`; returns how many."""
        statement = delete(table).where(table.c.made_at < before)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)
