"""Trades: what was filled of the orders that went through the desk, and what they have earned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.models.account import Account
from bot.models.market import ZERO, AccountType, Side

HoldingKey = tuple[int, AccountType, str]


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of an order that was filled: `amount` (base) at `price`, which made `filled_to` of it in all.

    `fee` in quote; `at` in seconds since the epoch. (order_number, filled_to) is its identity: told twice, it counts
    once. What is `reduce_only` opens nothing, whatever is known of the position.
    """

    order_number: int
    filled_to: Decimal
    user_id: int
    account_id: int
    account_type: AccountType
    symbol: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    at: float
    reduce_only: bool = False

    @property
    def cost(self) -> Decimal:
        """What it was worth, in quote."""
        return self.amount * self.price


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill as it is shown; `profit` is what it realised after its fee, None where that is not known or nothing
    was closed."""

    id: int
    order_number: int
    account_id: int
    account_type: AccountType
    symbol: str
    side: Side
    amount: Decimal
    price: Decimal
    cost: Decimal
    fee: Decimal
    profit: Decimal | None
    at: float


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account has in a symbol by what we know: `amount` > 0 that came in at `entry_price` on average.

    `side` SELL is short. `warned_at`: when its owner was told that liquidation is near, None while it is not.
    """

    user_id: int
    account_id: int
    account_type: AccountType
    symbol: str
    side: Side
    amount: Decimal
    entry_price: Decimal
    updated_at: float
    warned_at: float | None = None

    @property
    def key(self) -> HoldingKey:
        """Its identity."""
        return (self.account_id, self.account_type, self.symbol)


@dataclass(frozen=True, slots=True)
class TradePlace:
    """Where a page of trades ended: the time and the id of its last one."""

    at: float
    id: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Trades since some moment. `wins` and `losses` count those that closed something with a known result."""

    count: int = 0
    cost: Decimal = ZERO
    fee: Decimal = ZERO
    profit: Decimal = ZERO
    wins: int = 0
    losses: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.count + other.count,
            self.cost + other.cost,
            self.fee + other.fee,
            self.profit + other.profit,
            self.wins + other.wins,
            self.losses + other.losses,
        )


@dataclass(frozen=True, slots=True)
class TradeStats:
    """Totals of the running day, week (from Monday) and month, in the desk's time zone."""

    day: Totals = Totals()
    week: Totals = Totals()
    month: Totals = Totals()

    def __add__(self, other: TradeStats) -> TradeStats:
        return TradeStats(self.day + other.day, self.week + other.week, self.month + other.month)


@dataclass(frozen=True, slots=True)
class TradePage:
    """Trades newest first, of one symbol or of all; `older` is where the next page goes on, None at the end.

    `real` and `paper` add up all trades of the periods, whatever is listed; `bought` are coins that came through the
    desk and were not sold again, `waiting` limit orders are open; `accounts` has everyone's that is named, by id.
    """

    symbol: str | None
    trades: tuple[Trade, ...]
    older: TradePlace | None
    first: bool
    accounts: Mapping[int, Account]
    real: TradeStats = TradeStats()
    paper: TradeStats = TradeStats()
    bought: tuple[Holding, ...] = ()
    waiting: int = 0


def period_starts(now: float, zone: ZoneInfo) -> tuple[float, float, float]:
    """When the running day, week and month began in the zone; seconds since the epoch."""
    day = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    week, month = day - timedelta(days=day.weekday()), day.replace(day=1)
    return day.timestamp(), week.timestamp(), month.timestamp()
