"""What scrap is worth now, and what is paid for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from bot.models.lookup import Aged
from bot.models.melt import Melt, Piece, melt, metals_of
from bot.models.price import Metal, Spot
from bot.resilience.slots import resting


class Prices(Protocol):
    """What metals cost."""

    async def get(self, metal: Metal) -> Aged[Spot]:
        """An ounce; raises PeerUnavailable."""


class Melting:
    """Values scrap; `factors`: which part of its worth is paid for each metal."""

    def __init__(self, prices: Prices, factors: Mapping[Metal, Decimal]) -> None:
        self._prices = prices
        self._factors = factors

    async def value(self, pieces: Sequence[Piece]) -> Melt:
        """At the prices of now; raises PeerUnavailable where one that is needed was never known."""
        metals = metals_of(pieces)
        async with resting():
            quotes = await asyncio.gather(*(self._prices.get(metal) for metal in metals))
        return melt(pieces, dict(zip(metals, quotes, strict=True)), self._factors)
