"""The allocations table: every transition is a conditional statement, the unique index is the real guard."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from bot.models.allocation import LIVE, SPENT_REASON, TURN, Allocation, State
from bot.models.request import Claim
from bot.storage.tables import LIVE_SQL, requests
from bot.storage.tables import allocations as table

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
    table.c.replaced,
    table.c.missing_since,
    table.c.promised,
    table.c.reason,
)

_draft = insert(table)
_UPSERT = _draft.on_conflict_do_update(
    index_elements=[table.c.proxy_key, table.c.resource],
    index_where=LIVE_SQL,
    set_={column.name: getattr(_draft.excluded, column.name) for column in table.columns},
    where=text("allocations.state = 'reserved'") & (table.c.expires_at <= _draft.excluded.updated_at),
)
_UPSERT_SQL = str(_UPSERT.compile(dialect=sqlite.dialect()))


_SEEN_IN = update(table).where(table.c.id == bindparam("which")).values(row=bindparam("in"))


def add(
    connection: Connection, allocations: Sequence[Allocation], credentials: Mapping[str, bytes], now: float
) -> set[str]:
    """Insert what conflicts with nothing live, or only with a lapsed reservation; returns the ids that got in."""
    if not allocations:
        return set()
    # A commit brings thousands of rows: SQLAlchemy would build each row's parameters in Python, the driver need not.
    rows = [_values(each, credentials[each.key], now) for each in allocations]
    added = connection.exec_driver_sql(_UPSERT_SQL, rows)
    ids = [allocation.id for allocation in allocations]
    return set(ids) if added.rowcount == len(ids) else present(connection, ids)


def present(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of the ids are in the table."""
    return set(connection.scalars(select(table.c.id).where(_among(ids))))


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
    if not ids:
        return []
    condition = _among(ids) & table.c.state.in_([str(state) for state in since])
    if user_id is not None:
        condition &= table.c.user_id == user_id
    if unlapsed:
        condition &= table.c.expires_at > now
    statement = update(table).where(condition).values(state=to, updated_at=now, **values).returning(*_COLUMNS)
    return list(map(_allocation, connection.execute(statement)))


def claim(connection: Connection, claim: Claim, now: float) -> list[Allocation]:
    """Reservations in time are on their way into the sheet, under the request that takes them."""
    return move(
        connection,
        claim.ids,
        State.QUEUED,
        since={State.RESERVED},
        now=now,
        user_id=claim.user_id,
        unlapsed=True,
        request=claim.request,
        name=claim.name,
        expires_at=None,
        reason=None,
    )


def hand_over(
    connection: Connection, allocation_id: str, user_id: int, to_user: int, to_name: str, now: float
) -> list[Allocation]:
    """One that a user holds is another's from now on."""
    held = (table.c.id == allocation_id) & (table.c.user_id == user_id) & (table.c.state == State.TAKEN)
    values = {"user_id": to_user, "name": to_name, "updated_at": now}
    return list(
        map(_allocation, connection.execute(update(table).where(held).values(values).returning(*_COLUMNS)))
    )


def begin(connection: Connection, ids: Sequence[str], now: float) -> set[str]:
    """`queued` → `taking` for a whole commit; returns the ids that are `taking` now."""
    if not ids:
        return set()
    queued = _among(ids) & (table.c.state == State.QUEUED)
    changed = connection.execute(update(table).where(queued).values(state=State.TAKING, updated_at=now))
    if changed.rowcount == len(ids):
        return set(ids)
    return set(connection.scalars(select(table.c.id).where(_among(ids) & (table.c.state == State.TAKING))))


def promise(connection: Connection, ids: Sequence[str], now: float) -> list[str]:
    """Those that are on their way into the sheet are handed out already; returns their ids."""
    under_way = _among(ids) & table.c.state.in_([State.QUEUED, State.TAKING, State.TAKEN])
    statement = update(table).where(under_way).values(promised=True, updated_at=now).returning(table.c.id)
    return list(connection.scalars(statement))


def of_request(connection: Connection, request: int) -> list[str]:
    """The ids that a request has come to, in their order; those that failed are left out."""
    mine = (table.c.request == request) & table.c.state.not_in([State.FAILED, State.RESERVED])
    return list(connection.scalars(select(table.c.id).where(mine).order_by(table.c.id).limit(LIMIT)))


def replace(connection: Connection, ids: Sequence[str]) -> None:
    """Another allocation has taken the place of each of these in its request."""
    if ids:
        connection.execute(update(table).where(_among(ids)).values(replaced=True))


