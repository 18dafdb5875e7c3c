"""What orders need of the rest of the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.models.account import Account, TradingChoices
from bot.models.audit import Act
from bot.models.market import AccountType, Instrument, Ticker
from bot.models.notice import Kind, Notice
from bot.models.order_record import Accepted, Intent, Noted, Order, Outcome
from bot.models.order_rules import Limits
from bot.models.role import Role


class Journal(Protocol):
    """Where orders are written down; StorageError = no effect."""

    async def accept(self, intent: Intent, limits: Limits) -> Accepted:
        """Write orders down as being sent, all or none. Raises TradingPaused, OrderTooLarge, RequestConflict."""

    async def promised(self, intent: Intent) -> Sequence[Order]:
        """What was written down under these ids or this key before. Raises RequestConflict."""

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key has been accepted."""

    async def get(self, which: int | str) -> Order | None:
        """The order of that number, or of that id of ours."""

    async def unsettled_of(self, user_id: int) -> Sequence[Order]:
        """Those of a person with something left to be found out, newest first."""

    async def pause_all(self, paused: bool, acts: Sequence[Act], now: float) -> bool:
        """Take no new orders from anybody, or take them again; whether that is a change."""

    async def paused_for_all(self) -> bool:
        """Whether no new orders are taken from anybody."""


class Outcomes(Protocol):
    """Where it is written down what has become of orders; StorageError = no effect."""

    async def note(
        self,
        number: int,
        outcome: Outcome,
        now: float,
        telling: Callable[[Order], Sequence[Notice]] | None = None,
    ) -> Noted:
        """What was found out; `telling` makes what is to be said where the order has ended with that."""

    async def unsettled(self) -> Sequence[Order]:
        """Every order with something left to be found out."""


class TradingAccounts(Protocol):
    """Accounts by user. Raises NoAccount."""

    async def chosen(self, user_id: int) -> Account:
        """The account that the user trades on."""

    async def account(self, user_id: int, account_id: int) -> Account:
        """One of the user's."""

    async def choices(self, user_id: int) -> TradingChoices:
        """How the user trades."""

    async def set_paused(self, user_id: int, paused: bool) -> None:
        """Take no new orders from the user, or take them again."""


class KeyRing(Protocol):
    """Accounts, as far as their keys matter."""

    async def account(self, user_id: int, account_id: int) -> Account:
        """One of the user's. Raises NoAccount."""

    async def refuse(self, account: Account, reason: str) -> None:
        """The venue no longer takes the account's key."""


class Price(Protocol):
    """A price with its age."""

    @property
    def value(self) -> Ticker: ...


class Prices(Protocol):
    """Prices that were asked for just now: others do not decide an order. Raises PeerError, UnknownSymbol."""

    async def fresh_ticker(self, venue: str, account_type: AccountType, symbol: str) -> Price:
        """The price of a symbol now."""

    async def instrument(self, venue: str, account_type: AccountType, typed: str) -> Instrument:
        """What people mean by `BTC`, `btc/usdt` …; it says itself where it is traded."""


class Shown(Protocol):
    """What people are shown of accounts, from a cache."""

    def drop(self, account_id: int) -> None:
        """The account's balance, positions and open orders may be others now."""


class Roles(Protocol):
    """Who may do what."""

    def role_of(self, user_id: int) -> Role | None:
        """The person's role; None for a stranger."""


class Announcer(Protocol):
    """Takes notices."""

    async def tell(self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        """Say something to one person, once a key."""

    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        """Say something to every admin, once a key."""

    def posted(self) -> None:
        """Notices were written in a transaction of somebody else's."""


class Matters(Protocol):
    """What an admin should look at."""

    def raise_(self, topic: str, matter: str) -> None:
        """It is open."""

    def clear(self, topic: str) -> None:
        """It is over."""
