"""The price_history table: a row a minute for a day, an hour for 90 days, a day for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, and_, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from bot.models.price import Point
from bot.models.price_series import DAY, HOUR, MINUTE
from bot.storage.database import Database
from bot.storage.market_tables import price_history as table

MOST_POINTS = 10_000
A_SLICE = 6  # intervals that come into being in one transaction

_INSERT = insert(table)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["series", "seconds", "at"], set_={"price": _INSERT.excluded.price}
)


def note(connection: Connection, prices: Mapping[str, Decimal], at: float) -> None:
    """One price of each series for its minute; the last one wins."""
    minute = int(at // MINUTE) * MINUTE
    rows = [
        {"series": series, "seconds": MINUTE, "at": minute, "price": price}
        for series, price in prices.items()
    ]
    if rows:
        connection.execute(_UPSERT, rows)


def points(connection: Connection, series: str, since: float, step: int) -> list[Point]:
    """The last price of each `step` seconds since then, however fine they are kept; the oldest first.

    Each stands at the end of its interval.
    """
    end = table.c.at + table.c.seconds
    is_asked = and_(
        table.c.series == series, table.c.seconds.in_((MINUTE, HOUR, DAY)), table.c.at >= int(since)
    )
    last = select(func.max(end)).where(is_asked).group_by((end + (step - 1)) // step)
    statement = (
        select(end.label("end"), table.c.price)
        .where(is_asked, end.in_(last))
        .order_by(end.desc())
        .limit(MOST_POINTS)
    )
    found = connection.execute(statement).all()
    return [Point(float(row.end), row.price) for row in reversed(found)]


def thin(connection: Connection, fine: int, coarse: int, before: int) -> int:
    """Draw intervals together, of the series with the oldest ones: some hundred rows; returns how many."""
    oldest = (
        select(table.c.series, table.c.at)
        .where(table.c.seconds == fine, table.c.at < before)
        .order_by(table.c.at)
        .limit(1)
    )
    first = connection.execute(oldest).one_or_none()
    if first is None:
        return 0
    begin = first.at - first.at % coarse
    is_one = and_(
        table.c.series == first.series,
        table.c.seconds == fine,
        table.c.at >= begin,
        table.c.at < min(before, begin + A_SLICE * coarse),
    )
    rows = connection.execute(select(table.c.at, table.c.price).where(is_one).order_by(table.c.at)).all()
    last = {row.at - row.at % coarse: row.price for row in rows}
    drawn = [
        {"series": first.series, "seconds": coarse, "at": at, "price": price} for at, price in last.items()
    ]
    connection.execute(_UPSERT, drawn)
    return connection.execute(delete(table).where(is_one)).rowcount


class PriceHistoryStore:
    """Past prices of one database; StorageError = no effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, prices: Mapping[str, Decimal], at: float) -> None:
        """One price of each series for the minute of `at`; the last one wins."""
        await self._database.write(lambda connection: note(connection, prices, at))

    async def points(self, series: str, since: float, step: int) -> Sequence[Point]:
        """The last price of each `step` seconds since then, the oldest first; at most the 10,000 newest."""
        return await self._database.read(lambda connection: points(connection, series, since, step))

    async def thin(self, fine: int, coarse: int, before: int) -> int:
        """Draw some intervals from before then together; 0 when there are none left."""
        return await self._database.write(lambda connection: thin(connection, fine, coarse, before))
