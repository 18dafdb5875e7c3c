"""The orders table as records, and the pending limit orders kept in step with it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from bot.models.market import ZERO, AccountType, Side
from bot.models.order import NewOrder, OrderKind, OrderState
from bot.models.order_draft import Draft
from bot.models.order_record import Order
from bot.storage.trading_tables import UNSETTLED_ORDER, orders, pending_limit_orders

MANUAL = "manual"
PAGE = 200
WITHOUT_EFFECT = (OrderState.REFUSED, OrderState.ABSENT)


def add(connection: Connection, draft: Draft, user_id: int, request_key: str, now: float) -> Order:
    """Write an order down before anything is sent; it counts for nothing in the day's limit where it closes."""
    order = draft.order
    values = {
        "client_id": order.client_id,
        "request_key": request_key,
        "user_id": user_id,
        "account_id": draft.account_id,
        "account_type": order.account_type.value,
        "symbol": order.symbol,
        "base": draft.base,
        "quote": draft.quote,
        "side": order.side.value,
        "kind": order.kind.value,
        "amount": order.amount,
        "price": order.price,
        "reduce_only": order.reduce_only,
        "stop_loss": order.stop_loss,
        "take_profit": order.take_profit,
        "quoted": draft.quoted,
        "worth": ZERO if draft.closes else draft.worth,
        "state": OrderState.SENDING.value,
        "filled": ZERO,
        "created_at": now,
    }
    added = _order(connection.execute(insert(orders).values(values).returning(orders)).one())
    if order.kind is OrderKind.LIMIT:
        _add_pending(connection, added)
    return added


def change(connection: Connection, after: Order) -> None:
    """Write down what has become of an order."""
    values = {
        "state": after.state.value,
        "venue_id": after.venue_id,
        "filled": after.filled,
        "average": after.average,
        "fee": after.fee,
        "reason": after.reason,
        "sent_at": after.sent_at,
        "settled_at": after.settled_at,
    }
    connection.execute(update(orders).where(orders.c.number == after.number).values(values))
    pending = pending_limit_orders.c.order_number == after.number
    if after.state.is_final:
        connection.execute(delete(pending_limit_orders).where(pending))
    else:
        connection.execute(update(pending_limit_orders).where(pending).values(filled=after.filled))


def get(connection: Connection, which: int | str) -> Order | None:
    """The order of that number, or of that id of ours."""
    column = orders.c.number if isinstance(which, int) else orders.c.client_id
    row = connection.execute(select(orders).where(column == which)).one_or_none()
    return None if row is None else _order(row)


def promised(connection: Connection, client_ids: Sequence[str], keys: Sequence[str]) -> list[Order]:
    """Those that were written down under one of these ids of ours or request keys."""
    same = or_(orders.c.client_id.in_(client_ids), orders.c.request_key.in_(keys))
    found = select(orders).where(same).order_by(orders.c.number).limit(PAGE)
    return list(map(_order, connection.execute(found)))


def unsettled(connection: Connection, after: int, limit: int) -> list[Order]:
    """Orders with something left to be found out, by number, above the number `after`."""
    left = select(orders).where(UNSETTLED_ORDER, orders.c.number > after)
    return list(map(_order, connection.execute(left.order_by(orders.c.number).limit(limit))))


def unsettled_of(connection: Connection, user_id: int) -> list[Order]:
    """Those of one person, newest first."""
    own = select(orders).where(UNSETTLED_ORDER, orders.c.user_id == user_id)
    return list(map(_order, connection.execute(own.order_by(orders.c.number.desc()).limit(PAGE))))


def worth_since(connection: Connection, user_id: int, since: float) -> Decimal:
    """What a person's orders since then are worth in all, but for those without an effect."""
    counted = (
        (orders.c.user_id == user_id)
        & (orders.c.created_at >= since)
        & orders.c.state.not_in([state.value for state in WITHOUT_EFFECT])
    )
    total: Decimal | None = connection.scalar(select(func.sum(orders.c.worth)).where(counted))
    return total or ZERO


def _add_pending(connection: Connection, order: Order) -> None:
    values = {
        "order_number": order.number,
        "user_id": order.user_id,
        "account_id": order.account_id,
        "symbol": order.order.symbol,
        "side": order.order.side.value,
        "amount": order.order.amount,
        "price": order.order.price,
        "filled": ZERO,
        "strategy": MANUAL,
        "created_at": order.created_at,
    }
    connection.execute(insert(pending_limit_orders).values(values))


def _order(row: Row[Any]) -> Order:
    return Order(
        number=row.number,
        request_key=row.request_key,
        user_id=row.user_id,
        account_id=row.account_id,
        order=NewOrder(
            client_id=row.client_id,
            symbol=row.symbol,
            account_type=AccountType(row.account_type),
            side=Side(row.side),
            kind=OrderKind(row.kind),
            amount=row.amount,
            price=row.price,
            reduce_only=row.reduce_only,
            stop_loss=row.stop_loss,
            take_profit=row.take_profit,
        ),
        base=row.base,
        quote=row.quote,
        quoted=row.quoted,
        worth=row.worth,
        state=OrderState(row.state),
        created_at=row.created_at,
        venue_id=row.venue_id,
        filled=row.filled,
        average=row.average,
        fee=row.fee,
        reason=row.reason,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )
