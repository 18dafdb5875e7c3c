"""Alerts as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import AlreadyThere, TooManyAlerts, UnknownAlert, UnknownSymbol
from bot.models.alert import Alert, AlertKind, Listed, NewAlert, Quote
from bot.models.alert_wish import BadWish, Flaw, read_wish
from bot.models.decimals import BadNumber
from bot.models.notice import Kind
from bot.models.offer import Action
from bot.views import alert_usage, alerts
from bot.views.errors import explain
from bot.views.notices import render

D = Decimal
NOW = 1_795_867_200.0  # 28 November 2026, 12:00 UTC
ABOVE, CHANGE = AlertKind.ABOVE, AlertKind.CHANGE
QUOTE = Quote(D("68000.50"), "binance", NOW - 3)
FIRED = {
    "id": 5,
    "series": "BTC",
    "kind": "above",
    "target": "70000",
    "seconds": None,
    "repeats": False,
    "price": "70123.40",
    "source": "binance",
    "at": NOW - 3,
    "before": "68000.50",
    "before_at": NOW - 7200,
}
LAPSED = {name: FIRED[name] for name in ("id", "series", "kind", "target", "seconds", "repeats")}


def an_alert(number: int = 5, **changes: Any) -> Alert:
    return replace(Alert(number, 7, "BTC", ABOVE, D("70000.00"), None, False, NOW, D("68000.50")), **changes)


def labels(reply) -> list[str]:
    return [button.text for button in reply.buttons]


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        (
            NewAlert(an_alert(), QUOTE),
            ["Set: <b>BTC</b> above 70,000.", "Now: 68,000.5 (binance, 3 s ago).", "I tell you once."],
        ),
        (
            NewAlert(an_alert(series="XAU", kind=AlertKind.BELOW, repeats=True, expires_at=NOW + 7 * 86400)),
            [
                "Set: <b>Gold</b> below 70,000.",
                "Then: 68,000.5.",
                "I tell you each time it comes true, at most every 15 minutes, until 05 Dec 12:00.",
            ],
        ),
        (
            NewAlert(
                an_alert(kind=CHANGE, target=D("-0.025"), seconds=5400, set_at_price=None), None, NOW + 600
            ),
            [
                "Set: <b>BTC</b> −2.50% within 90 min.",
                "There is no fresh price just now: I look as soon as there is one.",
                "I have no price from 90 min ago yet: it can come true from 28 Nov 12:10 on.",
                "I tell you once.",
            ],
        ),
    ],
)
def test_what_was_set_is_read_back(new, lines):
    """With the price it starts from."""
    reply = alerts.created(new, UTC, NOW)
    assert lines == reply.texts[0].split("\n")
    assert ["Delete", "All alerts"] == labels(reply)


def test_the_list():
    """Each with what it does, what it costs now, and three buttons; pages where there are many."""
    states = (
        an_alert(1),
        an_alert(2, repeats=True, fired_at=NOW - 60),
        an_alert(3, series="<X>", quiet_until=NOW + 60, expires_at=NOW + 3600),
    )
    reply = alerts.listed(Listed(states, {"BTC": QUOTE}), 0, UTC, NOW)
    assert [
        "<b>Your alerts</b>: 3",
        "1. <b>BTC</b> above 70,000 · once",
        "   now 68,000.5 (binance, 3 s ago)",
        "2. <b>BTC</b> above 70,000 · repeats · has fired, waits for the price to come back",
        "   now 68,000.5 (binance, 3 s ago)",
        "3. <b>&lt;X&gt;</b> above 70,000 · once · quiet until 28 Nov 12:01 · until 28 Nov 13:00",
        "   no price yet",
    ] == reply.texts[0].split("\n")
    assert [
        ("1: Snooze 1 h", Action("snooze alert", (1, 0))),
        ("1: Repeat", Action("repeat alert", (1, 1, 0))),
        ("1: Delete", Action("delete alert", (1, 0))),
        ("2: Snooze 1 h", Action("snooze alert", (2, 0))),
        ("2: Once", Action("repeat alert", (2, 0, 0))),
        ("2: Delete", Action("delete alert", (2, 0))),
    ] == [(button.text, button.action) for button in reply.buttons][:6]


def test_pages_of_the_list():
    """Five at a time; a page that is not there any more is the last one."""
    found = Listed(tuple(an_alert(number) for number in range(1, 12)), {})
    turning = [labels(alerts.listed(found, page, UTC, NOW))[-2:] for page in (0, 1, 2)]
    assert [["5: Delete", "Next ›"], ["‹ Previous", "Next ›"], ["11: Delete", "‹ Previous"]] == turning
    assert alerts.listed(found, 2, UTC, NOW) == alerts.listed(found, 9, UTC, NOW)
    assert alerts.listed(found, 0, UTC, NOW) == alerts.listed(found, -1, UTC, NOW)
    nothing = alerts.listed(Listed((), {}), 3, UTC, NOW)
    assert ("You have no alerts.\n" + alerts.HOW, []) == (nothing.texts[0], labels(nothing))


def test_snoozed_and_deleted():
    """Which one it was, and until when."""
    quiet = alerts.snoozed(an_alert(quiet_until=NOW + 3600), UTC)
    assert (
        "Snoozed until 28 Nov 13:00: <b>BTC</b> above 70,000.\nAfter that I tell you if it is so."
        == quiet.texts[0]
    )
    assert "Deleted: <b>BTC</b> above 70,000." == alerts.deleted(an_alert()).texts[0]


@pytest.mark.parametrize(
    ("data", "text", "buttons"),
    [
        (
            FIRED,
            (
                "Alert: <b>BTC</b> above 70,000.\n"
                "It was 68,000.5 when you set it (2 h ago); now <b>70,123.4</b> (binance, 3 s ago): +3.12%."
            ),
            ["Snooze 1 h", "All alerts"],
        ),
        (
            FIRED
            | {
                "kind": "change",
                "target": "0.05",
                "seconds": 3600,
                "repeats": True,
                "series": "XAG",
                "before": "30",
                "before_at": NOW - 3540,
                "price": "31.5",
            },
            (
                "Alert: <b>Silver</b> +5.00% within 1 h.\n"
                "It was 30 (59 min ago); now <b>31.5</b> (binance, 3 s ago): +5.00%."
            ),
            ["Snooze 1 h", "Delete", "All alerts"],
        ),
        (
            {name: value for name, value in FIRED.items() if not name.startswith("before")},
            "Alert: <b>BTC</b> above 70,000.\nBTC is at <b>70,123.4</b> (binance, 3 s ago).",
            ["Snooze 1 h", "All alerts"],
        ),
        (
            LAPSED,
            ("Your alert is over, its time has passed: <b>BTC</b> above 70,000.\nTo set another: /alert"),
            ["All alerts"],
        ),
    ],
)
def test_what_an_alert_says(data, text, buttons):
    """Target, both prices, the source, and how old they are."""
    reply = render(Kind.PRICE_ALERT, data, NOW, NOW)
    assert ((text,), buttons) == (reply.texts, labels(reply))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            AlreadyThere("BTC", "above", D("70123.4"), "binance", None),
            "BTC is above that already: 70,123.4 (binance); nothing was set.\nChoose another price, or write &lt;.",
        ),
        (
            AlreadyThere("XAU", "below", D("2650"), "yahoo futures", None),
            "Gold is below that already: 2,650 (yahoo futures); nothing was set.\nChoose another price, or write &gt;.",
        ),
        (
            AlreadyThere("ETH", "change", D("0.0612"), "binance", 3600),
            (
                "ETH has moved by +6.12% within 1 h already (binance); nothing was set.\n"
                "Choose a greater change, or another time."
            ),
        ),
        (
            TooManyAlerts(50),
            "You have 50 alerts, and more I do not watch. Nothing was set.\nDelete some: /alert",
        ),
        (UnknownAlert(), "That alert is over.\nSee /alert for those you have."),
    ],
)
def test_why_an_alert_is_not_set(error, text):
    """One line what is, one line what to do."""
    assert text == explain(error)


def test_a_name_without_a_price():
    """With what may have been meant."""
    assert (
        "I know no price of “&lt;b&gt;”; nothing was set.\nWrite a coin or a metal, for example BTC or gold."
        == (alerts.unknown_series(UnknownSymbol("<b>")).texts[0])
    )
    assert "Did you mean BTC or BTT?" in alerts.unknown_series(UnknownSymbol("BT", ("BTC", "BTT"))).texts[0]


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_has_its_sentence(flaw):
    """And the word with the flaw is shown harmlessly."""
    says = alert_usage.problem(BadWish(flaw, "x\u202e\n" * 30))
    assert says.endswith(".")
    assert {"\n", "\u202e"}.isdisjoint(says)


def test_the_examples_work():
    """Every one that is shown can be typed."""
    examples = alert_usage.ALERT.removeprefix("Write for example: /alert ").split(", /alert ")
    examples = [each for part in examples for each in part.split(" or /alert ")]
    assert ["BTC > 70000", "gold < 2700 repeat", "ETH +5% 1h for 7d"] == examples
    assert ["BTC", "XAU", "ETH"] == [read_wish(each).series for each in examples]
    with pytest.raises(BadNumber) as caught:
        read_wish("BTC > 70,000")
    assert "may be 70.000 or 70000" in alert_usage.problem(caught.value)
