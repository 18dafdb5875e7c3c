"""The active_positions table: what accounts hold, as far as it came through the desk or was seen at the venue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from bot.models.market import AccountType, Side
from bot.models.trade import Holding, HoldingKey
from bot.storage.trading_tables import active_positions as table

MANY = 10_000
SHOWN = 100

_KEY = (table.c.account_id, table.c.account_type, table.c.symbol)
_COLUMNS = tuple(table.columns)


def with_keys(keys: Collection[HoldingKey]) -> Select[Any]:
    """Those with these keys."""
    listed = [(account, account_type.value, symbol) for account, account_type, symbol in sorted(keys)]
    return select(*_COLUMNS).where(tuple_(*_KEY).in_(listed)).limit(MANY)


def of_accounts(account_ids: Collection[int], account_type: AccountType) -> Select[Any]:
    """All of these accounts."""
    wanted = table.c.account_id.in_(sorted(account_ids)), table.c.account_type == account_type
    return select(*_COLUMNS).where(*wanted).order_by(*_KEY).limit(MANY)


def of_user(user_id: int, account_type: AccountType) -> Select[Any]:
    """A user's, of all their accounts."""
    wanted = table.c.user_id == user_id, table.c.account_type == account_type
    return select(*_COLUMNS).where(*wanted).order_by(table.c.symbol, table.c.account_id).limit(SHOWN)


def by_symbol(limit: int) -> Select[Any]:
    """How many there are of each symbol."""
    counted = select(table.c.symbol, func.count().label("number"))
    return counted.group_by(table.c.symbol).order_by(table.c.symbol).limit(limit)


def found(connection: Connection, statement: Select[Any]) -> list[Holding]:
    """The holdings that one of the statements above finds."""
    return [_holding(row) for row in connection.execute(statement)]


def put(connection: Connection, holdings: Sequence[Holding]) -> None:
    """Store these, new or known, in one statement."""
    if not holdings:
        return
    rows = [_row(holding) for holding in holdings]
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in table.primary_key.columns}
    upsert = statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed)
    connection.execute(upsert, rows)


def remove(connection: Connection, keys: Collection[HoldingKey]) -> int:
    """Forget these; returns how many there were."""
    if not keys:
        return 0
    listed = [(account, account_type.value, symbol) for account, account_type, symbol in sorted(keys)]
    return connection.execute(delete(table).where(tuple_(*_KEY).in_(listed))).rowcount


def _row(holding: Holding) -> dict[str, Any]:
    return {
        "account_id": holding.account_id,
        "account_type": holding.account_type.value,
        "symbol": holding.symbol,
        "user_id": holding.user_id,
        "side": holding.side.value,
        "amount": holding.amount,
        "entry_price": holding.entry_price,
        "warned_at": holding.warned_at,
        "updated_at": holding.updated_at,
    }


def _holding(row: Row[Any]) -> Holding:
    return Holding(
        user_id=row.user_id,
        account_id=row.account_id,
        account_type=AccountType(row.account_type),
        symbol=row.symbol,
        side=Side(row.side),
        amount=row.amount,
        entry_price=row.entry_price,
        updated_at=row.updated_at,
        warned_at=row.warned_at,
    )
