"""Instruments, markets, drafts and orders for the tests beside this file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.models.market import AccountType, Instrument, Side, Ticker
from bot.models.order import NewOrder, OrderKind, OrderState
from bot.models.order_draft import Draft, OrderWish
from bot.models.order_record import Order
from bot.models.order_rules import Limits, Market, Origin, draft_of

NOW = 1_800_000_000.0
D = Decimal
LIMITS = Limits(order=D(1000), day=D(5000), large=D(500), far=D("0.05"))
ORIGIN = Origin("qm1", 5, NOW)


def instrument(account_type: AccountType = AccountType.SPOT, **changes: Any) -> Instrument:
    """Bitcoin in steps of 0.001, at prices in steps of 0.5."""
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "base": "BTC",
        "quote": "USDT",
        "account_type": account_type,
        "price_step": D("0.5"),
        "amount_step": D("0.001"),
        "min_amount": D("0.001"),
        "min_cost": D(5),
        "max_amount": D(10),
    }
    return Instrument(**fields | changes)


def market(
    account_type: AccountType = AccountType.SPOT, *, bid: str = "9999", ask: str = "10000", **changes: Any
):
    """A market at about 10,000."""
    ticker = Ticker("BTCUSDT", last=D(ask), bid=D(bid), ask=D(ask), at=NOW)
    return Market(instrument(account_type, **changes), ticker)


def buy(amount: str | None = "0.05", **changes: Any) -> OrderWish:
    """A wish to buy bitcoin."""
    return OrderWish(**{"side": Side.BUY, "symbol": "btc", "amount": amount and D(amount)} | changes)


def sell(amount: str | None = "0.05", **changes: Any) -> OrderWish:
    """A wish to sell bitcoin."""
    return buy(amount, **{"side": Side.SELL} | changes)


def drafted(wish: OrderWish, where: Market | None = None, **more: Any) -> Draft:
    """What the wish comes to."""
    return draft_of(wish, where or market(), LIMITS, ORIGIN, **more)


def order(state: OrderState = OrderState.SENDING, **changes: Any) -> Order:
    """An order to buy 0.05 at 10,000 at most."""
    sent = NewOrder(
        "qm1", "BTCUSDT", AccountType.SPOT, Side.BUY, OrderKind.LIMIT, amount=D("0.05"), price=D(10_000)
    )
    fields: dict[str, Any] = {
        "number": 17,
        "request_key": "key",
        "user_id": 7,
        "account_id": 5,
        "order": sent,
        "base": "BTC",
        "quote": "USDT",
        "quoted": D(10_000),
        "worth": D(500),
        "state": state,
        "created_at": NOW,
    }
    return Order(**fields | changes)
