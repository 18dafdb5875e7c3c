"""The paper accounts: each one's state as JSON, the orders that have ended as rows of their own, kept for ever.

A change reads the state, decides and writes in one transaction of the only writer, so that it is whole or was not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.models.market import AccountType, Side
from bot.models.order import OrderKind, OrderStatus, VenueOrder
from bot.models.paper_book import PaperBook, PaperPosition, Resting
from bot.models.paper_trading import Change
from bot.storage.database import Database
from bot.storage.trading_tables import paper_accounts, paper_orders

Decide = Callable[[PaperBook, VenueOrder | None], Change]


class PaperStore:
    """Paper accounts by their numbers; a call that raises had no effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, account_id: int) -> PaperBook | None:
        """The account as it is; None: nothing has happened in it yet."""
        return await self._database.read(lambda connection: _load(connection, account_id))

    async def ended(self, client_id: str) -> VenueOrder | None:
        """An order that has ended."""
        return await self._database.read(lambda connection: _ended(connection, client_id))

    async def change(
        self, account_id: int, new: PaperBook, client_id: str, decide: Decide, now: float
    ) -> None:
        """Replace the account (`new` where there is none yet) by what `decide` makes of it.

        `decide` also gets the ended order with that client id, where there is one. It may be asked twice, so it must
        be pure; what it raises reaches the caller, and nothing was changed.
        """

        def unit(connection: Connection) -> None:
            book = _load(connection, account_id) or new
            change = decide(book, _ended(connection, client_id))
            _store(connection, account_id, change, now)

        await self._database.write(unit)


def _load(connection: Connection, account_id: int) -> PaperBook | None:
    statement = select(paper_accounts.c.state).where(paper_accounts.c.account_id == account_id)
    state = connection.execute(statement).scalar_one_or_none()
    return None if state is None else _book(json.loads(state))


def _ended(connection: Connection, client_id: str) -> VenueOrder | None:
    statement = select(paper_orders.c.body).where(paper_orders.c.client_id == client_id)
    body = connection.execute(statement).scalar_one_or_none()
    return None if body is None else _order(json.loads(body))


def _store(connection: Connection, account_id: int, change: Change, now: float) -> None:
    statement = upsert(paper_accounts).values(account_id=account_id, state=_json(change.book), updated_at=now)
    changed = {name: statement.excluded[name] for name in ("state", "updated_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=changed))
    for order in change.ended:
        row = {
            "client_id": order.client_id,
            "account_id": account_id,
            "body": _json(order),
            "updated_at": now,
        }
        connection.execute(insert(paper_orders).values(row))


def _json(value: PaperBook | VenueOrder) -> str:
    return json.dumps(asdict(value), default=str, separators=(",", ":"))


def _book(data: dict[str, Any]) -> PaperBook:
    return PaperBook(
        coins={coin: Decimal(total) for coin, total in data["coins"].items()},
        positions={symbol: _position(each) for symbol, each in data["positions"].items()},
        resting=tuple(_resting(each) for each in data["resting"]),
    )


def _position(data: dict[str, Any]) -> PaperPosition:
    return PaperPosition(**_decimals(data, "amount", "cost", "stop_loss", "take_profit"))


def _resting(data: dict[str, Any]) -> Resting:
    return Resting(**_decimals(data, "stop_loss", "take_profit") | {"order": _order(data["order"])})


def _order(data: dict[str, Any]) -> VenueOrder:
    words = {
        "account_type": AccountType(data["account_type"]),
        "side": Side(data["side"]),
        "kind": OrderKind(data["kind"]),
        "status": OrderStatus(data["status"]),
    }
    return VenueOrder(**_decimals(data, "amount", "filled", "price", "average", "fee") | words)


def _decimals(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return data | {name: Decimal(data[name]) for name in names if data[name] is not None}
