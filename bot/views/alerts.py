"""/alert: what is watched for, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal

from bot.errors import AlreadyThere, QuartermasterError, TooManyAlerts, UnknownAlert, UnknownSymbol
from bot.models.alert import Alert, AlertKind, AlertWish, Listed, NewAlert, Quote, is_quiet
from bot.models.offer import Action
from bot.models.price import Metal
from bot.views.amounts import exact, percent
from bot.views.reply import EARLIER, FURTHER, Button, Reply, one
from bot.views.text import DAY, HOUR, MINUTE, ago, count_of, escaped
from bot.views.text import listed as either

PAGE = 5
GOOD_FOR = 6 * 3600.0
ASKING = "I am still asking for the price …"
HOW = "Write for example: /alert BTC &gt; 70000, /alert gold &lt; 2700 repeat or /alert ETH +5% 1h for 7d"
ONCE = "I tell you once"
EACH_TIME = "I tell you each time it comes true, at most every 15 minutes"

METALS = {
    Metal.GOLD.value: "Gold",
    Metal.SILVER.value: "Silver",
    Metal.PLATINUM.value: "Platinum",
    Metal.PALLADIUM.value: "Palladium",
}


def created(new: NewAlert, zone: tzinfo, now: float) -> Reply:
    """It is set: what it waits for, and the price it starts from."""
    alert = new.alert
    lines = [
        f"Set: {described(alert)}.",
        _price_line(new, now),
        _waiting_line(new, zone),
        _how_often(alert, zone),
    ]
    text = "\n".join(line for line in lines if line)
    return Reply((text,), good_for=GOOD_FOR).with_buttons([_deleting(alert), _all()])


def listed(found: Listed, page: int, zone: tzinfo, now: float) -> Reply:
    """A page of a person's alerts, each with its buttons."""
    if not found.alerts:
        return Reply((f"You have no alerts.\n{HOW}",))
    last = (len(found.alerts) - 1) // PAGE
    page = min(max(page, 0), last)
    shown = list(enumerate(found.alerts, start=1))[page * PAGE : (page + 1) * PAGE]
    head = f"<b>Your alerts</b>: {len(found.alerts)}" + (f", page {page + 1} of {last + 1}" if last else "")
    lines = [_line(number, alert, found.quotes.get(alert.series), zone, now) for number, alert in shown]
    turning = [Button(EARLIER, Action("alerts", (page - 1,)))] if page else []
    turning += [Button(FURTHER, Action("alerts", (page + 1,)))] if page < last else []
    rows = [_buttons(number, alert, page) for number, alert in shown]
    return Reply(("\n".join([head, *lines]),), good_for=GOOD_FOR).with_buttons(*rows, turning)


def snoozed(alert: Alert, zone: tzinfo) -> Reply:
    """Said in place of the notice."""
    until = _moment(alert.quiet_until, zone)
    text = f"Snoozed until {until}: {described(alert)}.\nAfter that I tell you if it is so."
    return Reply((text,), good_for=GOOD_FOR).with_buttons([_deleting(alert), _all()])


def deleted(alert: Alert) -> Reply:
    """It is gone."""
    return Reply((f"Deleted: {described(alert)}.",), good_for=GOOD_FOR).with_buttons([_all()])


def unknown_series(error: UnknownSymbol) -> Reply:
    """A name that nobody has a price for."""
    remedy = (
        f"Did you mean {escaped(either(error.nearest))}?"
        if error.nearest
        else "Write a coin or a metal, for example BTC or gold."
    )
    return one(f"I know no price of “{escaped(error.symbol)}”; nothing was set.\n{remedy}")


def described(what: Alert | AlertWish) -> str:
    """`BTC above 70,000`, `Gold +5% within 1 h`."""
    return condition(what.series, what.kind, what.target, what.seconds)


def condition(series: str, kind: str, target: Decimal, seconds: int | None) -> str:
    """What an alert waits for."""
    name = f"<b>{series_name(series)}</b>"
    if kind == AlertKind.CHANGE:
        return f"{name} {percent(target)} within {_span(seconds)}"
    return f"{name} {kind} {exact(target)}"


