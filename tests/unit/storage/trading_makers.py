"""Fills for the tests beside this file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.models.market import AccountType, Side
from bot.models.trade import Fill

NOW = 1_800_000_000.0
ANNA = 7


def fill(number: int, side: Side = Side.BUY, amount: str = "1", price: str = "100", **changes: Any) -> Fill:
    """All of one order, a perpetual of account 1."""
    whole = Decimal(amount)
    made = Fill(
        order_number=number,
        filled_to=whole,
        user_id=ANNA,
        account_id=1,
        account_type=AccountType.LINEAR,
        symbol="BTCUSDT",
        side=side,
        amount=whole,
        price=Decimal(price),
        fee=Decimal("0.5"),
        at=NOW + number,
    )
    return replace(made, **changes)
