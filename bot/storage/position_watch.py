"""What the watch over positions reads, and what it changes: in one transaction for all accounts of a look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from bot.models.account import Account
from bot.models.market import AccountType
from bot.models.order import IN_DOUBT, OrderKind
from bot.models.position_watch import Change
from bot.models.trade import Holding, HoldingKey
from bot.storage import outbox, positions
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.trading_tables import (
    UNSETTLED_ORDER,
    accounts,
    active_positions,
    orders,
    pending_limit_orders,
)

MANY = 10_000


def watched(after: int, limit: int) -> Select[Any]:
    """Accounts with a perpetual position or an open order whose key works, by id, from the one after `after` on."""
    holding = select(active_positions.c.account_id).where(
        active_positions.c.account_id == accounts.c.id,
        active_positions.c.account_type == AccountType.LINEAR,
    )
    has_orders = accounts.c.id.in_(select(pending_limit_orders.c.account_id))
    columns = (
        accounts.c.id,
        accounts.c.user_id,
        accounts.c.venue,
        accounts.c.can_trade,
        accounts.c.tail,
    )
    return (
        select(*columns)
        .where(accounts.c.id > after, accounts.c.closed_at.is_(None), accounts.c.refused.is_(None))
        .where(or_(holding.exists(), has_orders))
        .order_by(accounts.c.id)
        .limit(limit)
    )


def under_way(account_ids: Collection[int]) -> Select[Any]:
    """What orders may just now be changing: account, account type, symbol.

    Those in doubt, and market orders that are not settled: they are filled as soon as they arrive. A limit order may
    stay open for weeks, and is no reason to look away.
    """
    doubted = orders.c.state.in_(sorted(state.value for state in IN_DOUBT))
    changing = or_(doubted, orders.c.kind == OrderKind.MARKET)
    return (
        select(orders.c.account_id, orders.c.account_type, orders.c.symbol)
        .where(UNSETTLED_ORDER, changing, orders.c.account_id.in_(sorted(account_ids)))
        .limit(MANY)
    )


def apply(connection: Connection, changes: Sequence[Change]) -> list[Change]:
    """Make those changes whose holding is still as it was and that no order is changing; returns them."""
    keys = {change.key for change in changes}
    current = {each.key: each for each in positions.found(connection, positions.with_keys(keys))}
    busy = _busy(connection, {account_id for account_id, _, _ in keys})
    made = [each for each in changes if current.get(each.key) == each.before and each.key not in busy]
    positions.put(connection, [change.after for change in made if change.after])
    positions.remove(connection, [change.key for change in made if change.after is None])
    return made


class PositionWatchStore:
    """Holdings that are watched, of one database; notices are written with what they tell of."""

    def __init__(self, database: Database, letters: OutboxStore) -> None:
        self._database = database
        self._letters = letters

    async def watched(self, after: int, limit: int) -> list[Account]:
        """Accounts with something to be watched, by id, from the one after `after` on."""
        rows = await self._database.read(lambda connection: connection.execute(watched(after, limit)).all())
        return [_account(row) for row in rows]

    async def holdings(self, account_ids: Collection[int]) -> list[Holding]:
        """The perpetual positions of these accounts as we know them."""
        statement = positions.of_accounts(account_ids, AccountType.LINEAR)
        return await self._database.read(lambda connection: positions.found(connection, statement))

    async def apply(self, changes: Sequence[Change], now: float) -> list[Change]:
        """Make the changes that still make sense, and write their notices; returns those that were made."""
        letters = {change.key: self._letters.prepare([change.notice]) for change in changes if change.notice}

        def unit(connection: Connection) -> list[Change]:
            made = apply(connection, changes)
            outbox.add(connection, [row for each in made for row in letters.get(each.key, ())], now)
            return made

        return await self._database.write(unit)


def _busy(connection: Connection, account_ids: Collection[int]) -> set[HoldingKey]:
    rows = connection.execute(under_way(account_ids))
    return {(row.account_id, AccountType(row.account_type), row.symbol) for row in rows}


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.user_id, row.venue, row.can_trade, row.tail)
