"""Orders: what is asked for, what the venue says of it, and what we know of it ourselves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.models.market import ZERO, AccountType, Side


class OrderKind(StrEnum):
    """At whatever price there is, or at one price or better."""

    MARKET = "market"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """One order as it is sent. `amount` in base, `price` and the stops in quote; all are whole steps already.

    `client_id` is ours: 1 to 32 letters and digits, stored before anything is sent, never used twice.
    """

    client_id: str
    symbol: str
    account_type: AccountType
    side: Side
    kind: OrderKind
    amount: Decimal
    price: Decimal | None = None
    reduce_only: bool = False
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None


class OrderStatus(StrEnum):
    """What the venue says has become of an order."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"  # perhaps after a part was filled
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self is not OrderStatus.OPEN


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue has it. `filled` of `amount` (base) at `average` (None while nothing is);
    `fee` in quote, None where the venue does not tell; `client_id` empty where it was not placed by us."""

    id: str
    client_id: str
    symbol: str
    account_type: AccountType
    side: Side
    kind: OrderKind
    status: OrderStatus
    amount: Decimal
    filled: Decimal = ZERO
    price: Decimal | None = None
    average: Decimal | None = None
    fee: Decimal | None = None
    reduce_only: bool = False
    created_at: float = 0.0
    updated_at: float = 0.0


class OrderState(StrEnum):
    """What we know of an order of ours. Only the venue's own word, or its proven absence, ends one."""

    SENDING = "sending"  # written down; perhaps sent: after a crash nobody knows
    UNKNOWN = "unknown"  # sent, and no answer came: being looked for
    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the venue said no, or it was never sent: it had no effect
    ABSENT = "absent"  # looked for until it could not arrive any more: it had no effect

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to be found out."""
        return self not in UNSETTLED


UNSETTLED = frozenset({OrderState.SENDING, OrderState.UNKNOWN, OrderState.OPEN})
IN_DOUBT = frozenset({OrderState.SENDING, OrderState.UNKNOWN})


class Refusal(StrEnum):
    """Why a venue refuses an order."""

    FUNDS = "funds"
    RULES = "rules"  # its amount or price is not as the venue wants it
    DUPLICATE = "duplicate"  # it has an order with that client id: look it up
    NOT_FOUND = "not found"  # there is no such open order
    KEY = "key"  # the key is wrong, has lapsed, or may not do this
    MARKET = "market"  # the symbol is not traded, or not now
    OTHER = "other"
