"""What the market desk needs of public sources; a gateway for each implements one of these.

All raise PeerUnavailable, PeerBusy where they ask to slow down, PeerRefused where they do not offer what was asked for.
An answer that is not whole, or not in USD, is PeerUnavailable too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.models.price import Candle, Coin, Metal, Spot


class SpotSource(Protocol):
    """Prices of metals. `name` is that of the settings."""

    name: str

    async def spot(self, metal: Metal) -> Spot:
        """What an ounce costs now."""


class CoinSource(Protocol):
    """Lists of coins. `name` is that of the settings."""

    name: str

    async def coins(self) -> Sequence[Coin]:
        """All it lists, or the largest some hundred of them."""


class CandleSource(Protocol):
    """Past prices of coins. `name` is that of the settings."""

    name: str

    async def candles(self, symbol: str, seconds: int, limit: int) -> Sequence[Candle]:
        """The last `limit` intervals of so many seconds (60, 300, 3600, 14400, 86400), oldest first, for BTC, ETH …"""
