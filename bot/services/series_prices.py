"""What a series costs, be it a metal or a coin."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from bot.models.lookup import Aged
from bot.models.price import Metal, Spot

METALS = frozenset(metal.value for metal in Metal)


class MetalPrices(Protocol):
    """Metals by the ounce."""

    async def get(self, metal: Metal) -> Aged[Spot]:
        """Raises PeerError."""


class CoinPrices(Protocol):
    """Coins by their symbol."""

    async def price(self, symbol: str) -> Aged[Decimal]:
        """Raises PeerError, UnknownSymbol."""


class SeriesPrices:
    """Asks whoever knows the series. A metal's future is called one, and counts as stale: it decides nothing."""

    def __init__(self, metals: MetalPrices, coins: CoinPrices) -> None:
        self._metals = metals
        self._coins = coins

    async def price(self, series: str) -> Aged[Decimal]:
        """Of XAU, BTC …, in USD. Raises PeerError, UnknownSymbol."""
        if series not in METALS:
            return await self._coins.price(series)
        found = await self._metals.get(Metal(series))
        spot = found.value
        source = f"{spot.source} futures" if spot.is_futures else spot.source
        return Aged(spot.price, source, found.age, found.stale or spot.is_futures)
