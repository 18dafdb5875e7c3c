"""What the bot says on its own about positions. JSON values, prices and amounts as decimals in text:

position closed   account, symbol, side (buy: long), amount, entry; as last seen, where known: mark, liquidation,
                  stop_loss, take_profit
liquidation near  account, symbol, side, amount, mark, liquidation, distance: as a fraction of mark
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bot.models.market import Side
from bot.models.notice import Kind
from bot.views.reply import Reply, one
from bot.views.text import escaped

Data = Mapping[str, Any]

LAST_SEEN = {
    "mark": "price",
    "stop_loss": "stop loss",
    "take_profit": "take profit",
    "liquidation": "liquidation",
}


def closed(data: Data, _: float) -> Reply:
    """It is gone, and not by an order that went through the desk."""
    known = [f"{name} {escaped(data[field])}" for field, name in LAST_SEEN.items() if field in data]
    seen = f"When I last saw it: {', '.join(known)}.\n" if known else ""
    return one(
        f"{_position(data)}, entered at {escaped(data['entry'])}, is closed, and not by an order from here: "
        "it was liquidated, its stop loss or take profit was hit, or it was closed in the exchange's own app.\n"
        f"{seen}What is left: /positions, /balance"
    )


def near_liquidation(data: Data, _: float) -> Reply:
    """The price has come close to where the venue closes the position."""
    away = Decimal(data["distance"]) * 100
    return one(
        f"<b>Liquidation is near.</b> {_position(data)} is liquidated at {escaped(data['liquidation'])}; "
        f"the price is {escaped(data['mark'])}, {away:.1f} % away.\n"
        f"To close it: /close {escaped(data['symbol'])}. Or add to your balance at the exchange."
    )


VIEWS: Mapping[Kind, Callable[[Data, float], Reply]] = {
    Kind.POSITION_CLOSED: closed,
    Kind.LIQUIDATION_NEAR: near_liquidation,
}


def _position(data: Data) -> str:
    way = "long" if data["side"] == Side.BUY else "short"
    return (
        f"Your position <b>{escaped(data['symbol'])}</b> {way} {escaped(data['amount'])} "
        f"({escaped(data['account'])})"
    )
