"""Single prices of the past, found in the history by their time."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection, bindparam, func, select

from bot.models.alert import Span, slack_of
from bot.models.price import Point
from bot.storage.database import Database
from bot.storage.market_tables import price_history as table

INTERVALS = (60, 3_600, 86_400)  # of the history, in seconds


_wanted = func.json_each(bindparam("wanted")).table_valued("value", name="wanted")
_series = func.json_extract(_wanted.c.value, "$[0]")
_span = func.json_extract(_wanted.c.value, "$[1]")
_moment = func.json_extract(_wanted.c.value, "$[2]")
_slack = func.json_extract(_wanted.c.value, "$[3]")
_end = table.c.at + table.c.seconds
_FITTING = (
    select(
        _series.label("series"),
        _span.label("span"),
        _end.label("end"),
        table.c.price,
        func.row_number()
        .over(partition_by=(_series, _span), order_by=func.abs(_end - _moment))
        .label("place"),
    )
    .join_from(_wanted, table, table.c.series == _series)
    .where(table.c.seconds.in_(INTERVALS), table.c.seconds <= _slack)
    .where(table.c.at.between(_moment - 2 * _slack, _moment + _slack))  # what the key can search by
    .where(_end.between(_moment - _slack, _moment + _slack))
    .subquery()
)
_NEAREST = select(_FITTING).where(_FITTING.c.place == 1)


def nearest(connection: Connection, wanted: Collection[Span], now: float) -> dict[Span, Point]:
    """The prices that are closest to their moments, among those no farther away than the slack.

    What is kept of an interval is its last price: one of its end, unless nothing was heard for long. So intervals
    that are longer than the slack are of no use.
    """
    asked = [[series, seconds, now - seconds, slack_of(seconds)] for series, seconds in sorted(wanted)]
    rows = connection.execute(_NEAREST, {"wanted": json.dumps(asked)})
    return {(row.series, row.span): Point(float(row.end), row.price) for row in rows}


class PastPriceStore:
    """Prices by how long ago they were."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_then(self, wanted: Collection[Span], now: float) -> dict[Span, Point]:
        """Of each series the price of so many seconds before `now`; those that are not known are left out."""
        return await self._database.read(lambda connection: nearest(connection, wanted, now))
