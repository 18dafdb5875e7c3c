"""What is traded: the steps and limits of each symbol, near those of the real exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

SPOT, LINEAR = "spot", "linear"
CATEGORIES = (SPOT, LINEAR, "inverse", "option")
QUOTE = "USDT"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol of a category. `start` is the price it moves around, `turnover` what a usual day trades, in USDT."""

    category: str
    symbol: str
    base: str
    start: Decimal
    tick: Decimal
    step: Decimal
    least: Decimal
    most: Decimal
    least_value: Decimal
    turnover: Decimal

    @property
    def is_spot(self) -> bool:
        return self.category == SPOT

    def price(self, value: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
        """The price of whole ticks near `value`, at least one tick."""
        return max((value / self.tick).to_integral_value(rounding) * self.tick, self.tick)

    def below(self, value: Decimal) -> Decimal:
        """The price of whole ticks at or under `value`."""
        return self.price(value, ROUND_FLOOR)

    def above(self, value: Decimal) -> Decimal:
        """The price of whole ticks at or over `value`."""
        return self.price(value, ROUND_CEILING)

    def amount(self, value: Decimal) -> Decimal:
        """The amount of whole steps that is not more than `value`."""
        return (value / self.step).to_integral_value(ROUND_FLOOR) * self.step


# symbol's base · price · tick · amount step · least amount · most · daily turnover in millions of USDT
_SPOT = """
BTC  84250      0.01          0.000001 0.000011 83        1900
ETH  2940       0.01          0.00001  0.00034  1229      1100
SOL  141.2      0.01          0.001    0.005    27000     420
XRP  2.214      0.0001        0.01     0.45     1900000   310
BNB  842.5      0.1           0.0001   0.0012   3400      45
DOGE 0.15212    0.00001       0.1      6.5      14000000  120
ADA  0.4318     0.0001        0.01     2.3      5300000   60
TRX  0.28135    0.00001       0.01     3.5      8200000   35
LINK 13.215     0.001         0.001    0.075    230000    40
LTC  88.41      0.01          0.00001  0.011    25000     22
SHIB 0.00000881 0.00000001    1        113000   225000000000 18
PEPE 0.00000462 0.000000001   1        216000   430000000000 75
"""
_LINEAR = """
BTC      84250    0.1        0.001  0.001  1190      9800
ETH      2940     0.01       0.01   0.01   7240      6100
SOL      141.2    0.01       0.1    0.1    79770     2300
XRP      2.214    0.0001     0.1    0.1    2750000   1400
BNB      842.5    0.1        0.01   0.01   13500     210
DOGE     0.15212  0.00001    1      1      41000000  620
ADA      0.4318   0.0001     1      1      12500000  240
1000PEPE 0.00462  0.0000001  100    100    590000000 330
"""


def _table(category: str, text: str) -> Iterable[Instrument]:
    for line in text.split("\n"):
        if line:
            base, *numbers = line.split()
            start, tick, step, least, most, millions = map(Decimal, numbers)
            limits = (least, most, Decimal(5), millions * 1_000_000)
            yield Instrument(category, base + QUOTE, base, start, tick, step, *limits)


INSTRUMENTS = {
    (instrument.category, instrument.symbol): instrument
    for instrument in (*_table(SPOT, _SPOT), *_table(LINEAR, _LINEAR))
}


def of_category(category: str) -> list[Instrument]:
    """All instruments of a category; none of inverse and option."""
    return [instrument for instrument in INSTRUMENTS.values() if instrument.category == category]
