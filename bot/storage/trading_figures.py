"""The trading desk in figures, counted by the database: for /stats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.models.market import ZERO
from bot.models.order import IN_DOUBT
from bot.models.status import DeskFigures, DoubtfulOrder
from bot.storage import positions
from bot.storage.database import Database
from bot.storage.trading_tables import UNSETTLED_ORDER, orders, pending_limit_orders, trade_logs

SYMBOLS = 20
DOUBTS = 5
STATES = 20

_DOUBTED = orders.c.state.in_(sorted(state.value for state in IN_DOUBT))


def outcomes(since: float) -> Select[Any]:
    """Orders of each state since then: numbers grow with time, so that only these are looked at."""
    before = (
        select(orders.c.number)
        .where(orders.c.created_at < since)
        .order_by(orders.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    counted = select(orders.c.state, func.count()).where(orders.c.number > func.coalesce(before, 0))
    return counted.group_by(orders.c.state).limit(STATES)


def doubtful() -> Select[Any]:
    """The oldest orders in doubt."""
    columns = orders.c.number, orders.c.symbol, orders.c.created_at
    return select(*columns).where(UNSETTLED_ORDER, _DOUBTED).order_by(orders.c.number).limit(DOUBTS)


def doubts() -> Select[Any]:
    """How many orders are in doubt."""
    return select(func.count(orders.c.number)).where(UNSETTLED_ORDER, _DOUBTED)


def traded(since: float) -> Select[int, Any]:
    """How many trades there were since then, and what they were worth."""
    return select(func.count(), func.sum(trade_logs.c.cost)).where(trade_logs.c.entry_ts >= since)


def pending() -> Select[Any]:
    """How many limit orders are open for each symbol."""
    symbol = pending_limit_orders.c.symbol
    return select(symbol, func.count()).group_by(symbol).order_by(symbol).limit(SYMBOLS)


def figures(connection: Connection, since: float) -> DeskFigures:
    """All of it; `since`: when the day began."""
    number, worth = connection.execute(traded(since)).one()
    return DeskFigures(
        orders=_counts(connection, outcomes(since)),
        doubtful=tuple(DoubtfulOrder(*row) for row in connection.execute(doubtful())),
        doubts=connection.scalar(doubts()) or 0,
        trades=number,
        traded=worth or ZERO,
        positions=_counts(connection, positions.by_symbol(SYMBOLS)),
        pending=_counts(connection, pending()),
    )


class TradingFiguresStore:
    """The figures of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, since: float) -> DeskFigures:
        """Orders and trades since then, and what is open now."""
        return await self._database.read(lambda connection: figures(connection, since))


def _counts(connection: Connection, statement: Select[Any]) -> Mapping[str, int]:
    return {row[0]: row[1] for row in connection.execute(statement)}
