"""The offers table: what stands behind a button, for as long as the button is good."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from bot.models.offer import Offer
from bot.storage.database import Database
from bot.storage.tables import offers as table


class OfferStore:
    """Offers by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, offer: Offer) -> None:
        """Store a new offer."""
        values = {column.name: getattr(offer, column.name) for column in table.columns}
        await self._database.write(lambda connection: connection.execute(insert(table).values(values)))

    async def get(self, offer_id: str) -> Offer | None:
        """The offer of that id, lapsed or not."""
        row = await self._database.read(
            lambda connection: connection.execute(select(table).where(table.c.id == offer_id)).one_or_none()
        )
        return Offer(**row._mapping) if row else None

    async def forget(self, before: float) -> int:
        """Delete offers that lapsed before `before`; returns how many."""
        return await self._database.write(
            lambda connection: connection.execute(delete(table).where(table.c.expires_at < before)).rowcount
        )
