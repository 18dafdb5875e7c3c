"""When alerts fire, and when again."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.models.alert import COOL_DOWN, Alert, AlertKind, Change, Quote, evaluate, slack_of, snoozed
from bot.models.notice import Kind
from bot.models.price import Point

D = Decimal
NOW = 1_800_000_000.0
ABOVE, BELOW, CHANGE = AlertKind.ABOVE, AlertKind.BELOW, AlertKind.CHANGE


def an_alert(number: int = 1, **changes: Any) -> Alert:
    alert = Alert(number, 7, "BTC", ABOVE, D(70000), None, False, NOW - 600, D(68000))
    return replace(alert, **changes)


def look(alert: Alert, price: str, now: float = NOW, before: str | None = None) -> list[Change]:
    """What follows from a price of the alert's series."""
    past = {("BTC", 3600): Point(now - 3600, D(before))} if before else {}
    return evaluate([alert], {"BTC": Quote(D(price), "binance", now - 3)}, past, now)


@pytest.mark.parametrize(
    ("kind", "price", "fires"),
    [
        (ABOVE, "69999.99", False),
        (ABOVE, "70000.00", True),
        (ABOVE, "90000", True),
        (BELOW, "70000.01", False),
        (BELOW, "70000", True),
        (BELOW, "1", True),
    ],
)
def test_it_fires_when_its_price_is_reached_or_passed(kind, price, fires):
    """Also where the price jumps far beyond between two looks."""
    assert fires == bool(look(an_alert(kind=kind), price))


@pytest.mark.parametrize(
    ("target", "before", "price", "fires"),
    [
        ("0.05", "100", "104.99", False),
        ("0.05", "100", "105", True),
        ("0.05", "100", "50", False),
        ("-0.03", "100", "97.01", False),
        ("-0.03", "100", "97", True),
        ("-0.03", "100", "200", False),
        ("0.05", None, "105", False),
    ],
)
def test_a_change_is_measured_from_the_price_of_then(target, before, price, fires):
    """Up or down, exactly; where nobody knows the price of then, nothing is claimed."""
    alert = an_alert(kind=CHANGE, target=D(target), seconds=3600)
    assert fires == bool(look(alert, price, before=before))


def test_what_it_tells():
    """Target, both prices, the source, and when."""
    [change] = look(an_alert(), "70123.40")
    assert change.notice is not None
    assert (7, Kind.PRICE_ALERT, f"alert:1:{NOW:.3f}") == (
        change.notice.to,
        change.notice.kind,
        change.notice.key,
    )
    assert {
        "id": 1,
        "series": "BTC",
        "kind": "above",
        "target": "70000",
        "seconds": None,
        "repeats": False,
        "price": "70123.40",
        "source": "binance",
        "at": NOW - 3,
        "before": "68000",
        "before_at": NOW - 600,
    } == change.notice.data


def test_one_that_fires_once_is_over():
    """It is not looked at again."""
    [change] = look(an_alert(), "70123.40")
    assert (NOW, NOW, True) == (change.after.fired_at, change.after.ended_at, change.after.has_fired_out)


def test_one_that_repeats_waits_for_the_price_to_come_back():
    """And for its cool-down: whichever is later."""
    [fired] = look(an_alert(repeats=True), "70100")
    assert (None, NOW + COOL_DOWN) == (fired.after.ended_at, fired.after.quiet_until)
    assert [] == look(fired.after, "99999", NOW + 2 * COOL_DOWN)
    [back] = look(fired.after, "69999", NOW + 60)
    assert (None, None) == (back.notice, back.after.fired_at)
    assert [] == look(back.after, "70100", NOW + COOL_DOWN - 1)
    [again] = look(back.after, "70100", NOW + COOL_DOWN)
    assert again.notice is not None
    assert fired.notice is not None
    assert again.notice.key != fired.notice.key


def test_a_series_without_a_price_changes_nothing():
    """Neither does the price of another."""
    assert [] == evaluate([an_alert()], {}, {}, NOW)
    assert [] == evaluate([an_alert()], {"ETH": Quote(D(99999), "binance", NOW)}, {}, NOW)


def test_time_passes_without_prices_too():
    """It is over when it was to be, and says so; at that moment it does not fire any more."""
    alert = an_alert(expires_at=NOW)
    [change] = evaluate([alert], {}, {}, NOW)
    assert change.notice is not None
    assert (NOW, None, "price" in change.notice.data) == (change.after.ended_at, change.after.fired_at, False)
    [change] = look(alert, "99999")
    assert change.after.fired_at is None
    assert [] == evaluate([alert], {}, {}, NOW - 1)


def test_snoozed_it_is_quiet_and_then_tells_if_it_is_so():
    """Also one that was over because it had fired; one that was deleted stays so."""
    quiet = snoozed(an_alert(repeats=True, fired_at=NOW - 5), NOW + 60)
    assert [] == look(quiet, "70100", NOW + 59)
    assert 1 == len(look(quiet, "70100", NOW + 60))
    [fired] = look(an_alert(), "70100")
    back = snoozed(fired.after, NOW + 60)
    assert (None, None) == (back.fired_at, back.ended_at)
    assert NOW - 1 == snoozed(an_alert(ended_at=NOW - 1), NOW + 60).ended_at


@pytest.mark.parametrize(
    ("price", "possible"), [("1", True), ("0", False), ("-1", False), ("NaN", False), ("Infinity", False)]
)
def test_what_is_no_price(price, possible):
    """Nothing is decided by it."""
    assert possible == Quote(D(price), "binance", NOW).is_possible


def test_how_far_from_then_a_price_may_be():
    """A tenth of the time, and a minute and a half for the shortest."""
    assert [90.0, 360.0, 60480.0] == [slack_of(seconds) for seconds in (300, 3600, 7 * 86400)]


def test_ten_thousand_take_little_of_a_tick():
    """Less than 100 ms of CPU."""
    kinds = (ABOVE, BELOW, CHANGE)
    alerts = [
        an_alert(
            number,
            series=f"C{number % 200}",
            kind=kinds[number % 3],
            target=(D(150), D(50), D("0.5"))[number % 3],
            seconds=3600 if number % 3 == 2 else None,
        )
        for number in range(10_000)
    ]
    names = [f"C{number}" for number in range(200)]
    quotes = {name: Quote(D("100.5"), "binance", NOW) for name in names}
    past = {(name, 3600): Point(NOW - 3600, D(99)) for name in names}
    begun = time.process_time()
    assert [] == evaluate(alerts, quotes, past, NOW)
    assert time.process_time() - begun < 0.1
