"""What a person wants to trade, and what the desk makes of it before it is confirmed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.models.market import AccountType, Side
from bot.models.order import NewOrder, OrderKind

GOOD_FOR = 60.0  # seconds that a quoted price may be confirmed
MAX_DRIFT = Decimal("0.01")  # of the price, between the quote and the confirmation


@dataclass(frozen=True, slots=True)
class OrderWish:
    """An order as it was typed: `symbol` in any spelling, `amount` None for all there is, counted in `unit`
    (empty: the coin that is traded), at `price` (None: whatever the market's is)."""

    side: Side
    symbol: str
    amount: Decimal | None
    unit: str = ""
    price: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None


class Doubt(StrEnum):
    """Why an order is asked about twice."""

    LARGE = "large"
    FAR = "far"  # the price is far from the market's
    WIDE = "wide"  # what is asked and what is bid lie far apart


@dataclass(frozen=True, slots=True)
class Draft:
    """An order ready to be confirmed. Prices in `quote`; `worth` in USD; `fee` in quote, at most about that.

    `quoted` is the price it was reckoned with, at the time `at`. `asked_amount` and `asked_price` are what was
    rounded, None where nothing was. `wish` is what it was made of, None where something is closed.
    """

    order: NewOrder
    account_id: int
    base: str
    quote: str
    quoted: Decimal
    worth: Decimal
    fee: Decimal
    at: float
    asked_amount: Decimal | None = None
    asked_price: Decimal | None = None
    doubts: tuple[Doubt, ...] = ()
    wish: OrderWish | None = None

    @property
    def closes(self) -> bool:
        """Whether it only ends what there is: that goes on while trading is paused, and is not limited."""
        return self.wish is None

    def lapsed(self, now: float) -> bool:
        """Whether its price may not be confirmed any more."""
        return not 0 <= now - self.at <= GOOD_FOR

    def drifted(self, price: Decimal) -> bool:
        """Whether the market has moved too far from the quote."""
        return abs(price - self.quoted) > MAX_DRIFT * self.quoted


class UnreadableDraft(ValueError):
    """It was packed by another version."""


def pack(draft: Draft) -> str:
    """A draft as JSON, for the button that confirms it."""
    return json.dumps(asdict(draft), default=str, separators=(",", ":"))


def unpack(text: str) -> Draft:
    """The draft in what `pack` wrote; raises UnreadableDraft."""
    try:
        fields: dict[str, Any] = json.loads(text)
        draft: Draft = _read(Draft, fields, {"quoted", "worth", "fee", "asked_amount", "asked_price"})
        return replace(
            draft,
            order=_order(fields["order"]),
            doubts=tuple(map(Doubt, fields["doubts"])),
            wish=None if fields["wish"] is None else _wish(fields["wish"]),
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableDraft(str(error)) from error


def _order(fields: dict[str, Any]) -> NewOrder:
    order: NewOrder = _read(NewOrder, fields, {"amount", "price", "stop_loss", "take_profit"})
    return replace(
        order,
        account_type=AccountType(order.account_type),
        side=Side(order.side),
        kind=OrderKind(order.kind),
    )


def _wish(fields: dict[str, Any]) -> OrderWish:
    wish: OrderWish = _read(OrderWish, fields, {"amount", "price", "stop_loss", "take_profit"})
    return replace(wish, side=Side(wish.side))


def _read(kind: type[Any], fields: dict[str, Any], decimals: set[str]) -> Any:
    return kind(
        **{
            name: Decimal(value) if name in decimals and value is not None else value
            for name, value in fields.items()
        }
    )
