"""Looking things up at the venues: what an account has, and what things cost. Kept for seconds, shared by all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from bot.errors import KeyRefused, PeerError, StorageError
from bot.models.account import Account, TradingChoices
from bot.models.lookup import Aged, Look, Portfolio, Price
from bot.models.market import AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import VenueOrder
from bot.resilience.cache import AsyncCache, CacheFigures
from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor
from bot.resilience.timings import Timings
from bot.services.exchange import Exchange, Exchanges
from bot.services.fetching import Fetch
from bot.services.market_prices import COOL_DOWN, MarketPrices

V = TypeVar("V")


class Accounts(Protocol):
    """Whose account is looked at."""

    async def touch(self, user_id: int) -> None:
        """The user asks for something."""

    async def chosen(self, user_id: int) -> Account:
        """The account that the user trades with."""

    async def choices(self, user_id: int) -> TradingChoices:
        """How the user trades."""

    async def refuse(self, account: Account, reason: str) -> None:
        """The venue does not take the account's key any more."""


class Lookups:
    """Balances, positions and open orders of accounts, and prices; each with its source and age.

    A venue that does not answer leaves what it said last, marked as stale. Raises PeerUnavailable or PeerBusy where
    there is nothing of that kind, KeyRefused where the venue does not take the key: its account is told so.
    """

    def __init__(
        self,
        accounts: Accounts,
        exchanges: Exchanges,
        clock: Clock,
        supervisor: Supervisor,
        *,
        balance_ttl: float = 15.0,
        positions_ttl: float = 10.0,
        ticker_ttl: float = 5.0,
        patience: float = 20.0,
        public_venue: str = "bybit",
        timings: Timings | None = None,
    ) -> None:
        """`patience`: seconds in which a venue has to answer; more than its client waits, which notices more.

        `public_venue`: whose prices they see who only look.
        """
        self._accounts = accounts
        self._exchanges = exchanges
        self._public_venue = public_venue
        self._fetch = Fetch(clock, patience, timings)
        self._refreshed = Cooldown(clock, COOL_DOWN)
        self._prices = MarketPrices(exchanges, self._fetch, clock, supervisor, ticker_ttl=ticker_ttl)
        self._balances: AsyncCache[int, Balance] = AsyncCache(
            clock, supervisor=supervisor, ttl=balance_ttl, size=1000, name="balances"
        )
        self._positions: AsyncCache[int, Sequence[Position]] = AsyncCache(
            clock, supervisor=supervisor, ttl=positions_ttl, size=1000, name="positions"
        )
        self._orders: AsyncCache[tuple[int, AccountType], Sequence[VenueOrder]] = AsyncCache(
            clock, supervisor=supervisor, ttl=positions_ttl, size=1000, name="open orders"
        )

    async def balance(self, user_id: int) -> Aged[Balance]:
        """What is in the user's account."""
        account, _ = await self._traded(user_id)
        return await self.balance_of(account)

    async def positions(self, user_id: int) -> Aged[Sequence[Position]]:
        """The user's open positions."""
        account, _ = await self._traded(user_id)
        return await self.positions_of(account)

    async def open_orders(self, user_id: int) -> Aged[Sequence[VenueOrder]]:
        """The user's open orders, of the account type that they trade."""
        return await self.open_orders_of(*await self._traded(user_id))

    async def portfolio(self, user_id: int) -> Portfolio:
        """All three at once, each that can be had. Raises what kept them away where none can."""
        return await self.portfolio_of(*await self._traded(user_id))

    async def balance_of(self, account: Account) -> Aged[Balance]:
        """What is in an account."""

        async def load() -> Balance:
            return await self._ask(account, lambda exchange: exchange.balance())

        return await self._fetch.aged(self._balances, account.id, load, account.label)

    async def positions_of(self, account: Account) -> Aged[Sequence[Position]]:
        """The open positions of an account."""

        async def load() -> Sequence[Position]:
            return tuple(await self._ask(account, lambda exchange: exchange.positions()))

        return await self._fetch.aged(self._positions, account.id, load, account.label)

    async def open_orders_of(self, account: Account, account_type: AccountType) -> Aged[Sequence[VenueOrder]]:
        """The open orders of an account."""

        async def load() -> Sequence[VenueOrder]:
            return tuple(await self._ask(account, lambda exchange: exchange.open_orders(account_type)))

        return await self._fetch.aged(
            self._orders, (account.id, account_type), load, f"{account.label} · {account_type}"
        )

    async def portfolio_of(self, account: Account, account_type: AccountType) -> Portfolio:
        """All three of an account at once. Raises what kept them away where none can be had."""
        async with resting():
            balance, positions, orders = await asyncio.gather(
                _or_error(self.balance_of(account)),
                _or_error(self.positions_of(account)),
                _or_error(self.open_orders_of(account, account_type)),
            )
        match balance, positions, orders:
            case PeerError() as error, PeerError(), PeerError():
                raise error
        return Portfolio(account.label, account_type, balance, positions, orders)

    async def refresh(self, user_id: int, look: Look) -> bool:
        """Have it asked for anew when it is looked at next; False where that was just done."""
        if not self._refreshed.first((user_id, look)):
            return False
        account, account_type = await self._traded(user_id)
        if look in (Look.BALANCE, Look.PORTFOLIO):
            self._balances.expire(account.id)
        if look in (Look.POSITIONS, Look.PORTFOLIO):
            self._positions.expire(account.id)
        if look in (Look.ORDERS, Look.PORTFOLIO):
            self._orders.expire((account.id, account_type))
        return True

    def drop(self, account_id: int) -> None:
        """An order has, or may have, changed the account: nothing known before counts, nor what is on its way."""
        self._balances.invalidate(account_id)
        self._positions.invalidate(account_id)
        for account_type in AccountType:
            self._orders.invalidate((account_id, account_type))

    async def price(self, user_id: int | None, typed: str, account_type: AccountType | None = None) -> Price:
        """What `typed` costs where the user trades; None: somebody who only looks. Raises UnknownSymbol."""
        venue, usual = await self._market(user_id)
        return await self._prices.price(venue, account_type or usual, typed)

    async def refresh_price(self, user_id: int | None, account_type: AccountType, symbol: str) -> bool:
        """As `refresh`, for a price; what one has refreshed is fresh for everybody."""
        if not self._refreshed.first((user_id, account_type, symbol)):
            return False
        venue, _ = await self._market(user_id)
        self._prices.expire(venue, account_type, symbol)
        return True

    async def instrument(self, venue: str, account_type: AccountType, typed: str) -> Instrument:
        """What `typed` means there; its own `account_type` is where it is traded. Raises UnknownSymbol."""
        return await self._prices.instrument(venue, account_type, typed)

    async def ticker(self, venue: str, account_type: AccountType, symbol: str) -> Aged[Ticker]:
        """The price of a symbol, perhaps some seconds old."""
        return await self._prices.ticker(venue, account_type, symbol)

    async def fresh_ticker(self, venue: str, account_type: AccountType, symbol: str) -> Aged[Ticker]:
        """The price as the venue tells it now: nothing that is kept decides an order."""
        return await self._prices.fresh_ticker(venue, account_type, symbol)

    def caches(self) -> dict[str, CacheFigures]:
        """How the caches are doing, by name."""
        return {
            "balances": self._balances.figures(),
            "positions": self._positions.figures(),
            "open orders": self._orders.figures(),
            **self._prices.caches(),
        }

    async def _ask(self, account: Account, ask: Callable[[Exchange], Awaitable[V]]) -> V:
        async def asked() -> V:
            async with self._exchanges.use(account) as exchange:
                return await ask(exchange)

        try:
            return await self._fetch.asked(account.venue, asked)
        except KeyRefused as error:
            if account.refused is None:
                with suppress(StorageError):  # what the person has to know is the refusal
                    await self._accounts.refuse(account, error.message)
            raise

    async def _market(self, user_id: int | None) -> tuple[str, AccountType]:
        if user_id is None:
            return self._public_venue, AccountType.SPOT
        account, account_type = await self._traded(user_id)
        return account.venue, account_type

    async def _traded(self, user_id: int) -> tuple[Account, AccountType]:
        """What a person who asks trades with; that they asked need not be written down to answer them."""
        with suppress(StorageError):
            await self._accounts.touch(user_id)
        account, choices = await self._accounts.chosen(user_id), await self._accounts.choices(user_id)
        return account, choices.account_type


async def _or_error(part: Awaitable[V]) -> V | PeerError:
    try:
        return await part
    except PeerError as error:
        return error
