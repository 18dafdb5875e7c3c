"""A trading desk of which a test needs a part."""

from __future__ import annotations

from typing import Any

from bot.services.trading_service import TradingService


def desk_of(**parts: Any) -> TradingService:
    """The parts that are given; the test does not touch the others."""
    return TradingService(**dict.fromkeys(("accounts", "lookups", "orders", "trades")) | parts)
