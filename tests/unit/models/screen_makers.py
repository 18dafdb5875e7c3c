"""Coins as sources list them, and rows of the merged list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.models.price import Coin
from bot.models.screening import Listed

D = Decimal


def a_coin(symbol: str, price: str, source: str = "binance", **figures: Any) -> Coin:
    """Figures as text, or None."""
    exact = {
        name: D(value) if isinstance(value, str) and name != "name" else value
        for name, value in figures.items()
    }
    return Coin(**{"symbol": symbol, "price": D(price), "at": 1_800_000_000.0, "source": source} | exact)


def a_row(symbol: str, price: str = "1", **figures: Any) -> Listed:
    """One source lists it."""
    source = figures.pop("source", "binance")
    exact = {
        name: D(value) if isinstance(value, str) and name != "name" else value
        for name, value in figures.items()
    }
    given = {
        "symbol": symbol,
        "price": D(price),
        "at": 1_800_000_000.0,
        "source": source,
        "sources": (source,),
    }
    return Listed(**given | exact)
