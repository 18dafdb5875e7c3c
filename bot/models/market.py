"""What exchanges trade, and what they say of it: exact decimals, times in seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

ZERO = Decimal(0)


class AccountType(StrEnum):
    """Where an order goes: coins that one then has, or USDT perpetuals that one has a position in."""

    SPOT = "spot"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One thing that can be traded. `symbol` as the venue spells it (`BTCUSDT`); prices are in `quote`.

    Amounts are in `base`, multiples of `amount_step` from `min_amount` on; prices are multiples of `price_step`;
    `min_cost` is the least an order may be worth (0: no such rule), `max_amount` None where there is no limit.
    """

    symbol: str
    base: str
    quote: str
    account_type: AccountType
    price_step: Decimal
    amount_step: Decimal
    min_amount: Decimal
    min_cost: Decimal = ZERO
    max_amount: Decimal | None = None

    def whole_amount(self, amount: Decimal) -> Decimal:
        """The largest amount that can be ordered and is not more than `amount`."""
        return _multiple(amount, self.amount_step, ROUND_DOWN)

    def whole_price(self, price: Decimal) -> Decimal:
        """The nearest price that can be ordered at."""
        return _multiple(price, self.price_step, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Ticker:
    """The price of one symbol at the time `at`. `change` is that of 24 hours as a fraction (0.01 = 1 %)."""

    symbol: str
    last: Decimal
    bid: Decimal
    ask: Decimal
    at: float
    change: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    turnover: Decimal | None = None
    mark: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CoinBalance:
    """What one has of a coin; `free` may be spent; `usd` is what all of it is worth, None where the venue is silent."""

    coin: str
    total: Decimal
    free: Decimal
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """All coins of an account with something in them, the most valuable first; `equity` in USD."""

    coins: tuple[CoinBalance, ...]
    equity: Decimal | None = None


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The way back."""
        return Side.SELL if self is Side.BUY else Side.BUY


@dataclass(frozen=True, slots=True)
class Position:
    """An open position: `side` BUY is long. `amount` > 0 in base, prices and `profit` (unrealised) in quote."""

    symbol: str
    side: Side
    amount: Decimal
    entry_price: Decimal
    mark_price: Decimal
    profit: Decimal
    leverage: Decimal | None = None
    liquidation_price: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None


def _multiple(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step
