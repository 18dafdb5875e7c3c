"""The last_prices table: the last good price of each metal, so that a restart does not forget it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from bot.models.price import Metal, Spot
from bot.storage.database import Database
from bot.storage.market_tables import last_prices as table


class LastPrices:
    """One row a series; StorageError = no effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spots(self) -> Sequence[Spot]:
        """The last good price of each metal that ever had one."""
        columns = (table.c.series, table.c.price, table.c.source, table.c.at, table.c.is_futures)
        statement = select(*columns).where(table.c.series.in_([metal.value for metal in Metal]))
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_spot(row) for row in rows]

    async def keep(self, spot: Spot) -> None:
        """This is the last good one from now on."""
        values = {"price": spot.price, "source": spot.source, "at": spot.at, "is_futures": spot.is_futures}
        statement = insert(table).values(series=spot.metal.value, **values)
        upsert = statement.on_conflict_do_update(index_elements=["series"], set_=values)
        await self._database.write(lambda connection: connection.execute(upsert).rowcount)


def _spot(row: Any) -> Spot:
    return Spot(Metal(row.series), row.price, row.at, row.source, row.is_futures)
