"""What scrap is worth melted: grams of pure metal / 31.1034768 x the price of an ounce."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.models.fineness import GRAMS, OUNCE, Alloy, SilverCoin
from bot.models.lookup import Aged
from bot.models.price import Metal, Spot

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Piece:
    """`count` pieces of `amount` each in the unit it was written in; of coins, `amount` of them and no unit.

    `of` is None for what is only plated: nothing of it is precious.
    """

    amount: Decimal
    unit: str
    of: Alloy | SilverCoin | None
    count: int = 1

    @property
    def metal(self) -> Metal | None:
        """What of it is precious."""
        match self.of:
            case Alloy(metal=metal):
                return metal
            case SilverCoin():
                return Metal.SILVER
        return None

    @property
    def pure(self) -> Decimal:
        """Grams of pure metal."""
        match self.of:
            case Alloy(fineness=fineness):
                return self.amount * self.count * GRAMS[self.unit] * fineness
            case SilverCoin(ounces=ounces):
                return self.amount * self.count * ounces * OUNCE
        return ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """A piece and what it is worth, in USD and cents."""

    piece: Piece
    value: Decimal


@dataclass(frozen=True, slots=True)
class Melt:
    """What all of it is worth, and what is paid for it at so much of the worth (`factors`, of the metals in it).

    `buy` is None where a price is stale: what is old decides no purchase.
    """

    parts: tuple[Part, ...]
    total: Decimal
    buy: Decimal | None
    quotes: Mapping[Metal, Aged[Spot]]
    factors: Mapping[Metal, Decimal]


def metals_of(pieces: Sequence[Piece]) -> tuple[Metal, ...]:
    """Whose prices are needed, each once, in the order of the metals."""
    there = {piece.metal for piece in pieces}
    return tuple(metal for metal in Metal if metal in there)


def melt(
    pieces: Sequence[Piece], quotes: Mapping[Metal, Aged[Spot]], factors: Mapping[Metal, Decimal]
) -> Melt:
    """What the pieces are worth at these prices; there is one for each of their metals."""
    parts = tuple(Part(piece, _value(piece, quotes)) for piece in pieces)
    paid = sum((part.value * factors[metal] for part in parts if (metal := part.piece.metal)), ZERO)
    is_old = any(quote.stale for quote in quotes.values())
    return Melt(
        parts,
        sum((part.value for part in parts), ZERO),
        None if is_old else paid,
        quotes,
        {metal: factors[metal] for metal in quotes},
    )


def _value(piece: Piece, quotes: Mapping[Metal, Aged[Spot]]) -> Decimal:
    """In whole cents, so that the total is the sum of what people read."""
    metal = piece.metal
    return ZERO if metal is None else (piece.pure / OUNCE * quotes[metal].value.price).quantize(CENT)
