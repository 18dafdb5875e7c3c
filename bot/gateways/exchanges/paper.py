"""The exchange everybody has an account at: a real venue's instruments and prices, money that is not real.

It is as strict as the venue is. Each call first lets the newest prices do what they do (fill what rests, run stops,
liquidate), so that nothing has to run in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

from bot.errors import PeerUnavailable, StorageError, UnknownSymbol
from bot.models.account import PAPER, KeyRights
from bot.models.market import AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import NewOrder, Refusal, VenueOrder
from bot.models.paper_book import (
    Market,
    PaperBook,
    Prices,
    balance,
    coin_markets,
    markets,
    opened_with,
    positions,
)
from bot.models.paper_trading import Change, cancel, place, protect, refuse, settle
from bot.resilience.clock import Clock

NO_ORDER = ""  # no order has that client id


class PaperQuotes(Protocol):
    """A real venue's public data. Raises PeerUnavailable; UnknownSymbol where it does not trade a symbol."""

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """Everything that can be traded now, by symbol."""

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """The prices of some symbols, in their order."""


class PaperBooks(Protocol):
    """Where the accounts are kept. A change is one transaction; raises StorageError where it had no effect."""

    async def load(self, account_id: int) -> PaperBook | None:
        """The account as it is; None: nothing has happened in it yet."""

    async def ended(self, client_id: str) -> VenueOrder | None:
        """An order that has ended."""

    async def change(
        self,
        account_id: int,
        new: PaperBook,
        client_id: str,
        decide: Callable[[PaperBook, VenueOrder | None], Change],
        now: float,
    ) -> None:
        """Replace the account by what `decide` makes of it and of the ended order with that client id."""


class PaperExchange:
    """One paper account, which begins with `start_money` USDT; `new_id` makes the venue's ids of orders.

    An order is one transaction of our own database: it is there when `place` returns, and where the process ended
    before, it is there when the database is open again or never.
    """

    venue = PAPER
    arrives_within: float | None = 10.0  # longer than the database lets a transaction wait

    def __init__(
        self,
        account_id: int,
        quotes: PaperQuotes,
        books: PaperBooks,
        clock: Clock,
        *,
        start_money: Decimal,
        new_id: Callable[[], str],
    ) -> None:
        self._account_id = account_id
        self._quotes = quotes
        self._books = books
        self._clock = clock
        self._new = opened_with(start_money)
        self._new_id = new_id

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """Those of the real venue."""
        return await self._quotes.instruments(account_type)

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """Those of the real venue."""
        return await self._quotes.tickers(account_type, symbols)

    async def balance(self) -> Balance:
        """All coins; what they are worth only while the real venue tells its prices."""
        book, prices = await self._looked_at(coin_markets, even_without_prices=True)
        return balance(book, prices)

    async def positions(self) -> Sequence[Position]:
        """Open positions; they cannot be valued while the real venue does not tell its prices."""
        return positions(*await self._looked_at())

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        """Orders that rest, oldest first; while there are no prices, those that rested when there were."""
        book, _ = await self._looked_at(even_without_prices=True)
        return [rest.order for rest in book.resting if rest.order.account_type is account_type]

    async def place(self, order: NewOrder) -> str:
        """Fill an order, or let it rest."""
        instrument, ticker = await self._market(order.account_type, order.symbol)
        order_id, now = self._new_id(), self._clock.time()

        def decide(book: PaperBook, ended: VenueOrder | None) -> Change:
            if ended or book.order(order.client_id):
                refuse(Refusal.DUPLICATE, "there is an order with that client id")
            return place(book, order, instrument, ticker, order_id=order_id, now=now)

        await self._change(decide, order.client_id)
        return order_id

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        """Take back an order that rests; not one whose price has come in the meantime."""
        await self._looked_at(even_without_prices=True)
        now = self._clock.time()

        def decide(book: PaperBook, _: VenueOrder | None) -> Change:
            rest = book.order(client_id)
            return cancel(
                book, client_id if rest and _is_of(rest.order, account_type, symbol) else NO_ORDER, now
            )

        await self._change(decide, client_id)

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        """An order that rests or has ended."""
        book, _ = await self._looked_at(even_without_prices=True)
        rest = book.order(client_id)
        with _translated():
            order = rest.order if rest else await self._books.ended(client_id)
        return order if order and _is_of(order, account_type, symbol) else None

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        """Set both stops of a position."""
        instrument, ticker = await self._market(AccountType.LINEAR, symbol)
        stops = (stop_loss, take_profit)
        await self._change(lambda book, _: protect(book, symbol, stops, instrument, ticker))

    async def server_time(self) -> float:
        """Our own clock."""
        return self._clock.time()

    async def rights(self) -> KeyRights:
        """Nothing real can leave."""
        return KeyRights(can_trade=True, can_withdraw=False)

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def _market(self, account_type: AccountType, symbol: str) -> tuple[Instrument, Ticker]:
        """What is traded there and its price, once the account has been looked at."""
        market = (account_type, symbol)
        _, prices = await self._looked_at(lambda _: {market})
        instrument = (await self._quotes.instruments(account_type)).get(symbol)
        if instrument is None or market not in prices:
            refuse(Refusal.MARKET, f"{symbol} is not traded")
        return instrument, prices[market]

    async def _looked_at(
        self, also: Callable[[PaperBook], set[Market]] = lambda _: set(), *, even_without_prices: bool = False
    ) -> tuple[PaperBook, Prices]:
        """The account after the newest prices have done what they do, and those prices."""
        book = await self._book()
        try:
            prices = await self._prices(markets(book) | also(book))
        except PeerUnavailable:
            if not even_without_prices:
                raise
            return book, {}
        now = self._clock.time()
        if settle(book, prices, now).book != book:
            await self._change(lambda newest, _: settle(newest, prices, now))
            book = await self._book()
        return book, prices

    async def _book(self) -> PaperBook:
        with _translated():
            return await self._books.load(self._account_id) or self._new

    async def _change(
        self, decide: Callable[[PaperBook, VenueOrder | None], Change], client_id: str = NO_ORDER
    ) -> None:
        with _translated():
            await self._books.change(self._account_id, self._new, client_id, decide, self._clock.time())

    async def _prices(self, wanted: set[Market]) -> Prices:
        """The prices of all those markets, in one call for each kind."""
        tickers = {kind: await self._tickers(kind, wanted) for kind in AccountType}
        return {(kind, each.symbol): each for kind, found in tickers.items() for each in found}

    async def _tickers(self, kind: AccountType, wanted: set[Market]) -> Sequence[Ticker]:
        """The prices of what is traded of that; a market that was closed has none."""
        symbols = sorted(symbol for each, symbol in wanted if each is kind)
        if not symbols:
            return ()
        traded = await self._quotes.instruments(kind)
        symbols = [symbol for symbol in symbols if symbol in traded]
        try:
            return await self._quotes.tickers(kind, symbols) if symbols else ()
        except UnknownSymbol:
            return ()  # closed since the list was read


def _is_of(order: VenueOrder, account_type: AccountType, symbol: str) -> bool:
    return order.account_type is account_type and order.symbol == symbol


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise PeerUnavailable(PAPER, "its database refused") from error
