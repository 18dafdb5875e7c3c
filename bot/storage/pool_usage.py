"""The pool_usage table: what was handed out for each resource on each day, and how many were free."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.models.allocation import State
from bot.models.chart import DayUse
from bot.storage.database import Database
from bot.storage.market_tables import pool_usage as table
from bot.storage.tables import allocations

MOST = 50_000

_HAD = [State.TAKEN, State.SPENT, State.BAD, State.RELEASING]
# A reservation that was dropped is released as well, but still has its time.
_HANDED_OUT = or_(
    allocations.c.state.in_(_HAD),
    (allocations.c.state == State.RELEASED) & allocations.c.expires_at.is_(None),
    allocations.c.state.in_([State.QUEUED, State.TAKING]) & allocations.c.promised,
)


def handed_out(days: Collection[str]) -> Select[Any]:
    """How many were handed out, by day and resource; a walk through the allocations, 20 ms for 100,000."""
    return (
        select(allocations.c.issued_on, allocations.c.resource, func.count())
        .where(allocations.c.issued_on.in_(sorted(days)), _HANDED_OUT)
        .group_by(allocations.c.issued_on, allocations.c.resource)
        .limit(MOST)
    )


class PoolUsageStore:
    """A row a resource and day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def handed_out(self, days: Collection[str]) -> Mapping[tuple[str, str], int]:
        """How many were handed out, by day (ISO) and resource."""
        statement = handed_out(days)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return {(day, resource): number for day, resource, number in rows}

    async def note(
        self, uses: Sequence[DayUse], settled: Mapping[tuple[str, str], int], *, keep_since: str
    ) -> None:
        """Write down `uses`; of days that are over, and were written down before, how many were handed out.

        Deletes the days before `keep_since`.
        """

        def unit(connection: Connection) -> None:
            _write(connection, uses)
            _settle(connection, settled)
            connection.execute(delete(table).where(table.c.day < keep_since))

        await self._database.write(unit)

    async def since(self, day: str, resource: str | None = None) -> Sequence[DayUse]:
        """All from that day on, of one resource or of all; by day, then by name."""
        statement = (
            select(table).where(table.c.day >= day).order_by(table.c.day, table.c.resource).limit(MOST)
        )
        if resource is not None:
            statement = statement.where(table.c.resource == resource)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [DayUse(row.resource, row.day, row.taken, row.free) for row in rows]


def _write(connection: Connection, uses: Sequence[DayUse]) -> None:
    if not uses:
        return
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in ("taken", "free")}
    upsert = statement.on_conflict_do_update(index_elements=["resource", "day"], set_=changes)
    rows = [{"resource": use.resource, "day": use.day, "taken": use.taken, "free": use.free} for use in uses]
    connection.execute(upsert, rows)


def _settle(connection: Connection, settled: Mapping[tuple[str, str], int]) -> None:
    if not settled:
        return
    that = (table.c.day == bindparam("of_day")) & (table.c.resource == bindparam("of_resource"))
    rows = [{"of_day": day, "of_resource": name, "taken": taken} for (day, name), taken in settled.items()]
    connection.execute(update(table).where(that), rows)
