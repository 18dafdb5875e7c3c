"""What the bot says when an alert has fired, or has lapsed. JSON values, prices and fractions as decimals in text:

id, series, kind: an AlertKind, target, seconds: of a change, repeats: bool; of one that has fired also price, source
and at: when that was the price, and where known before and before_at: the price that a change is measured from, or the
one when the alert was set
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.models.alert import AlertKind, change_between
from bot.models.offer import Action
from bot.views.alerts import condition, series_name
from bot.views.amounts import exact, percent
from bot.views.reply import Button, Reply
from bot.views.text import DAY, ago, escaped

Data = Mapping[str, Any]


def price_alert(data: Data, now: float) -> Reply:
    """It has come true; or its time is over."""
    target = condition(data["series"], data["kind"], Decimal(data["target"]), data["seconds"])
    everything = Button("All alerts", Action("alerts", (0,)))
    if "price" not in data:
        text = f"Your alert is over, its time has passed: {target}.\nTo set another: /alert"
        return Reply((text,), good_for=DAY).with_buttons([everything])
    reply = Reply((f"Alert: {target}.\n{_prices(data, now)}",), good_for=DAY)
    snooze = Button("Snooze 1 h", Action("snooze alert", (data["id"], None)))
    delete = Button("Delete", Action("delete alert", (data["id"], None)))
    return reply.with_buttons([snooze, delete] if data["repeats"] else [snooze], [everything])


def _prices(data: Data, now: float) -> str:
    price = Decimal(data["price"])
    source = f"({escaped(data['source'])}, {ago(now - data['at'])})"
    if "before" not in data:
        return f"{series_name(data['series'])} is at <b>{exact(price)}</b> {source}."
    before = Decimal(data["before"])
    then = ago(now - data["before_at"])
    moved = percent(change_between(before, price))
    was = "" if data["kind"] == AlertKind.CHANGE else " when you set it"
    return f"It was {exact(before)}{was} ({then}); now <b>{exact(price)}</b> {source}: {moved}."
