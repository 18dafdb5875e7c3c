"""An exchange that does as it is told, for the tests beside this file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.models.account import Account, Credentials, KeyRights
from bot.models.market import AccountType, Balance, Instrument, Position, Side, Ticker
from bot.models.order import NewOrder, OrderKind, VenueOrder

ORDER = NewOrder("a1", "BTCUSDT", AccountType.SPOT, Side.BUY, OrderKind.MARKET, Decimal(1))


class Venue:
    """What all its clients have in common: what they are asked, and what becomes of it."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []  # for the next calls, in order
        self.calls: list[str] = []
        self.made: list[FakeExchange] = []
        self.answers = asyncio.Event()
        self.answers.set()

    def __call__(self, account: Account, credentials: Credentials) -> FakeExchange:
        self.made.append(FakeExchange(self, account, credentials))
        return self.made[-1]

    async def hear(self, call: str) -> None:
        self.calls.append(call)
        await self.answers.wait()
        if self.errors:
            raise self.errors.pop(0)


class FakeExchange:
    """Answers with nothing much."""

    arrives_within: float | None = 60.0

    def __init__(self, shared: Venue, account: Account, credentials: Credentials) -> None:
        self.venue = account.venue
        self.account = account
        self.credentials = credentials
        self.closed = 0
        self._shared = shared

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        await self._shared.hear("instruments")
        return {}

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        await self._shared.hear("tickers")
        return []

    async def balance(self) -> Balance:
        await self._shared.hear("balance")
        return Balance(())

    async def positions(self) -> Sequence[Position]:
        await self._shared.hear("positions")
        return []

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        await self._shared.hear("open_orders")
        return []

    async def place(self, order: NewOrder) -> str:
        await self._shared.hear("place")
        return "1"

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        await self._shared.hear("cancel")

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        await self._shared.hear("find")
        return None

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        await self._shared.hear("protect")

    async def server_time(self) -> float:
        await self._shared.hear("server_time")
        return 0.0

    async def rights(self) -> KeyRights:
        await self._shared.hear("rights")
        return KeyRights(can_trade=True, can_withdraw=False)

    async def close(self) -> None:
        self.closed += 1
