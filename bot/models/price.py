"""Prices from public sources: metals by the ounce, coins, candles. Exact decimals in USD, times in epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Metal(StrEnum):
    """A precious metal by its code."""

    GOLD = "XAU"
    SILVER = "XAG"
    PLATINUM = "XPT"
    PALLADIUM = "XPD"


@dataclass(frozen=True, slots=True)
class Spot:
    """What a troy ounce costs, as `source` said it for the time `at`. `is_futures`: the front future, not spot."""

    metal: Metal
    price: Decimal
    at: float
    source: str
    is_futures: bool = False


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin as one source lists it. `volume` (24 h) and `cap` in USD; changes are fractions (0.01 = 1 %).

    What a source does not tell is None.
    """

    symbol: str
    price: Decimal
    at: float
    source: str
    name: str | None = None
    volume: Decimal | None = None
    cap: Decimal | None = None
    rank: int | None = None
    change_1h: Decimal | None = None
    change_24h: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Candle:
    """The prices of one interval that began at `at`."""

    at: float
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """One price of a series at a time."""

    at: float
    price: Decimal
