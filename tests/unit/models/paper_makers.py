"""A small market for paper accounts, and orders in it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.models.market import AccountType, Instrument, Side, Ticker
from bot.models.order import NewOrder, OrderKind, VenueOrder
from bot.models.paper_book import PaperBook, Prices, opened_with
from bot.models.paper_trading import Change, place, settle

NOW = 1_800_000_000.0
D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
BUY, SELL = Side.BUY, Side.SELL

BTC = Instrument("BTCUSDT", "BTC", "USDT", SPOT, D("0.01"), D("0.0001"), D("0.0002"), D(5), D(100))
PERP = replace(BTC, account_type=LINEAR, amount_step=D("0.001"), min_amount=D("0.001"))


def ticker(last: int | str, spread: int = 0, mark: int | str | None = None) -> Ticker:
    """A price with as much below it to sell at and above it to buy at."""
    price = D(last)
    return Ticker(
        "BTCUSDT", price, price - spread, price + spread, NOW, mark=None if mark is None else D(mark)
    )


def order(side: Side, amount: str, **more: Any) -> NewOrder:
    """A market order for spot, unless told otherwise; one with a price is a limit order."""
    kind = OrderKind.LIMIT if more.get("price") is not None else OrderKind.MARKET
    given = {"client_id": "a1", "account_type": SPOT, "kind": kind} | more
    return NewOrder(symbol="BTCUSDT", side=side, amount=D(amount), **given)


class Desk:
    """An account in which things happen one after the other; `ended` holds what has come of the orders."""

    def __init__(self, start: int | str = 10_000) -> None:
        self.book: PaperBook = opened_with(D(start))
        self.ended: list[VenueOrder] = []

    def place(self, side: Side, amount: str, at: Ticker, **more: Any) -> VenueOrder | None:
        """Place an order at these prices; what it has become, where it has ended at once."""
        wish = order(side, amount, **more)
        instrument = BTC if wish.account_type is SPOT else PERP
        change = place(self.book, wish, instrument, at, order_id=f"v{wish.client_id}", now=NOW)
        return self._take(change)

    def see(self, price: Ticker, *kinds: AccountType) -> VenueOrder | None:
        """Let the account see a price."""
        prices: Prices = {(kind, "BTCUSDT"): price for kind in kinds or (SPOT, LINEAR)}
        return self._take(settle(self.book, prices, NOW + 1))

    def coin(self, name: str) -> tuple[Decimal, Decimal]:
        """Total and free."""
        return self.book.total(name), self.book.free(name)

    def _take(self, change: Change) -> VenueOrder | None:
        self.book = change.book
        self.ended += change.ended
        return change.ended[-1] if change.ended else None
