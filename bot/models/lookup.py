"""What was looked up at a venue: each number with where it is from and how old it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from bot.errors import PeerError
from bot.models.market import ZERO, AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import VenueOrder

T = TypeVar("T")


class Look(StrEnum):
    """What of an account one can look at."""

    BALANCE = "balance"
    POSITIONS = "positions"
    ORDERS = "orders"
    PORTFOLIO = "portfolio"


@dataclass(frozen=True, slots=True)
class Aged(Generic[T]):
    """A value, whose it is (an account's or a venue's label), and the seconds since it was asked for.

    `stale`: it is older than it should be, because the venue could not be asked again.
    """

    value: T
    source: str
    age: float
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """What one instrument costs."""

    instrument: Instrument
    ticker: Aged[Ticker]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All of an account; a part that could not be had is the error that kept it away.

    `orders` are those of `account_type`.
    """

    source: str
    account_type: AccountType
    balance: Aged[Balance] | PeerError
    positions: Aged[Sequence[Position]] | PeerError
    orders: Aged[Sequence[VenueOrder]] | PeerError


@dataclass(frozen=True, slots=True)
class Worth:
    """USD, and how many coins are not in it because nobody says what they are worth."""

    usd: Decimal
    left_out: int = 0


def worth_of(balance: Balance) -> Worth | None:
    """What all of it is worth: as the venue says, else coin by coin; None where no coin's worth is known."""
    if balance.equity is not None:
        return Worth(balance.equity)
    known = [coin.usd for coin in balance.coins if coin.usd is not None]
    if not known and balance.coins:
        return None
    return Worth(sum(known, ZERO), len(balance.coins) - len(known))
