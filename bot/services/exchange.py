"""What the trading desk needs of an exchange, by purpose; gateways implement all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Protocol

from bot.models.account import Account, KeyRights
from bot.models.market import AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import NewOrder, VenueOrder


class Quotes(Protocol):
    """Public data. Raises PeerUnavailable, PeerBusy; UnknownSymbol where the venue does not trade it."""

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """Everything that can be traded now, by symbol."""

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """The prices of some symbols, in their order, asked for in one call where the venue can."""


class Holdings(Protocol):
    """What an account has. Raises PeerUnavailable (an answer that is not whole, too), PeerBusy, KeyRefused."""

    async def balance(self) -> Balance:
        """All coins that are not zero."""

    async def positions(self) -> Sequence[Position]:
        """Open positions; one of size 0 is none."""

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        """Orders that may still be filled, oldest first."""


class Placing(Protocol):
    """Orders. PeerUnavailable and PeerBusy: it certainly was not done; OutcomeUnknown: perhaps it was."""

    async def place(self, order: NewOrder) -> str:
        """Send an order, once; returns the venue's id of it. Raises OrderRefused, KeyRefused."""

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        """Cancel what is still open of one. Raises OrderRefused (NOT_FOUND: it has ended, or never was)."""

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        """An order by our id, open or ended; None while the venue knows of none (it may learn of it yet)."""

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        """Set the stops of an open position; None takes one away. Raises OrderRefused where there is none."""


class Key(Protocol):
    """The key itself, and whether the venue is there."""

    async def server_time(self) -> float:
        """The venue's clock, seconds since the epoch; also teaches the client its offset."""

    async def rights(self) -> KeyRights:
        """What the key may do. Raises KeyRefused."""


class Exchange(Quotes, Holdings, Placing, Key, Protocol):
    """One account at one exchange.

    `arrives_within`: seconds after sending in which an order can still reach the venue and become visible there;
    what is not found after that was never accepted. None: the venue gives no such proof, a person has to look.
    """

    venue: str
    arrives_within: float | None

    async def close(self) -> None:
        """Let go of connections; the object is not used afterwards."""


class Exchanges(Protocol):
    """Clients, opened when needed and kept for a while. Raises PeerUnavailable where a venue cannot be reached."""

    def use(self, account: Account) -> AbstractAsyncContextManager[Exchange]:
        """The account's client, for as long as the body runs."""

    def quotes(self, venue: str) -> Quotes:
        """A venue's public data; no key is needed."""
