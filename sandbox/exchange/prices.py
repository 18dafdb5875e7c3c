"""Moving prices without a task that moves them: each is a function of seed and time, until somebody sets it."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from sandbox.exchange.instruments import INSTRUMENTS, Instrument

JSON = dict[str, Any]

HALF_SPREAD = Decimal("0.00005")
DAY = 86_400
HOUR = 3_600
BILLION = 10**9
# How long a swing lasts in seconds, and how far it goes in billionths of the price.
SWINGS = (
    (604_800, 60_000_000),
    (DAY, 25_000_000),
    (10_800, 8_000_000),
    (1_200, 2_000_000),
    (60, 500_000),
    (5, 150_000),
)


class Quote(NamedTuple):
    """What a symbol costs at one moment."""

    last: Decimal
    bid: Decimal
    ask: Decimal


class Day(NamedTuple):
    """The last 24 hours of a symbol: the price before, the highest and the lowest on the hour or now."""

    before: Decimal
    high: Decimal
    low: Decimal


class Prices:
    """Prices by instrument and time (seconds). A set price stays until it is released; `stop` holds all others."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.stopped_at: float | None = None
        self._set: dict[tuple[str, str], Decimal] = {}

    def put(self, instrument: Instrument, price: Decimal | None) -> None:
        """Hold a symbol at a price, or let it move again."""
        key = (instrument.category, instrument.symbol)
        if price is None:
            self._set.pop(key, None)
        else:
            self._set[key] = instrument.price(price)

    def holds(self, instrument: Instrument) -> bool:
        """Whether its price was set."""
        return (instrument.category, instrument.symbol) in self._set

    def stop(self, when: float | None) -> None:
        """Hold everything that is not set where it was at a time; None lets it move again."""
        self.stopped_at = when

    def last(self, instrument: Instrument, now: float) -> Decimal:
        """The price of the last trade."""
        held = self._set.get((instrument.category, instrument.symbol))
        if held is not None:
            return held
        return moved(self.seed, instrument, int((now if self.stopped_at is None else self.stopped_at) * 1000))

    def quote(self, instrument: Instrument, now: float) -> Quote:
        """Last price, and what one gets or pays for it."""
        last = self.last(instrument, now)
        bid = instrument.below(last * (1 - HALF_SPREAD))
        return Quote(last, bid, instrument.above(last * (1 + HALF_SPREAD)))

    def day(self, instrument: Instrument, now: float) -> Day:
        """What came before."""
        hour = int(now) // HOUR
        past = [moved(self.seed, instrument, (hour - ago) * HOUR * 1000) for ago in range(24)]
        last = self.last(instrument, now)
        return Day(past[-1], max(last, *past), min(last, *past))

    def dump(self) -> JSON:
        """What was set, as JSON."""
        held = [[category, symbol, str(price)] for (category, symbol), price in self._set.items()]
        return {"seed": self.seed, "stopped_at": self.stopped_at, "set": held}

    @classmethod
    def load(cls, source: Mapping[str, Any]) -> "Prices":
        """What `dump` gave."""
        prices = cls(source["seed"])
        prices.stopped_at = source["stopped_at"]
        for category, symbol, price in source["set"]:
            prices.put(INSTRUMENTS[category, symbol], Decimal(price))
        return prices


@lru_cache(maxsize=16_384)  # days and candles ask for the same moments again and again
def moved(seed: int, instrument: Instrument, ms: int) -> Decimal:
    """The price at a time, as it moves by itself; the same for a coin and its perpetual."""
    coin = instrument.base.removeprefix("1000")
    total = 0
    for length, reach in SWINGS:
        step = length * 1000
        node, rest = divmod(ms, step)
        here, there = _node(seed, coin, length, node), _node(seed, coin, length, node + 1)
        total += reach * (here * (step - rest) + there * rest) // (step << 31)
    return instrument.price(instrument.start * (BILLION + total) / BILLION)


@lru_cache(maxsize=65_536)
def _node(seed: int, coin: str, length: int, number: int) -> int:
    """A drawn number of ±2³¹, where a swing turns."""
    drawn = blake2b(f"{seed}:{coin}:{length}:{number}".encode(), digest_size=4)
    return int.from_bytes(drawn.digest(), "big") - (1 << 31)
