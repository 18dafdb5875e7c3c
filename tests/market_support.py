"""A market desk of which a test needs a part."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bot.services.market_service import MarketService


def desk_of(**parts: Any) -> MarketService:
    """The parts that are given; the test does not touch the others."""
    return MarketService(**dict.fromkeys(field.name for field in fields(MarketService)) | parts)
