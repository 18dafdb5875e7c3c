"""A venue that answers by a clock and counts what it is asked, and accounts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from bot.errors import UnknownSymbol
from bot.models.account import PAPER, Account, TradingChoices
from bot.models.market import AccountType, Balance, CoinBalance, Instrument, Position, Side, Ticker
from bot.models.order import OrderKind, OrderStatus, VenueOrder
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.lookups import Lookups

D = Decimal
COINS = (
    CoinBalance("BTC", D("0.5"), D("0.25"), D("30617.25")),
    CoinBalance("USDT", D("10000"), D("10000"), D("10000")),
)


def an_account(user_id: int, **changes: Any) -> Account:
    """The user's one account, at bybit unless said otherwise; its id is the user's too."""
    return Account(**{"id": user_id, "user_id": user_id, "venue": "bybit", "tail": "a3f9"} | changes)


def an_instrument(
    base: str, quote: str = "USDT", account_type: AccountType = AccountType.SPOT, symbol: str = ""
) -> Instrument:
    """A pair with ordinary rules."""
    return Instrument(
        symbol or base + quote, base, quote, account_type, D("0.1"), D("0.001"), D("0.001"), D("5")
    )


def a_ticker(symbol: str, last: str = "61234.5", at: float = 0.0, **changes: Any) -> Ticker:
    return Ticker(
        **{"symbol": symbol, "last": D(last), "bid": D("61234.4"), "ask": D(last), "at": at} | changes
    )


def a_position(symbol: str = "BTCUSDT", **changes: Any) -> Position:
    given = {"side": Side.BUY, "amount": D("0.5"), "entry_price": D("60000.5"), "mark_price": D("61000")}
    return Position(**{"symbol": symbol, "profit": D("499.75")} | given | changes)


def an_order(client_id: str = "qm1", **changes: Any) -> VenueOrder:
    given = {
        "id": "1",
        "symbol": "BTCUSDT",
        "account_type": AccountType.SPOT,
        "side": Side.BUY,
        "kind": OrderKind.LIMIT,
        "status": OrderStatus.OPEN,
        "amount": D("0.5"),
        "price": D("60000"),
    }
    return VenueOrder(**{"client_id": client_id} | given | changes)


class Venue:
    """One venue with everybody's accounts, all alike; `seconds` pass before it answers.

    `failures`: what is raised instead, by what is asked, for as long as it stands there. It meets Exchanges,
    Exchange and Quotes.
    """

    def __init__(self, clock: ManualClock, seconds: float = 0.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.calls: list[tuple[Any, ...]] = []
        self.failures: dict[str, Exception] = {}
        self.holdings = Balance(COINS, D("40617.25"))
        self.open_positions: Sequence[Position] = [a_position()]
        self.waiting: Sequence[VenueOrder] = [an_order()]
        self.traded = [an_instrument(base) for base in ("BTC", "ETH", "SOL")]
        self.last = "61234.5"

    @asynccontextmanager
    async def use(self, account: Account):
        """The account's client."""
        yield _Client(self, account)

    def quotes(self, venue: str) -> _Client:
        """A venue's public data."""
        return _Client(self, an_account(0, venue=venue))

    async def answer(self, what: str, *about: Any) -> None:
        self.calls.append((what, *about))
        await self.clock.sleep(self.seconds)
        if what in self.failures:
            raise self.failures[what]

    def asked(self, what: str) -> int:
        """How often it was asked for that."""
        return sum(call[0] == what for call in self.calls)


class _Client:
    def __init__(self, venue: Venue, account: Account) -> None:
        self._venue = venue
        self._account = account

    async def balance(self) -> Balance:
        held = self._venue.holdings
        await self._venue.answer("balance", self._account.id)
        return held

    async def positions(self) -> Sequence[Position]:
        await self._venue.answer("positions", self._account.id)
        return self._venue.open_positions

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        await self._venue.answer("orders", self._account.id, account_type)
        return self._venue.waiting

    async def instruments(self, account_type: AccountType) -> dict[str, Instrument]:
        await self._venue.answer("instruments", self._account.venue, account_type)
        return {each.symbol: each for each in self._venue.traded if each.account_type is account_type}

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> list[Ticker]:
        await self._venue.answer("tickers", self._account.venue, account_type, *symbols)
        if not {each.symbol for each in self._venue.traded}.issuperset(symbols):
            raise UnknownSymbol(symbols[0])
        return [a_ticker(symbol, self._venue.last, self._venue.clock.time()) for symbol in symbols]


class MemoryAccounts:
    """Everybody has one account; `active` are those who asked for something lately."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.account_type = AccountType.SPOT
        self.refusals: list[tuple[int, str]] = []
        self.touched: list[int] = []
        self.active: list[int] = []
        self.asked_since: list[float] = []

    async def touch(self, user_id: int) -> None:
        self.touched.append(user_id)

    async def chosen(self, user_id: int) -> Account:
        return self.accounts.setdefault(user_id, an_account(user_id))

    async def choices(self, user_id: int) -> TradingChoices:
        return TradingChoices(account_type=self.account_type)

    async def refuse(self, account: Account, reason: str) -> None:
        self.refusals.append((account.id, reason))

    async def active_since(self, when: float) -> Sequence[int]:
        self.asked_since.append(when)
        return self.active


class LookupBench:
    """Lookups over that venue; nothing happens unless its clock is ticked."""

    def __init__(self, clock: ManualClock | None = None, seconds: float = 0.0) -> None:
        self.clock = clock or ManualClock()
        self.venue = Venue(self.clock, seconds)
        self.accounts = MemoryAccounts()
        self.supervisor = Supervisor()
        self.lookups = Lookups(self.accounts, self.venue, self.clock, self.supervisor, patience=12.0)


def paper(user_id: int) -> Account:
    """The account that everybody has."""
    return an_account(user_id, venue=PAPER, tail="")
