"""The user_settings table: how people trade, and when they last did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from bot.models.account import TradingChoices
from bot.models.market import AccountType
from bot.storage.database import Database
from bot.storage.trading_tables import user_settings as table

MOST_ACTIVE = 1_000

_COLUMNS = (
    table.c.account_id,
    table.c.account_type,
    table.c.paused,
    table.c.order_limit,
    table.c.day_limit,
)


class UserSettingsStore:
    """One row a user, from the first time they ask the trading desk for something; StorageError = no effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def choices(self, user_id: int) -> TradingChoices:
        """How the user trades; the defaults where nothing was chosen."""
        statement = select(*_COLUMNS).where(table.c.user_id == user_id)
        row = await self._database.read(lambda connection: connection.execute(statement).one_or_none())
        if row is None:
            return TradingChoices()
        return TradingChoices(
            row.account_id, AccountType(row.account_type), row.paused, row.order_limit, row.day_limit
        )

    async def change(
        self,
        user_id: int,
        now: float,
        *,
        account_id: int | None = None,
        account_type: AccountType | None = None,
        paused: bool | None = None,
    ) -> None:
        """Set what is given, and that the user was active `now`."""
        wanted = {"account_id": account_id, "account_type": account_type, "paused": paused}
        given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        given["active_at"] = now
        values = {"user_id": user_id, "account_type": AccountType.SPOT, "paused": False} | given
        statement = insert(table).values(values)
        upsert = statement.on_conflict_do_update(index_elements=["user_id"], set_=given)
        await self._database.write(lambda connection: connection.execute(upsert).rowcount)

    async def active_since(self, when: float) -> Sequence[int]:
        """Who has asked the trading desk for something since then, the latest first; 1,000 at most."""
        statement = (
            select(table.c.user_id)
            .where(table.c.active_at >= when)
            .order_by(table.c.active_at.desc())
            .limit(MOST_ACTIVE)
        )
        return await self._database.read(lambda connection: connection.execute(statement).scalars().all())
