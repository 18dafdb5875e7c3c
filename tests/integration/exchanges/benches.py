"""One account at each kind of exchange, under the same handles: what the contract is judged on."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.models.market import AccountType, Side
from bot.models.order import NewOrder, OrderKind, VenueOrder
from bot.services.exchange import Exchange

SYMBOL = "BTCUSDT"
START = Decimal(50_000)


@dataclass
class Bench:
    """An account with some thousand USDT and nothing else, at a market where BTC costs 50,000.

    `lose_answer` lets the next order be done and its answer get lost, where there is a wire.
    """

    exchange: Exchange
    set_price: Callable[[Decimal], Awaitable[None]]
    lose_answer: Callable[[], None] = lambda: None
    _ids: Any = field(default_factory=itertools.count)

    def order(self, side: Side, amount: str, kind: AccountType = AccountType.SPOT, **more: Any) -> NewOrder:
        """An order for BTC; one with a price is a limit order."""
        form = OrderKind.LIMIT if "price" in more else OrderKind.MARKET
        given = {"client_id": f"test{next(self._ids)}"} | more
        return NewOrder(
            symbol=SYMBOL, account_type=kind, side=side, kind=form, amount=Decimal(amount), **given
        )

    async def placed(self, order: NewOrder) -> VenueOrder:
        """Place it and look it up."""
        await self.exchange.place(order)
        found = await self.find(order)
        assert found is not None
        return found

    async def find(self, order: NewOrder) -> VenueOrder | None:
        """What has become of an order."""
        return await self.exchange.find(order.account_type, order.symbol, order.client_id)

    async def cancel(self, order: NewOrder) -> None:
        """Take an order back."""
        await self.exchange.cancel(order.account_type, order.symbol, order.client_id)

    async def has(self, coin: str) -> tuple[Decimal, Decimal]:
        """Total and free of a coin."""
        coins = {each.coin: each for each in (await self.exchange.balance()).coins}
        return (coins[coin].total, coins[coin].free) if coin in coins else (Decimal(0), Decimal(0))
