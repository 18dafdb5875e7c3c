"""The portfolio_values table: what accounts were worth, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from bot.models.price import Point
from bot.storage.database import Database
from bot.storage.market_tables import portfolio_values as table

MOST = 5_000


class PortfolioValueStore:
    """Values in USD by account and second."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_at(self, account_id: int) -> float | None:
        """When the account's value was noted last."""
        statement = select(func.max(table.c.at)).where(table.c.account_id == account_id)
        return await self._database.read(lambda connection: connection.scalar(statement))

    async def add(self, account_id: int, usd: Decimal, at: float, *, keep_since: float) -> None:
        """Note a value, and delete what the account had before `keep_since`."""
        values = {"account_id": account_id, "at": int(at), "usd": usd}
        statement = insert(table).values(values)
        upsert = statement.on_conflict_do_update(index_elements=["account_id", "at"], set_={"usd": usd})
        old = delete(table).where(table.c.account_id == account_id, table.c.at < int(keep_since))

        def unit(connection: Connection) -> None:
            connection.execute(upsert)
            connection.execute(old)

        await self._database.write(unit)

    async def points(self, account_id: int, since: float) -> Sequence[Point]:
        """The latest 5,000 values noted since then, oldest first."""
        statement = (
            select(table.c.at, table.c.usd)
            .where(table.c.account_id == account_id, table.c.at >= int(since))
            .order_by(table.c.at.desc())
            .limit(MOST)
        )
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [Point(float(row.at), row.usd) for row in reversed(rows)]
