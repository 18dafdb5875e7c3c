"""The state behind the price sources: what things cost, and in what each source differs from that."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sandbox.exchange.instruments import INSTRUMENTS, Instrument
from sandbox.exchange.prices import Prices, moved
from sandbox.exchange.world import Clock, ExchangeWorld
from sandbox.prices.assets import COINS, METALS, STABLE

JSON = dict[str, Any]

SOURCES = (
    "gold-api",
    "swissquote",
    "yahoo",
    "kraken",
    "binance",
    "coinpaprika",
    "coingecko",
    "coincap",
    "bybit",
)
SKEWABLE = SOURCES[:-1]  # what bybit tells is the exchange's own
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Skew:
    """A source tells prices of `behind` seconds ago, times `factor`."""

    behind: float = 0.0
    factor: Decimal = Decimal(1)


# Futures cost more than spot, a token of gold a little, and no two sources say quite the same.
USUAL: Mapping[str, Skew] = {
    "swissquote": Skew(factor=Decimal("0.9994")),
    "yahoo": Skew(factor=Decimal("1.013")),
    "kraken": Skew(factor=Decimal("1.0011")),
    "coinpaprika": Skew(behind=40, factor=Decimal("1.0003")),
    "coingecko": Skew(behind=60, factor=Decimal("0.9998")),
    "coincap": Skew(behind=20, factor=Decimal("1.0001")),
}


def usual_skews() -> dict[str, Skew]:
    """What each source makes of the prices unless it is told otherwise."""
    return {source: USUAL.get(source, Skew()) for source in SKEWABLE}


class PricesWorld:
    """Prices by seed and time; coins that the local exchange trades have their prices from there."""

    def __init__(
        self, exchange: ExchangeWorld | None = None, *, seed: int = 0, clock: Clock = time.time
    ) -> None:
        self.exchange = exchange or ExchangeWorld(seed=seed, clock=clock)
        self._own = Prices(self.exchange.prices.seed)
        self.skews = usual_skews()

    def reset(self) -> None:
        """Everything moves, and no source is further off than usual."""
        self.skews = usual_skews()
        self.stop(None)
        for instrument in (*METALS.values(), *(coin.instrument for coin in COINS)):
            self._prices(instrument).put(instrument, None)

    def now(self) -> float:
        """The time for which prices are told: it stands still while they do."""
        stopped = self._own.stopped_at
        return self.exchange.clock() if stopped is None else stopped

    def last(self, instrument: Instrument, when: float) -> Decimal:
        """What it costs at a time; a price that was set holds for all times."""
        if instrument.base in STABLE and not self._prices(instrument).holds(instrument):
            return Decimal(1)
        return self._prices(instrument).last(instrument, when)

    def before(self, instrument: Instrument, when: float) -> Decimal:
        """What it cost at a time, whatever was set since."""
        if instrument.base in STABLE:
            return Decimal(1)
        return moved(self._own.seed, instrument, int(when * 1000))

    def put(self, symbol: str, price: Decimal | None) -> None:
        """Hold XAU, BTC … at a price, or let it move again; ValueError for what nobody lists."""
        coins = [coin.instrument for coin in COINS if coin.symbol == symbol][:1]
        instruments = [METALS[symbol]] if symbol in METALS else coins
        if not instruments:
            raise ValueError(f"no symbol {symbol}")
        perpetuals = [
            each for (kind, _), each in INSTRUMENTS.items() if kind == "linear" and each.base == symbol
        ]
        for instrument in (*instruments, *perpetuals):
            self._prices(instrument).put(instrument, price)

    def stop(self, when: float | None) -> None:
        """Hold everything as it was at a time, the exchange's prices too; None lets it move again."""
        self._own.stop(when)
        self.exchange.prices.stop(when)

    def told_by(self, source: str) -> "View":
        """The prices as a source sees them now."""
        return View(self, self.skews[source])

    def snapshot(self) -> JSON:
        """What everything costs now, by symbol; of two coins with one symbol the larger."""
        now = self.now()
        coins = {coin.symbol: coin.instrument for coin in reversed(COINS)}
        return {name: str(self.last(each, now)) for name, each in (METALS | coins).items()}

    def _prices(self, instrument: Instrument) -> Prices:
        ours = (instrument.category, instrument.symbol) not in INSTRUMENTS
        return self._own if ours else self.exchange.prices


class View:
    """One source's prices at one moment, `at` in seconds since the epoch."""

    def __init__(self, world: PricesWorld, skew: Skew, at: float | None = None) -> None:
        self._world, self._skew = world, skew
        self.at = world.now() - skew.behind if at is None else at

    def since(self, seconds: int) -> "View":
        """The same source, which looks again only every so many seconds."""
        return View(self._world, self._skew, self.at // seconds * seconds)

    def price(self, instrument: Instrument) -> Decimal:
        """What it costs."""
        return self._skewed(instrument, self._world.last(instrument, self.at))

    def ago(self, instrument: Instrument, seconds: float) -> Decimal:
        """What it cost so long before."""
        return self._skewed(instrument, self._world.before(instrument, self.at - seconds))

    def change(self, instrument: Instrument, seconds: float) -> Decimal:
        """How far the price has gone since then, in percent."""
        before = self.ago(instrument, seconds)
        return ((self.price(instrument) / before - 1) * 100).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)

    def _skewed(self, instrument: Instrument, price: Decimal) -> Decimal:
        return instrument.price(price * self._skew.factor)
