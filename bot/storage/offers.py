"""The offers table: what stands behind buttons, for as long as they are good."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import astuple

from sqlalchemy import delete, func, insert, select

from bot.models.offer import Action, Offer
from bot.storage.database import Database
from bot.storage.tables import offers as table


class OfferStore:
    """Offers by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, offer: Offer) -> None:
        """Store a new offer."""
        values = {
            "id": offer.id,
            "user_id": offer.user_id,
            "actions": json.dumps([astuple(action) for action in offer.actions], separators=(",", ":")),
            "expires_at": offer.expires_at,
        }
        await self._database.write(lambda connection: connection.execute(insert(table).values(values)))

    async def get(self, offer_id: str) -> Offer | None:
        """The offer of that id, lapsed or not."""
        row = await self._database.read(
            lambda connection: connection.execute(select(table).where(table.c.id == offer_id)).one_or_none()
        )
        if row is None:
            return None
        actions = tuple(Action(verb, tuple(args)) for verb, args in json.loads(row.actions))
        return Offer(row.id, row.user_id, actions, row.expires_at)

    async def drop(self, user_id: int, until: float, keeping: Collection[str]) -> int:
        """Delete those of a user that lapse before `until` and have none of the verbs `keeping`; returns how many."""
        # Arguments are plain values: a bracket and an unescaped quote stand before a verb only.
        others = (func.instr(table.c.actions, f'["{verb}",') == 0 for verb in keeping)
        statement = delete(table).where(table.c.user_id == user_id, table.c.expires_at < until, *others)
        return await self._database.write(lambda connection: connection.execute(statement).rowcount)

    async def forget(self, before: float) -> int:
        """Delete offers that lapsed before `before`; returns how many."""
        return await self._database.write(
            lambda connection: connection.execute(delete(table).where(table.c.expires_at < before)).rowcount
        )
