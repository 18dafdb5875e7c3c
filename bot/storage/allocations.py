"""The allocations table: every transition is a conditional statement, the unique index is the real guard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.models.allocation import LIVE, Allocation, State
from bot.storage.tables import LIVE_SQL
from bot.storage.tables import allocations as table

CHUNK = 500
LIMIT = 1_000_000

_COLUMNS = (
    table.c.id,
    table.c.request,
    table.c.proxy_key,
    table.c.resource,
    table.c.user_id,
    table.c.name,
    table.c.issued_on,
    table.c.state,
    table.c.row,
    table.c.expires_at,
    table.c.release_request,
)

_draft = insert(table)
_UPSERT = _draft.on_conflict_do_update(
    index_elements=[table.c.proxy_key, table.c.resource],
    index_where=LIVE_SQL,
    set_={column.name: getattr(_draft.excluded, column.name) for column in table.columns},
    where=(table.c.state == State.RESERVED) & (table.c.expires_at <= _draft.excluded.updated_at),
)


_BEGIN = (
    update(table)
    .where((table.c.id == bindparam("which")) & (table.c.state == State.QUEUED))
    .values(state=State.TAKING, updated_at=bindparam("at"))
)
_TAKE = (
    update(table)
    .where((table.c.id == bindparam("which")) & (table.c.state == State.TAKING))
    .values(state=State.TAKEN, row=bindparam("in"), seen_at=bindparam("at"), updated_at=bindparam("at"))
)


def add(
    connection: Connection, allocations: Sequence[Allocation], credentials: Mapping[str, bytes], now: float
) -> set[str]:
    """Insert what conflicts with nothing live, or only with a lapsed reservation; returns the ids that got in."""
    if not allocations:
        return set()
    added = connection.execute(_UPSERT, [_values(each, credentials[each.key], now) for each in allocations])
    ids = [allocation.id for allocation in allocations]
    return set(ids) if added.rowcount == len(ids) else present(connection, ids)


def present(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of the ids are in the table."""
    found: set[str] = set()
    for chunk in _chunks(ids):
        found.update(connection.scalars(select(table.c.id).where(table.c.id.in_(chunk))))
    return found


def move(
    connection: Connection,
    ids: Sequence[str],
    to: State,
    *,
    since: Iterable[State],
    now: float,
    user_id: int | None = None,
    unlapsed: bool = False,
    **values: Any,
) -> list[Allocation]:
    """Bring the allocations that are in one of the states `since` to `to`; returns those that changed.

    `user_id`: only that user's. `unlapsed`: only reservations whose time is not over. `values`: further columns.
    """
    condition: ColumnElement[bool] = table.c.state.in_([str(state) for state in since])
    if user_id is not None:
        condition &= table.c.user_id == user_id
    if unlapsed:
        condition &= table.c.expires_at > now
    changed: list[Allocation] = []
    for chunk in _chunks(ids):
        statement = (
            update(table)
            .where(table.c.id.in_(chunk) & condition)
            .values(state=to, updated_at=now, **values)
            .returning(*_COLUMNS)
        )
        changed.extend(map(_allocation, connection.execute(statement)))
    return changed


def begin(connection: Connection, ids: Sequence[str], now: float) -> set[str]:
    """`queued` → `taking` for a whole commit; returns the ids that are `taking` now."""
    if not ids:
        return set()
    changed = connection.execute(_BEGIN, [{"which": which, "at": now} for which in ids])
    if changed.rowcount == len(ids):
        return set(ids)
    found: set[str] = set()
    for chunk in _chunks(ids):
        taking = table.c.id.in_(chunk) & (table.c.state == State.TAKING)
        found.update(connection.scalars(select(table.c.id).where(taking)))
    return found


def take(connection: Connection, rows: Mapping[str, int], now: float) -> None:
    """`taking` → `taken` for a whole commit: allocation id → the row that shows it."""
    if rows:
        connection.execute(_TAKE, [{"which": which, "in": row, "at": now} for which, row in rows.items()])


def expire(connection: Connection, now: float, limit: int = 10_000) -> list[Allocation]:
    """End reservations whose time is over; touches nothing else."""
    lapsed = (
        select(table.c.id).where((table.c.state == State.RESERVED) & (table.c.expires_at <= now)).limit(limit)
    )
    statement = (
        update(table)
        .where(table.c.id.in_(lapsed.scalar_subquery()))
        .values(state=State.EXPIRED, updated_at=now)
        .returning(*_COLUMNS)
    )
    return list(map(_allocation, connection.execute(statement)))


def cancel(connection: Connection, user_id: int, now: float) -> list[Allocation]:
    """Drop every reservation of a user."""
    statement = (
        update(table)
        .where((table.c.user_id == user_id) & (table.c.state == State.RESERVED))
        .values(state=State.RELEASED, updated_at=now)
        .returning(*_COLUMNS)
    )
    return list(map(_allocation, connection.execute(statement)))


def live(connection: Connection) -> list[Allocation]:
    """Every live allocation, oldest first."""
    statement = (
        select(*_COLUMNS).where(table.c.state.in_(sorted(LIVE))).order_by(table.c.updated_at).limit(LIMIT)
    )
    return list(map(_allocation, connection.execute(statement)))


def changed_since(connection: Connection, moment: float) -> list[Allocation]:
    """Allocations, live or not, that changed after `moment`."""
    statement = select(*_COLUMNS).where(table.c.updated_at >= moment).limit(LIMIT)
    return list(map(_allocation, connection.execute(statement)))


def with_credentials(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Allocation, bytes]]:
    """The allocations with their encrypted credentials, by id, in whatever state they are."""
    found = {}
    for chunk in _chunks(ids):
        statement = select(*_COLUMNS, table.c.credential).where(table.c.id.in_(chunk))
        for row in connection.execute(statement):
            found[row.id] = (_allocation(row), row.credential)
    return found


def resources(connection: Connection) -> set[str]:
    """Every resource that was ever allocated."""
    return set(connection.scalars(select(table.c.resource).distinct().limit(LIMIT)))


def _allocation(row: Any) -> Allocation:
    return Allocation(
        id=row.id,
        request=row.request,
        key=row.proxy_key,
        resource=row.resource,
        user_id=row.user_id,
        name=row.name,
        issued_on=row.issued_on,
        state=State(row.state),
        row=row.row,
        expires_at=row.expires_at,
        release_request=row.release_request,
    )


def _values(allocation: Allocation, credential: bytes, now: float) -> dict[str, Any]:
    return {
        "id": allocation.id,
        "request": allocation.request,
        "release_request": None,
        "proxy_key": allocation.key,
        "credential": credential,
        "resource": allocation.resource,
        "user_id": allocation.user_id,
        "name": allocation.name,
        "issued_on": allocation.issued_on,
        "state": allocation.state,
        "expires_at": allocation.expires_at,
        "row": allocation.row,
        "seen_at": now,
        "missing_since": None,
        "updated_at": now,
    }


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
