"""How much of an alloy is precious: karat/24 (24K counts as .999), the stamps in thousandths, and coins.

A troy ounce is 31.1034768 g. A coin is worth the pure silver it was made with, in troy ounces; worn ones hold less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.models.price import Metal

OUNCE = Decimal("31.1034768")  # grams
FINE = Decimal("0.999")
KARATS = range(8, 25)

GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "dwt": OUNCE / 20,
    "ozt": OUNCE,
    "ozav": Decimal("28.349523125"),
    "grain": OUNCE / 480,
}
UNITS = {
    **dict.fromkeys(("g", "gram", "grams", "gramme", "grammes"), "g"),
    **dict.fromkeys(("kg", "kilo", "kilos", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("dwt", "pennyweight", "pennyweights"), "dwt"),
    **dict.fromkeys(("ozt", "toz"), "ozt"),
    "ozav": "ozav",
    **dict.fromkeys(("grain", "grains"), "grain"),
}

METALS = {
    **dict.fromkeys(("gold", "au"), Metal.GOLD),
    **dict.fromkeys(("silver", "ag"), Metal.SILVER),
    **dict.fromkeys(("platinum", "plat", "pt"), Metal.PLATINUM),
    **dict.fromkeys(("palladium", "pd"), Metal.PALLADIUM),
}
STAMPS: Mapping[int, Metal] = {  # those that are one metal's alone
    **dict.fromkeys((333, 375, 416, 417, 583, 585, 750, 916, 917), Metal.GOLD),
    **dict.fromkeys((800, 830, 835, 925, 958), Metal.SILVER),
}
PLATED = frozenset({"plated", "plate", "gp", "hgp", "rgp", "hge", "gf", "rgf", "filled", "epns", "1/20"})


@dataclass(frozen=True, slots=True)
class Alloy:
    """A metal and the part of it that is precious (0 to 1)."""

    name: str
    metal: Metal
    fineness: Decimal


@dataclass(frozen=True, slots=True)
class SilverCoin:
    """A coin of the US by what it holds, in troy ounces of silver."""

    name: str
    ounces: Decimal


def karat(number: int) -> Decimal:
    """The fineness of so many karats, 8 to 24."""
    return FINE if number == KARATS[-1] else Decimal(number) / KARATS[-1]


ALLOYS = (
    *(Alloy(f"{number}K", Metal.GOLD, karat(number)) for number in (8, 9, 10, 14, 18, 21, 22, 24)),
    Alloy("Sterling", Metal.SILVER, Decimal("0.925")),
    Alloy("Coin", Metal.SILVER, Decimal("0.900")),
    Alloy("950 Pt", Metal.PLATINUM, Decimal("0.950")),
    Alloy("950 Pd", Metal.PALLADIUM, Decimal("0.950")),
)
NAMED = {
    "sterling": Alloy("sterling", Metal.SILVER, Decimal("0.925")),
    "coin": Alloy("coin silver", Metal.SILVER, Decimal("0.900")),
    "britannia": Alloy("britannia", Metal.SILVER, Decimal("0.958")),
}
_COINS = (
    (("dime", "dimes"), SilverCoin("dime", Decimal("0.07234"))),
    (("quarter", "quarters"), SilverCoin("quarter", Decimal("0.18085"))),
    (("half", "halves"), SilverCoin("half dollar", Decimal("0.36169"))),
    (("morgan", "morgans"), SilverCoin("Morgan dollar", Decimal("0.77345"))),
    (("peace",), SilverCoin("Peace dollar", Decimal("0.77345"))),
)
COINS = {word: coin for words, coin in _COINS for word in words}
