"""Accounts: one user's login at one exchange, what its key may do, and how the user likes to trade."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bot.models.market import AccountType

PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key to an account. Never shown, never logged, never part of a repr."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a venue says a key may do; `expires_at` None: for ever."""

    can_trade: bool
    can_withdraw: bool
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `venue` is `paper`, `bybit` or a name of ccxt's; `tail` the last characters of the key, to tell
    two apart; `refused` why the venue no longer takes the key, in its own words, None while it does."""

    id: int
    user_id: int
    venue: str
    can_trade: bool = True
    tail: str = ""
    refused: str | None = None

    @property
    def is_paper(self) -> bool:
        """Whether nothing real is at stake."""
        return self.venue == PAPER

    @property
    def label(self) -> str:
        """How people tell their accounts apart."""
        return label_of(self.venue, self.tail)


@dataclass(frozen=True, slots=True)
class TradingChoices:
    """How a user trades: which account and where (None: the first there is), paused or not, what is large for them.

    `order_limit` and `day_limit` in USD, None: those of the settings.
    """

    account_id: int | None = None
    account_type: AccountType = AccountType.SPOT
    paused: bool = False
    order_limit: Decimal | None = None
    day_limit: Decimal | None = None


def label_of(venue: str, tail: str) -> str:
    """`bybit …a3f9`, `paper`."""
    return f"{venue} …{tail}" if tail else venue
