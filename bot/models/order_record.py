"""Our own record of an order: what was promised, what we know of it, and how that may change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from bot.models.decimals import plain
from bot.models.market import ZERO
from bot.models.order import IN_DOUBT, NewOrder, OrderState, OrderStatus, Refusal, VenueOrder
from bot.models.order_draft import Draft
from bot.models.trade import Fill


@dataclass(frozen=True, slots=True)
class Order:
    """One row of the journal of orders; `number` is how people call it. Times in seconds since the epoch.

    `quoted`: the price that was confirmed; `worth` (USD): what it counts for in the day's limit; `filled` (base) at
    `average`; `fee` in quote; `reason`: why it had no effect, in words of ours or the venue's.
    """

    number: int
    request_key: str
    user_id: int
    account_id: int
    order: NewOrder
    base: str
    quote: str
    quoted: Decimal
    worth: Decimal
    state: OrderState
    created_at: float
    venue_id: str | None = None
    filled: Decimal = ZERO
    average: Decimal | None = None
    fee: Decimal | None = None
    reason: str | None = None
    sent_at: float | None = None
    settled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found out about an order; `reason` as for an Order."""

    state: OrderState
    venue_id: str | None = None
    filled: Decimal = ZERO
    average: Decimal | None = None
    fee: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """Orders that a person has confirmed with one tap at the time `at`; `day_began`: when the day's limit did."""

    user_id: int
    drafts: tuple[Draft, ...]
    request_key: str
    at: float
    day_began: float

    @property
    def keys(self) -> list[str]:
        """The request key of each order: one tap may confirm several."""
        return [
            f"{self.request_key}#{place}" if place else self.request_key for place in range(len(self.drafts))
        ]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an intent came to: new orders that nobody has sent yet, or those that were promised before."""

    orders: tuple[Order, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """An order after something was noted of it; `notices`: how many were written down with that."""

    order: Order
    notices: int = 0


class Cause(StrEnum):
    """Why an order had no effect, where it was not the venue that refused it (else see Refusal)."""

    UNREACHED = "unreached"  # the venue could not be reached, or was busy: it was never sent
    ABSENT = "absent"  # it never arrived
    BY_HAND = "by hand"  # a person has looked, and it is not there


MAX_WORDS = 160


def because(cause: str, words: str = "") -> str:
    """A reason as it is kept: a Cause or a Refusal, and the venue's own words."""
    return f"{cause}: {words[:MAX_WORDS]}"


def told(order: Order) -> dict[str, str | int | None]:
    """What people are told of an order, as JSON values: numbers in plain digits, None where there is none."""
    sent = order.order
    numbers = {
        "amount": sent.amount,
        "price": sent.price,
        "filled": order.filled,
        "average": order.average,
        "fee": order.fee,
        "stop_loss": sent.stop_loss,
        "take_profit": sent.take_profit,
    }
    return {
        "number": order.number,
        "symbol": sent.symbol,
        "base": order.base,
        "quote": order.quote,
        "side": sent.side.value,
        "kind": sent.kind.value,
        "state": order.state.value,
        "reason": order.reason,
        **{name: None if number is None else plain(number) for name, number in numbers.items()},
    }


def outcome_of(seen: VenueOrder) -> Outcome:
    """What the venue's word comes to; what was filled before a rejection was filled all the same."""
    states = {
        OrderStatus.OPEN: OrderState.OPEN,
        OrderStatus.FILLED: OrderState.FILLED,
        OrderStatus.CANCELLED: OrderState.CANCELLED,
        OrderStatus.REJECTED: OrderState.CANCELLED if seen.filled else OrderState.REFUSED,
    }
    state = states[seen.status]
    reason = because(Refusal.OTHER) if state is OrderState.REFUSED else None
    return Outcome(state, seen.id, seen.filled, seen.average, seen.fee, reason)


def advanced(order: Order, outcome: Outcome, now: float) -> Order:
    """The order after the outcome; the same object where it changes nothing.

    What has ended stays as it ended. What the venue has accepted is never in doubt or absent again, and what was
    filled stays filled: an answer that is older than the last one changes nothing.
    """
    if order.state.is_final or not _may_follow(order.state, outcome.state):
        return order
    news = outcome.filled > order.filled
    after = replace(
        order,
        state=outcome.state,
        venue_id=outcome.venue_id or order.venue_id,
        filled=outcome.filled if news else order.filled,
        average=outcome.average if news else order.average,
        fee=outcome.fee if news or order.fee is None else order.fee,
        reason=outcome.reason or order.reason,
        sent_at=now if order.sent_at is None else order.sent_at,
        settled_at=now if outcome.state.is_final else None,
    )
    return order if after == order else after


def fill_between(before: Order, after: Order, now: float) -> Fill | None:
    """What was filled from one to the other; its price is what makes the averages right."""
    amount = after.filled - before.filled
    if amount <= 0:
        return None
    return Fill(
        order_number=after.number,
        filled_to=after.filled,
        user_id=after.user_id,
        account_id=after.account_id,
        account_type=after.order.account_type,
        symbol=after.order.symbol,
        side=after.order.side,
        amount=amount,
        price=(_cost(after) - _cost(before)) / amount,
        fee=(after.fee or ZERO) - (before.fee or ZERO),
        at=now,
        reduce_only=after.order.reduce_only,
    )


def _may_follow(state: OrderState, later: OrderState) -> bool:
    accepted = state is OrderState.OPEN
    return later is not OrderState.SENDING and not (
        accepted and (later in IN_DOUBT or later is OrderState.ABSENT)
    )


def _cost(order: Order) -> Decimal:
    """What was filled has cost, as well as we know."""
    price = order.average or order.order.price or order.quoted
    return order.filled * price
