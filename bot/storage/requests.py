"""The requests table: keys that are used once, numbers that people quote, answers that can be given again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from bot.models.request import Request, Settlement
from bot.storage.tables import requests as table

CHUNK = 500
LIMIT = 100_000


def last_number(connection: Connection) -> int:
    """The highest request number there is, 0 in a new database."""
    return connection.scalar(select(func.max(table.c.number))) or 0


def by_keys(connection: Connection, keys: Sequence[str]) -> dict[str, Request]:
    """The requests with these keys."""
    found = {}
    for start in range(0, len(keys), CHUNK):
        statement = select(table).where(table.c.key.in_(keys[start : start + CHUNK]))
        found.update({row.key: _request(row) for row in connection.execute(statement)})
    return found


def by_number(connection: Connection, number: int) -> Request | None:
    """The request of that number."""
    row = connection.execute(select(table).where(table.c.number == number)).one_or_none()
    return _request(row) if row else None


def resettle(connection: Connection, number: int, settlement: Settlement) -> None:
    """Replace the answer of a request."""
    statement = update(table).where(table.c.number == number).values(result=settlement.to_json())
    connection.execute(statement)


def add(connection: Connection, requests: Sequence[Request], now: float) -> None:
    """Store new requests; a key that is there already raises IntegrityError."""
    if requests:
        connection.execute(insert(table), [_values(request, now) for request in requests])


def settle(connection: Connection, settlements: Mapping[int, Settlement], now: float) -> None:
    """Store the answers of requests that were open."""
    if settlements:
        statement = (
            update(table)
            .where(table.c.number == bindparam("which"), table.c.result.is_(None))
            .values(result=bindparam("answer"), settled_at=now)
        )
        connection.execute(
            statement,
            [{"which": number, "answer": answer.to_json()} for number, answer in settlements.items()],
        )


def open_requests(connection: Connection) -> list[Request]:
    """Requests without an answer, oldest first."""
    statement = select(table).where(table.c.result.is_(None)).order_by(table.c.number).limit(LIMIT)
    return list(map(_request, connection.execute(statement)))


def forget(connection: Connection, before: float, limit: int = 10_000) -> int:
    """Delete requests settled before `before`; returns how many."""
    old = select(table.c.number).where(table.c.settled_at < before).limit(limit)
    return connection.execute(delete(table).where(table.c.number.in_(old.scalar_subquery()))).rowcount


def _values(request: Request, now: float) -> dict[str, Any]:
    return {
        "number": request.number,
        "key": request.key,
        "kind": request.kind,
        "params": request.params,
        "user_id": request.user_id,
        "resource": request.resource,
        "wanted": request.wanted,
        "result": request.settlement.to_json() if request.settlement else None,
        "created_at": now,
        "settled_at": now if request.settlement else None,
    }


def _request(row: Any) -> Request:
    return Request(
        number=row.number,
        key=row.key,
        kind=row.kind,
        params=row.params,
        user_id=row.user_id,
        resource=row.resource,
        wanted=row.wanted,
        settlement=Settlement.from_json(row.result) if row.result else None,
    )
