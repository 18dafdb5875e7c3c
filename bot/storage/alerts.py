"""The alerts table: what people want to be told of prices; an alert changes together with what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.errors import RequestConflict, TooManyAlerts, UnknownAlert
from bot.models.alert import Alert, AlertKind, Change
from bot.storage import outbox
from bot.storage.database import Database
from bot.storage.market_tables import ACTIVE_ALERT
from bot.storage.market_tables import alerts as table
from bot.storage.outbox import OutboxStore

LIMIT = 100_000
CHUNK = 1_000
ROUNDING = 1e-9

# In the order of Alert's fields.
_COLUMNS: tuple[Any, ...] = (
    table.c.id,
    table.c.user_id,
    table.c.series,
    table.c.kind,
    table.c.target,
    table.c.seconds,
    table.c.repeats,
    table.c.created_at,
    table.c.set_at_price,
    table.c.quiet_until,
    table.c.expires_at,
    table.c.fired_at,
    table.c.ended_at,
)
_KINDS = {kind.value: kind for kind in AlertKind}


_WATCHED = select(table.c.series, table.c.seconds).where(ACTIVE_ALERT).distinct().limit(LIMIT)

# One statement for all series. Who asks compares exactly; here is only left out what is out of reach.
_price = func.json_each(bindparam("prices")).table_valued("key", "value", name="price")
_target, _now = cast(table.c.target, Float), cast(_price.c.value, Float)
_WITHIN_REACH = (
    select(*_COLUMNS)
    .join_from(table, _price, table.c.series == _price.c.key)
    .where(ACTIVE_ALERT)
    .where(
        or_(
            table.c.kind == AlertKind.CHANGE.value,
            table.c.fired_at.is_not(None),
            and_(table.c.kind == AlertKind.ABOVE.value, _target <= _now * (1 + ROUNDING)),
            and_(table.c.kind == AlertKind.BELOW.value, _target >= _now * (1 - ROUNDING)),
        )
    )
    .limit(LIMIT)
)


def watched(connection: Connection) -> list[tuple[str, int | None]]:
    """The series of all active alerts, and the seconds of changes; each once."""
    return [(series, seconds) for series, seconds in connection.execute(_WATCHED)]


def within_reach(connection: Connection, prices: Mapping[str, Decimal], now: float) -> list[Alert]:
    """The active alerts that these prices may change, and those that lapse."""
    lapsing = select(*_COLUMNS).where(ACTIVE_ALERT, table.c.expires_at <= now).limit(LIMIT)
    written = json.dumps({series: float(price) for series, price in prices.items()})
    rows = [*connection.execute(lapsing), *connection.execute(_WITHIN_REACH, {"prices": written})]
    return list(map(_alert, {row.id: row for row in rows}.values()))


def active_of(user_id: int) -> Select[Any]:
    """Those of one person, oldest first."""
    return select(*_COLUMNS).where(ACTIVE_ALERT, table.c.user_id == user_id).order_by(table.c.id).limit(LIMIT)


def with_key(connection: Connection, request_key: str) -> Alert | None:
    """The alert that a request has set."""
    row = connection.execute(select(*_COLUMNS).where(table.c.request_key == request_key)).one_or_none()
    return None if row is None else _alert(row)


def with_id(connection: Connection, alert_id: int) -> Alert | None:
    """One alert, active or not."""
    row = connection.execute(select(*_COLUMNS).where(table.c.id == alert_id)).one_or_none()
    return None if row is None else _alert(row)


def count_of(connection: Connection, user_id: int) -> int:
    """How many active ones a person has."""
    counted = select(func.count()).where(ACTIVE_ALERT, table.c.user_id == user_id)
    return connection.scalar(counted) or 0


def put(connection: Connection, alert: Alert) -> None:
    """Write down what has become of an alert."""
    values = {
        "repeats": alert.repeats,
        "quiet_until": alert.quiet_until,
        "fired_at": alert.fired_at,
        "ended_at": alert.ended_at,
    }
    connection.execute(update(table).where(table.c.id == alert.id).values(values))


def apply(connection: Connection, changes: Sequence[Change]) -> list[Change]:
    """Make those changes whose alert is still as it was; returns them."""
    made = [change for change in changes if with_id(connection, change.before.id) == change.before]
    for change in made:
        put(connection, change.after)
    return made


class AlertStore:
    """Alerts by id; a call that raises StorageError had no effect."""

    def __init__(self, database: Database, letters: OutboxStore) -> None:
        self._database = database
        self._letters = letters

    async def add(self, alert: Alert, request_key: str, limit: int) -> Alert:
        """Store it under a new id, or return what the same request has set before.

        Raises TooManyAlerts where its owner has `limit` of them, RequestConflict where the request was another.
        """

        def unit(connection: Connection) -> Alert:
            if known := with_key(connection, request_key):
                return _same(known, alert)
            if count_of(connection, alert.user_id) >= limit:
                raise TooManyAlerts(limit)
            added = insert(table).values(_values(alert, request_key)).returning(*_COLUMNS)
            return _alert(connection.execute(added).one())

        return await self._database.write(unit)

    async def set_by(self, request_key: str) -> Alert | None:
        """What a request has set."""
        return await self._database.read(lambda connection: with_key(connection, request_key))

    async def watched(self) -> list[tuple[str, int | None]]:
        """The series of all active alerts, and the seconds of changes; each once."""
        return await self._database.read(watched)

    async def within_reach(self, prices: Mapping[str, Decimal], now: float) -> list[Alert]:
        """The active alerts that these prices may change, and those that lapse."""
        return await self._database.read(lambda connection: within_reach(connection, prices, now))

    async def active_of(self, user_id: int) -> list[Alert]:
        """Those of one person, oldest first."""
        statement = active_of(user_id)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return list(map(_alert, rows))

    async def change(
        self, user_id: int, alert_id: int, turned: Callable[[Alert], Alert], limit: int
    ) -> Alert:
        """Make of a person's alert what `turned` makes of it.

        Raises UnknownAlert where it is not theirs, or is over and would be changed all the same, TooManyAlerts where it
        comes back beside `limit` others.
        """

        def unit(connection: Connection) -> Alert:
            before = with_id(connection, alert_id)
            if before is None or before.user_id != user_id:
                raise UnknownAlert
            after = turned(before)
            if after == before:
                return after
            if before.ended_at is not None:
                if after.ended_at is not None:
                    raise UnknownAlert
                if count_of(connection, user_id) >= limit:
                    raise TooManyAlerts(limit)
            put(connection, after)
            return after

        return await self._database.write(unit)

    async def apply(self, changes: Sequence[Change], now: float) -> list[Change]:
        """Make the changes that still make sense, and write their notices; returns those that were made."""
        letters = {
            change.before.id: self._letters.prepare([change.notice]) for change in changes if change.notice
        }

        def unit(connection: Connection) -> list[Change]:
            made = apply(connection, changes)
            outbox.add(connection, [row for each in made for row in letters.get(each.before.id, ())], now)
            return made

        return await self._database.write(unit)

    async def forget(self, before: float) -> int:
        """Delete what ended before that time, in chunks that let others write in between; how many."""
        chunk = select(table.c.id).where(table.c.ended_at < before).limit(CHUNK)
        statement = delete(table).where(table.c.id.in_(chunk))
        forgotten = 0
        while gone := await self._database.write(lambda connection: connection.execute(statement).rowcount):
            forgotten += gone
        return forgotten


def _same(known: Alert, asked: Alert) -> Alert:
    """Whether it repeats can be changed meanwhile; what it is about cannot."""
    ours, theirs = (
        (each.user_id, each.series, each.kind, each.target, each.seconds) for each in (known, asked)
    )
    if ours != theirs:
        raise RequestConflict
    return known


def _values(alert: Alert, request_key: str) -> dict[str, Any]:
    return {
        "request_key": request_key,
        "user_id": alert.user_id,
        "series": alert.series,
        "kind": alert.kind.value,
        "target": alert.target,
        "seconds": alert.seconds,
        "repeats": alert.repeats,
        "created_at": alert.created_at,
        "set_at_price": alert.set_at_price,
        "expires_at": alert.expires_at,
    }


def _alert(row: Sequence[Any]) -> Alert:
    number, user_id, series, kind, *rest = row
    return Alert(number, user_id, series, _KINDS[kind], *rest)
