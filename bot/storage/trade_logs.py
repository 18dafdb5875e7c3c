"""The trade_logs table: every part of an order that was filled, once; pages of it, and sums by the database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, tuple_

from bot.models.account import Account
from bot.models.market import ZERO, AccountType, Side
from bot.models.trade import Fill, Holding, Totals, Trade, TradePlace
from bot.models.trade_book import book, holding_key, news
from bot.storage import positions
from bot.storage.database import Database
from bot.storage.trading_tables import accounts, pending_limit_orders
from bot.storage.trading_tables import trade_logs as table

MANY = 1_000
PARTS = 10_000
SHOWN = (
    table.c.id,
    table.c.order_number,
    table.c.account_id,
    table.c.account_type,
    table.c.symbol,
    table.c.side,
    table.c.amount,
    table.c.price,
    table.c.cost,
    table.c.fee,
    table.c.profit,
    table.c.entry_ts,
)


def record(connection: Connection, fills: Sequence[Fill]) -> None:
    """Log the fills and keep active_positions in step, in the caller's transaction.

    The fills of an order go from its first part to its last. A part that goes no further than what is logged of its
    order was told before, and changes nothing.
    """
    fresh = news(fills, _logged(connection, {fill.order_number for fill in fills})) if fills else []
    if not fresh:
        return
    before = positions.found(connection, positions.with_keys({holding_key(fill) for fill in fresh}))
    booked = book(fresh, {holding.key: holding for holding in before})
    connection.execute(insert(table), [_row(fill, profit) for fill, profit in booked.entries])
    positions.put(connection, [holding for holding in booked.holdings.values() if holding])
    positions.remove(connection, [key for key, holding in booked.holdings.items() if holding is None])


def parts(order_numbers: set[int]) -> Select[Any]:
    """How far orders were filled, each part a row."""
    wanted = table.c.order_number.in_(sorted(order_numbers))
    return select(table.c.order_number, table.c.filled_to).where(wanted).limit(PARTS)


def newest(user_id: int, symbol: str | None, before: TradePlace | None, limit: int) -> Select[Any]:
    """The newest trades of a user that are older than `before`; in both orders an index has them as they come."""
    statement = select(*SHOWN).where(table.c.user_id == user_id).limit(limit)
    if symbol is not None:
        statement = statement.where(table.c.symbol == symbol).order_by(table.c.id.desc())
        return statement if before is None else statement.where(table.c.id < before.id)
    place = table.c.entry_ts, table.c.id
    statement = statement.order_by(*(column.desc() for column in place))
    return statement if before is None else statement.where(tuple_(*place) < (before.at, before.id))


def sums(user_id: int, starts: Sequence[float]) -> Select[Any]:
    """A row for each account: its id, and for each start six figures of the trades since then.

    All of it stands in the covering index.
    """
    columns: list[ColumnElement[Any]] = [table.c.account_id]
    for start in starts:
        since = table.c.entry_ts >= start
        columns += [
            func.count().filter(since),
            func.sum(table.c.cost).filter(since),
            func.sum(table.c.fee).filter(since),
            func.sum(table.c.profit).filter(since),
            func.count().filter(since, table.c.profit > ZERO),
            func.count().filter(since, table.c.profit < ZERO),
        ]
    wanted = table.c.user_id == user_id, table.c.entry_ts >= min(starts)
    return select(*columns).where(*wanted).group_by(table.c.account_id).limit(MANY)


def symbols(user_id: int) -> Select[Any]:
    """What a user has ever traded."""
    traded = select(table.c.symbol).where(table.c.user_id == user_id)
    return traded.group_by(table.c.symbol).order_by(table.c.symbol).limit(MANY)


def owned(user_id: int) -> Select[Any]:
    """A user's accounts, closed ones too: trades outlive them. Few accounts need no index for it."""
    columns = accounts.c.id, accounts.c.user_id, accounts.c.venue, accounts.c.can_trade, accounts.c.tail
    return select(*columns).where(accounts.c.user_id == user_id).order_by(accounts.c.id).limit(MANY)


def waiting(user_id: int) -> Select[Any]:
    """How many limit orders of a user are open, by whose idea they were."""
    strategy = pending_limit_orders.c.strategy
    counted = select(strategy, func.count()).where(pending_limit_orders.c.user_id == user_id)
    return counted.group_by(strategy).limit(MANY)


class TradeStore:
    """Trades and holdings of one database, to be looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, user_id: int, symbol: str | None, before: TradePlace | None, limit: int
    ) -> list[Trade]:
        """The newest trades that are older than `before`, of one symbol or of all."""
        statement = newest(user_id, symbol, before, limit)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return [_trade(row) for row in rows]

    async def totals(self, user_id: int, starts: Sequence[float]) -> dict[int, list[Totals]]:
        """By account: the sums since each of the moments, which are epoch seconds."""
        statement = sums(user_id, starts)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return {row[0]: [_totals(row[at : at + 6]) for at in range(1, len(row), 6)] for row in rows}

    async def symbols(self, user_id: int) -> list[str]:
        """What the user has ever traded, in the order of the alphabet."""
        statement = symbols(user_id)
        return await self._database.read(lambda connection: list(connection.scalars(statement)))

    async def accounts(self, user_id: int) -> dict[int, Account]:
        """The user's accounts by id, closed ones too."""
        statement = owned(user_id)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return {row.id: Account(*row) for row in rows}

    async def waiting(self, user_id: int) -> int:
        """How many limit orders of the user wait to be filled."""
        statement = waiting(user_id)
        rows = await self._database.read(lambda connection: connection.execute(statement).all())
        return sum(row[1] for row in rows)

    async def held(self, user_id: int, account_type: AccountType) -> list[Holding]:
        """What the user has by what the desk knows, at most 100."""
        statement = positions.of_user(user_id, account_type)
        return await self._database.read(lambda connection: positions.found(connection, statement))


def _logged(connection: Connection, order_numbers: set[int]) -> dict[int, Decimal]:
    reached: dict[int, Decimal] = {}
    for number, filled_to in connection.execute(parts(order_numbers)):
        reached[number] = max(filled_to, reached.get(number, ZERO))
    return reached


def _row(fill: Fill, profit: Decimal | None) -> dict[str, Any]:
    return {
        "order_number": fill.order_number,
        "filled_to": fill.filled_to.normalize(),  # 1.0 and 1.00 are the same part
        "user_id": fill.user_id,
        "account_id": fill.account_id,
        "account_type": fill.account_type.value,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "amount": fill.amount,
        "price": fill.price,
        "cost": fill.cost,
        "fee": fill.fee,
        "profit": profit,
        "entry_ts": fill.at,
    }


def _totals(row: Sequence[Any]) -> Totals:
    count, cost, fee, profit, wins, losses = row
    return Totals(count, cost or ZERO, fee or ZERO, profit or ZERO, wins, losses)


def _trade(row: Row[Any]) -> Trade:
    return Trade(
        id=row.id,
        order_number=row.order_number,
        account_id=row.account_id,
        account_type=AccountType(row.account_type),
        symbol=row.symbol,
        side=Side(row.side),
        amount=row.amount,
        price=row.price,
        cost=row.cost,
        fee=row.fee,
        profit=row.profit,
        at=row.entry_ts,
    )
