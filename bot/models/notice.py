"""What the bot says on its own: kinds, and one message on its way to one chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

THE_WEBHOOK = 0  # `to` of what goes to the alert address instead of a chat


class Kind(StrEnum):
    """What a notice is about; each can be muted by those who get it, but for the answers to what one asked
    for, and what cannot wait."""

    EXPIRES = "expires"  # a held proxy has 7, 3 or 1 days left
    FREED = "freed"  # somebody deleted the entry of a held proxy
    REPLACED = "replaced"  # a proxy that was handed out early was somebody else's; here is another
    LOST = "lost"  # … and there is no other
    ROTATED = "rotated"  # the password of a held proxy was changed in the sheet
    TURN = "turn"  # one is free, kept for whoever stood first in line
    TURN_LAPSED = "turn lapsed"  # nobody took what was kept
    TRANSFER = "transfer"  # a colleague wants to hand one over
    ANSWERED = "answered"  # a colleague has taken it, or not
    ROLE = "role"  # somebody's role was changed
    PREVIEW_LAPSED = "preview lapsed"  # an edit of the preview's message
    LOW_STOCK = "low stock"
    RENEWALS = "renewals"  # proxies that are due for renewal
    ROWS = "rows"  # new unreadable or duplicate rows
    ACCESS = "access"  # somebody asks for access
    BAD = "bad"  # a proxy was reported as not working
    OUTAGE = "outage"  # Google is away, or back
    ATTENTION = "attention"  # something that an admin has to look at has begun
    REMOVALS = "removals"  # many entries were deleted at once: an admin's word is needed
    ORDER = "order"  # what has become of an order, found out after the answer
    ORDER_STUCK = "order stuck"  # nobody knows what has become of one: a person has to look
    KEY_REFUSED = "key refused"  # an exchange takes the key of somebody's account no longer
    POSITION_CLOSED = "position closed"  # liquidated, stopped out, or closed in the exchange's own app
    LIQUIDATION_NEAR = "liquidation near"
    PRICE_ALERT = "price alert"  # one that a person has set has fired, or has lapsed


ANSWERS = frozenset(
    {
        Kind.TURN,
        Kind.TURN_LAPSED,
        Kind.TRANSFER,
        Kind.ANSWERED,
        Kind.ROLE,
        Kind.PREVIEW_LAPSED,
        Kind.ORDER,
        Kind.ORDER_STUCK,
        Kind.KEY_REFUSED,
    }
)
FOR_ADMINS = frozenset(
    {
        Kind.LOW_STOCK,
        Kind.RENEWALS,
        Kind.ROWS,
        Kind.ACCESS,
        Kind.BAD,
        Kind.OUTAGE,
        Kind.ATTENTION,
        Kind.REMOVALS,
    }
)
FOR_ANYBODY = frozenset(
    {Kind.ROLE, Kind.FREED, Kind.LOST, Kind.PREVIEW_LAPSED, Kind.ORDER, Kind.ORDER_STUCK}
)  # also who was let in no more
FOR_EVERYBODY = frozenset(Kind) - ANSWERS - FOR_ADMINS
AT_ANY_TIME = ANSWERS | {Kind.LIQUIDATION_NEAR}  # also in somebody's quiet hours


@dataclass(frozen=True, slots=True)
class Notice:
    """`to`: the chat; `data`: JSON values that the view needs; `key`: what has this key is said once, ever.

    `until` among the data (epoch seconds) says from when on it is no use to say it.
    """

    to: int
    kind: Kind
    data: Mapping[str, Any]
    key: str | None = None
