"""Prices and what can be traded: public data of the venues, asked for once for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.errors import PeerUnavailable
from bot.models.lookup import Aged, Price
from bot.models.market import ZERO, AccountType, Instrument, Ticker
from bot.models.symbols import find_instrument, read_symbol
from bot.resilience.cache import AsyncCache, CacheFigures
from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor
from bot.services.exchange import Quotes
from bot.services.fetching import Fetch

INSTRUMENTS_TTL = 3600.0
COOL_DOWN = 3.0  # seconds between two refreshes of the same


class Venues(Protocol):
    """Where public data come from."""

    def quotes(self, venue: str) -> Quotes:
        """A venue's public data."""


class MarketPrices:
    """What the venues trade, and at what price.

    Raises PeerUnavailable and PeerBusy where nothing is known that could be shown, UnknownSymbol where nothing
    such is traded.
    """

    def __init__(
        self, venues: Venues, fetch: Fetch, clock: Clock, supervisor: Supervisor, *, ticker_ttl: float
    ) -> None:
        self._venues = venues
        self._fetch = fetch
        self._refreshed = Cooldown(clock, COOL_DOWN)
        self._tickers: AsyncCache[tuple[str, AccountType, str], Ticker] = AsyncCache(
            clock, supervisor=supervisor, ttl=ticker_ttl, size=500, name="tickers"
        )
        self._instruments: AsyncCache[tuple[str, AccountType], Mapping[str, Instrument]] = AsyncCache(
            clock, supervisor=supervisor, ttl=INSTRUMENTS_TTL, size=20, keep=24 * 3600.0, name="instruments"
        )

    async def instrument(self, venue: str, account_type: AccountType, typed: str) -> Instrument:
        """What `typed` means to somebody who trades there: BTC, btc-usdt, BTC/USDT; BTC/USDT:USDT the perpetual.

        Its own `account_type` is where it is traded.
        """
        wanted = read_symbol(typed)
        market = wanted.market(account_type)

        async def load() -> Mapping[str, Instrument]:
            return await self._fetch.asked(venue, lambda: self._venues.quotes(venue).instruments(market))

        known = await self._fetch.aged(self._instruments, (venue, market), load, venue)
        return find_instrument(wanted, known.value)

    async def price(self, venue: str, account_type: AccountType, typed: str) -> Price:
        """What that costs, perhaps some seconds ago."""
        instrument = await self.instrument(venue, account_type, typed)
        return Price(instrument, await self.ticker(venue, instrument.account_type, instrument.symbol))

    async def ticker(self, venue: str, account_type: AccountType, symbol: str) -> Aged[Ticker]:
        """The price of a symbol, perhaps some seconds old."""
        key = (venue, account_type, symbol)
        return await self._fetch.aged(self._tickers, key, lambda: self._load(*key), venue)

    async def fresh_ticker(self, venue: str, account_type: AccountType, symbol: str) -> Aged[Ticker]:
        """The price as the venue tells it now: nothing that is kept decides an order."""
        async with resting():
            ticker = await self._load(venue, account_type, symbol)
        self._tickers.put((venue, account_type, symbol), ticker)
        return Aged(ticker, venue, 0.0)

    def expire(self, venue: str, account_type: AccountType, symbol: str) -> None:
        """Have the price asked for anew by whoever looks next, unless that was just done."""
        if self._refreshed.first((venue, account_type, symbol)):
            self._tickers.expire((venue, account_type, symbol))

    def caches(self) -> dict[str, CacheFigures]:
        """How the caches are doing, by name."""
        return {"tickers": self._tickers.figures(), "instruments": self._instruments.figures()}

    async def _load(self, venue: str, account_type: AccountType, symbol: str) -> Ticker:
        quotes = self._venues.quotes(venue)
        tickers = await self._fetch.asked(venue, lambda: quotes.tickers(account_type, [symbol]))
        ticker = next((each for each in tickers if each.symbol == symbol), None)
        if ticker is None or not (ticker.last.is_finite() and ticker.last > ZERO):
            raise PeerUnavailable(venue, f"no usable price of {symbol}")
        return ticker
