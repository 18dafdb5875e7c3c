"""The trading desk in figures, counted by the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, text
from trading_makers import ANNA, NOW, fill

from bot.models.order import OrderState
from bot.models.status import DeskFigures, DoubtfulOrder
from bot.storage import position_watch, trade_logs, trading_figures
from bot.storage.database import Database
from bot.storage.trading_figures import TradingFiguresStore
from bot.storage.trading_tables import orders, pending_limit_orders

D = Decimal


def order(number: int, state: OrderState, at: float) -> dict[str, Any]:
    return {
        "number": number,
        "client_id": f"c{number}",
        "request_key": f"r{number}",
        "user_id": ANNA,
        "account_id": 1,
        "account_type": "spot",
        "symbol": "BTCUSDT",
        "base": "BTC",
        "quote": "USDT",
        "side": "buy",
        "kind": "limit",
        "amount": D(1),
        "reduce_only": False,
        "quoted": D(1),
        "worth": D(1),
        "state": state.value,
        "filled": D(0),
        "created_at": at,
    }


def pending(number: int, symbol: str) -> dict[str, Any]:
    return {
        "order_number": number,
        "user_id": ANNA,
        "account_id": 1,
        "symbol": symbol,
        "side": "buy",
        "amount": D(1),
        "price": D(1),
        "filled": D(0),
        "strategy": "manual",
        "created_at": NOW,
    }


async def test_everything_is_counted(db: Database):
    """Orders since the day began by state; doubts of any age, the oldest first; trades; what is open by symbol."""
    states = [OrderState.FILLED, OrderState.UNKNOWN, OrderState.FILLED, OrderState.SENDING, OrderState.OPEN]
    rows = [order(number, state, NOW + number) for number, state in enumerate(states, 1)]

    def write(connection) -> None:
        connection.execute(insert(orders), rows)
        connection.execute(insert(pending_limit_orders), [pending(4, "BTCUSDT"), pending(5, "ETHUSDT")])
        trade_logs.record(connection, [fill(1), fill(3, amount="2"), fill(6, symbol="ETHUSDT")])

    await db.write(write)
    assert DeskFigures(
        orders={"filled": 1, "sending": 1, "open": 1},
        doubtful=(DoubtfulOrder(2, "BTCUSDT", NOW + 2), DoubtfulOrder(4, "BTCUSDT", NOW + 4)),
        doubts=2,
        trades=2,
        traded=D(300),
        positions={"BTCUSDT": 1, "ETHUSDT": 1},
        pending={"BTCUSDT": 1, "ETHUSDT": 1},
    ) == await TradingFiguresStore(db).figures(NOW + 3)


async def test_a_new_desk_has_none(db: Database, statements):
    """Zeros, and as many statements as ever."""
    with statements() as asked:
        figures = await TradingFiguresStore(db).figures(NOW)
    assert DeskFigures({}, (), 0, 0, D(0), {}, {}) == figures
    assert 6 == len([each for each in asked if each.startswith("SELECT")])


PLANS = {
    "INDEX ix_trade_logs_entry_ts (entry_ts>?": trading_figures.traded(NOW),
    "COVERING INDEX ix_pending_limit_orders_symbol": trading_figures.pending(),
    " INDEX ix_orders_unsettled": trading_figures.doubtful(),
    "INDEX ix_orders_unsettled": trading_figures.doubts(),
    "INTEGER PRIMARY KEY (rowid>?": trading_figures.outcomes(NOW),
    "INDEX ix_orders_unsettled ": position_watch.under_way({1, 2}),
    "INTEGER PRIMARY KEY (rowid>?)": position_watch.watched(0, 50),
}


@pytest.mark.parametrize(("index", "statement"), PLANS.items(), ids=PLANS)
async def test_each_statement_uses_its_index(db: Database, index, statement):
    """However many orders and trades there have been."""

    def explain(connection) -> list[str]:
        written = statement.compile(connection, compile_kwargs={"literal_binds": True})
        return [step.detail for step in connection.execute(text(f"EXPLAIN QUERY PLAN {written}"))]

    steps = await db.read(explain)
    assert any(f"USING {index.strip()}" in step for step in steps), steps
