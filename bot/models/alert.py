"""Alerts: when one fires, and when it may fire again. Prices in USD, changes as fractions, times in epoch seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.models.notice import Kind, Notice
from bot.models.price import Point

COOL_DOWN = 900.0
MOST_ACTIVE = 50
SLACK = 0.1
LEAST_SLACK = 90.0

Span = tuple[str, int]  # a series, and the seconds of a change


class AlertKind(StrEnum):
    """What the target is."""

    ABOVE = "above"
    BELOW = "below"
    CHANGE = "change"  # a rise, or a fall where the target is negative


@dataclass(frozen=True, slots=True)
class AlertWish:
    """An alert as it is asked for. `target`: a price, or the fraction of a change within `seconds`.

    `lasts`: the seconds until it ends by itself, None for never.
    """

    series: str
    kind: AlertKind
    target: Decimal
    seconds: int | None = None
    repeats: bool = False
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is kept. `set_at_price`: the price when it was set, where that was known.

    `fired_at`: when it fired; of one that repeats, None again once the price has come back. Until `quiet_until` it says
    nothing.
    """

    id: int
    user_id: int
    series: str
    kind: AlertKind
    target: Decimal
    seconds: int | None
    repeats: bool
    created_at: float
    set_at_price: Decimal | None = None
    quiet_until: float | None = None
    expires_at: float | None = None
    fired_at: float | None = None
    ended_at: float | None = None

    @property
    def has_fired_out(self) -> bool:
        """Whether it is over because it has said what it was to say."""
        return self.ended_at is not None and self.ended_at == self.fired_at


@dataclass(frozen=True, slots=True)
class Quote:
    """What a series costs, as `source` said it `at` that time."""

    price: Decimal
    source: str
    at: float

    @property
    def is_possible(self) -> bool:
        """Whether it is a price at all."""
        return self.price.is_finite() and self.price > 0


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert that was set. `quote` is None where the price was not known just then, or it was set before.

    `measures_from`: the first moment at which a change can be told; None where it can be already.
    """

    alert: Alert
    quote: Quote | None = None
    measures_from: float | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A person's active alerts, oldest first, with the prices as they were last seen."""

    alerts: tuple[Alert, ...]
    quotes: Mapping[str, Quote]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one alert that is `before` still, and what is said of it."""

    before: Alert
    after: Alert
    notice: Notice | None = None


def evaluate(
    alerts: Iterable[Alert], quotes: Mapping[str, Quote], past: Mapping[Span, Point], now: float
) -> list[Change]:
    """What follows for active alerts from these prices. A series without a quote changes nothing but what lapses.

    An alert fires at the first look that finds its price beyond the target, and says so once; one that repeats fires
    again after the price was back, and no sooner than COOL_DOWN after it fired. `past` has the prices that changes are
    measured from, by series and seconds; where one is missing, that change is not known.
    """
    changes = []
    for alert in alerts:
        if alert.expires_at is not None and alert.expires_at <= now:
            changes.append(Change(alert, replace(alert, ended_at=now), _lapsed(alert)))
        elif (quote := quotes.get(alert.series)) is not None:
            before = past.get((alert.series, alert.seconds)) if alert.seconds is not None else None
            beyond = is_beyond(alert, quote.price, before)
            if beyond is None:
                continue
            if not beyond and alert.fired_at is not None:
                changes.append(Change(alert, replace(alert, fired_at=None)))
            elif beyond and alert.fired_at is None and not is_quiet(alert, now):
                changes.append(Change(alert, _fired(alert, now), _told(alert, quote, before, now)))
    return changes


def is_beyond(what: Alert | AlertWish, price: Decimal, before: Point | None) -> bool | None:
    """Whether the target is reached or passed; None where a change cannot be told."""
    match what.kind:
        case AlertKind.ABOVE:
            return price >= what.target
        case AlertKind.BELOW:
            return price <= what.target
    if before is None:
        return None
    moved = change_between(before.price, price)
    return moved >= what.target if what.target > 0 else moved <= what.target


def is_quiet(alert: Alert, now: float) -> bool:
    """Whether it was snoozed or has just fired."""
    return alert.quiet_until is not None and now < alert.quiet_until


def change_between(before: Decimal, price: Decimal) -> Decimal:
    """The change as a fraction of what it was."""
    return price / before - 1


def slack_of(seconds: int) -> float:
    """How many seconds a price may be away from the moment so many seconds ago, and still be the price of then."""
    return max(LEAST_SLACK, seconds * SLACK)


def snoozed(alert: Alert, until: float) -> Alert:
    """Quiet until then, and after that as if it had not fired: also one that was over because it had."""
    ended_at = None if alert.has_fired_out else alert.ended_at
    return replace(alert, quiet_until=until, fired_at=None, ended_at=ended_at)


def _fired(alert: Alert, now: float) -> Alert:
    if alert.repeats:
        return replace(alert, fired_at=now, quiet_until=now + COOL_DOWN)
    return replace(alert, fired_at=now, ended_at=now, quiet_until=None)


def _told(alert: Alert, quote: Quote, before: Point | None, now: float) -> Notice:
    data = _said(alert) | {"price": format(quote.price, "f"), "source": quote.source, "at": quote.at}
    if before is not None:
        data |= {"before": format(before.price, "f"), "before_at": before.at}
    elif alert.set_at_price is not None:
        data |= {"before": format(alert.set_at_price, "f"), "before_at": alert.created_at}
    return Notice(alert.user_id, Kind.PRICE_ALERT, data, f"alert:{alert.id}:{now:.3f}")


def _lapsed(alert: Alert) -> Notice:
    return Notice(alert.user_id, Kind.PRICE_ALERT, _said(alert), f"alert:{alert.id}:lapsed")


def _said(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "series": alert.series,
        "kind": alert.kind.value,
        "target": format(alert.target, "f"),
        "seconds": alert.seconds,
        "repeats": alert.repeats,
    }