def released_by(connection: Connection, request: int) -> list[str]:
    """The ids that a request to give back has released so far."""
    released = (table.c.release_request == request) & (table.c.state == State.RELEASED)
    return list(connection.scalars(select(table.c.id).where(released).limit(LIMIT)))


def take(connection: Connection, ids: Sequence[str], moved: Mapping[str, int], now: float) -> None:
    """`taking` → `taken` for a whole commit; `moved`: the row that shows it, where it is another than before."""
    if not ids:
        return
    taking = _among(ids) & (table.c.state == State.TAKING)
    connection.execute(update(table).where(taking).values(state=State.TAKEN, seen_at=now, updated_at=now))
    if moved:
        connection.execute(_SEEN_IN, [{"which": which, "in": row} for which, row in moved.items()])


def note_missing(connection: Connection, ids: Sequence[str], since: float | None) -> None:
    """The entries of these were not in the sheet at `since`; None: they are there."""
    if ids:
        connection.execute(update(table).where(_among(ids)).values(missing_since=since))


def rekey(connection: Connection, old: str, key: str, credential: bytes, now: float) -> list[Allocation]:
    """What is settled of one proxy, or reserved, is another's: the same one with a new password."""
    settled = table.c.state.in_([State.RESERVED, State.TAKEN, State.SPENT, State.BAD])
    statement = (
        update(table)
        .prefix_with("OR IGNORE")
        .where((table.c.proxy_key == old) & settled & LIVE_SQL)  # by the index of what is live
        .values(proxy_key=key, credential=credential, updated_at=now)
        .returning(*_COLUMNS)
    )
    return list(map(_allocation, connection.execute(statement)))


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


def cancel(
    connection: Connection,
    user_id: int,
    now: float,
    *,
    request: int | None = None,
    turns: bool = True,
    sparing: str = "",
) -> list[Allocation]:
    """Drop every reservation of a user: of one request only, all but one's (by key), all but turns in a line."""
    condition = (table.c.user_id == user_id) & (table.c.state == State.RESERVED)
    if request is not None:
        condition &= table.c.request == request
    if sparing:
        condition &= table.c.request.not_in(select(requests.c.number).where(requests.c.key == sparing))
    if not turns:
        condition &= table.c.reason.is_distinct_from(TURN)
    statement = (
        update(table).where(condition).values(state=State.RELEASED, updated_at=now).returning(*_COLUMNS)
    )
    return list(map(_allocation, connection.execute(statement)))


def extend(connection: Connection, request: int, user_id: int, until: float, now: float) -> list[Allocation]:
    """Keep what a user's preview still holds until `until` at least."""
    kept = (table.c.request == request) & (table.c.user_id == user_id) & (table.c.state == State.RESERVED)
    statement = (
        update(table)
        .where(kept & (table.c.expires_at > now))
        .values(expires_at=func.max(table.c.expires_at, until), updated_at=now)
        .returning(*_COLUMNS)
    )
    return list(map(_allocation, connection.execute(statement)))


def keep(connection: Connection, ids: Sequence[str], now: float) -> None:
    """What could not be released is what it was before."""
    for reason, state in (
        (table.c.reason.is_(None), State.TAKEN),
        (table.c.reason == SPENT_REASON, State.SPENT),
    ):
        if ids:
            releasing = _among(ids) & (table.c.state == State.RELEASING) & reason
            connection.execute(update(table).where(releasing).values(state=state, updated_at=now))
    move(connection, ids, State.BAD, since={State.RELEASING}, now=now)


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
    statement = select(*_COLUMNS, table.c.credential).where(_among(ids))
    return {row.id: (_allocation(row), row.credential) for row in connection.execute(statement)}


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
        replaced=row.replaced,
        missing_since=row.missing_since,
        promised=row.promised,
        reason=row.reason,
    )


def _values(allocation: Allocation, credential: bytes, now: float) -> tuple[Any, ...]:
    """The allocation in the order of the table's columns."""
    return (
        allocation.id,
        allocation.request,
        allocation.release_request,
        allocation.key,
        credential,
        allocation.resource,
        allocation.user_id,
        allocation.name,
        allocation.issued_on,
        allocation.state.value,
        allocation.expires_at,
        allocation.row,
        now,
        allocation.missing_since,
        allocation.replaced,
        now,
        allocation.promised,
        allocation.reason,
    )


def _among(ids: Collection[str]) -> ColumnElement[bool]:
    """`id` is one of `ids`, however many: they travel as one JSON parameter (SQLite bounds their number)."""
    listed = func.json_each(json.dumps(list(ids))).table_valued("value")
    return table.c.id.in_(select(listed.c.value))