def series_name(series: str) -> str:
    """As people call it."""
    return METALS.get(series, escaped(series))


def explain(error: QuartermasterError) -> str | None:
    """The text for an error of alerts; None for any other."""
    match error:
        case AlreadyThere(kind=AlertKind.CHANGE):
            moved = f"{percent(error.found)} within {_span(error.seconds)}"
            return (
                f"{series_name(error.series)} has moved by {moved} already "
                f"({escaped(error.source)}); nothing was set.\nChoose a greater change, or another time."
            )
        case AlreadyThere():
            other = "<" if error.kind == AlertKind.ABOVE else ">"
            return (
                f"{series_name(error.series)} is {error.kind} that already: {exact(error.found)} "
                f"({escaped(error.source)}); nothing was set.\nChoose another price, or write {escaped(other)}."
            )
        case TooManyAlerts():
            return f"You have {error.limit} alerts, and more I do not watch. Nothing was set.\nDelete some: /alert"
        case UnknownAlert():
            return "That alert is over.\nSee /alert for those you have."
    return None


def _line(number: int, alert: Alert, quote: Quote | None, zone: tzinfo, now: float) -> str:
    parts = [described(alert), "repeats" if alert.repeats else "once", *_states(alert, zone, now)]
    seen = f"\n   now {_priced(quote, now)}" if quote else "\n   no price yet"
    return f"{number}. {' · '.join(parts)}{seen}"


def _states(alert: Alert, zone: tzinfo, now: float) -> Iterable[str]:
    if is_quiet(alert, now):
        yield f"quiet until {_moment(alert.quiet_until, zone)}"
    elif alert.fired_at is not None:
        yield "has fired, waits for the price to come back"
    if alert.expires_at is not None:
        yield f"until {_moment(alert.expires_at, zone)}"


def _buttons(number: int, alert: Alert, page: int) -> list[Button]:
    """What a button carries is what will be, not "the other way round": tapped twice, it does the same."""
    repeats = "Once" if alert.repeats else "Repeat"
    return [
        Button(f"{number}: Snooze 1 h", Action("snooze alert", (alert.id, page))),
        Button(f"{number}: {repeats}", Action("repeat alert", (alert.id, int(not alert.repeats), page))),
        Button(f"{number}: Delete", Action("delete alert", (alert.id, page))),
    ]


def _deleting(alert: Alert) -> Button:
    return Button("Delete", Action("delete alert", (alert.id, None)))


def _all() -> Button:
    return Button("All alerts", Action("alerts", (0,)))


def _price_line(new: NewAlert, now: float) -> str:
    if new.quote is not None:
        return f"Now: {_priced(new.quote, now)}."
    if new.alert.set_at_price is not None:
        return f"Then: {exact(new.alert.set_at_price)}."
    return "There is no fresh price just now: I look as soon as there is one."


def _waiting_line(new: NewAlert, zone: tzinfo) -> str:
    if new.measures_from is None:
        return ""
    span, moment = _span(new.alert.seconds), _moment(new.measures_from, zone)
    return f"I have no price from {span} ago yet: it can come true from {moment} on."


def _priced(quote: Quote, now: float) -> str:
    return f"{exact(quote.price)} ({escaped(quote.source)}, {ago(now - quote.at)})"


def _how_often(alert: Alert, zone: tzinfo) -> str:
    until = f", until {_moment(alert.expires_at, zone)}" if alert.expires_at is not None else ""
    return f"{EACH_TIME if alert.repeats else ONCE}{until}."


def _span(seconds: int | None) -> str:
    """`1 h`, `90 min`, `7 d`: in the largest unit that leaves nothing over."""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return count_of(seconds or 0, "second")


def _moment(at: float | None, zone: tzinfo) -> str:
    return "" if at is None else datetime.fromtimestamp(at, zone).strftime("%d %b %H:%M")
