"""Alerts and past prices as they are stored."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, text
from storage_makers import NOW

from bot.errors import RequestConflict, TooManyAlerts, UnknownAlert
from bot.models.alert import Alert, AlertKind, Change, snoozed
from bot.models.notice import Kind, Notice
from bot.models.price import Point
from bot.storage.alerts import AlertStore
from bot.storage.market_tables import price_history
from bot.storage.outbox import OutboxStore
from bot.storage.past_prices import PastPriceStore

D = Decimal
USER, OTHER = 7, 8


def an_alert(**changes: Any) -> Alert:
    return replace(
        Alert(0, USER, "BTC", AlertKind.ABOVE, D("70000.10"), None, False, NOW, D(68000)), **changes
    )


@pytest.fixture
def store(db, cipher) -> AlertStore:
    return AlertStore(db, OutboxStore(db, cipher))


async def said(db) -> int:
    return await db.read(lambda connection: connection.scalar(text("SELECT count(*) FROM outbox")))


def fired(alert: Alert) -> Change:
    notice = Notice(alert.user_id, Kind.PRICE_ALERT, {"id": alert.id}, f"alert:{alert.id}:1")
    return Change(alert, replace(alert, fired_at=NOW, ended_at=NOW), notice)


async def test_an_alert_comes_back_as_it_was_stored(store):
    """To the last digit, with its number."""
    change = an_alert(
        kind=AlertKind.CHANGE, target=D("-0.025"), seconds=3600, repeats=True, expires_at=NOW + 9
    )
    added = await store.add(an_alert(), "a", 50), await store.add(change, "b", 50)
    assert [replace(an_alert(), id=1), replace(change, id=2)] == list(added)
    assert list(added) == await store.active_of(USER)
    assert [] == await store.active_of(OTHER)
    assert added[1] == await store.set_by("b")


async def test_the_same_request_sets_one_alert(store):
    """However often it comes, whatever became of the alert, and whatever the limit says by then."""
    first = await store.add(an_alert(), "a", 1)
    assert first == await store.add(an_alert(created_at=NOW + 5), "a", 1)
    with pytest.raises(RequestConflict):
        await store.add(an_alert(target=D(1)), "a", 1)
    with pytest.raises(RequestConflict):
        await store.add(an_alert(user_id=OTHER), "a", 1)
    assert [first] == await store.active_of(USER)


async def test_nobody_has_more_than_the_limit(store):
    """Those of others and those that are over do not count; one that comes back does."""
    first = await store.add(an_alert(), "a", 2)
    await store.add(an_alert(), "b", 2)
    with pytest.raises(TooManyAlerts):
        await store.add(an_alert(), "c", 2)
    await store.add(an_alert(user_id=OTHER), "d", 2)
    await store.apply([fired(first)], NOW)
    await store.add(an_alert(), "e", 2)
    with pytest.raises(TooManyAlerts):
        await store.change(USER, first.id, lambda alert: snoozed(alert, NOW + 60), 2)
    assert NOW + 60 == (await store.change(USER, first.id, lambda a: snoozed(a, NOW + 60), 3)).quiet_until


async def test_one_changes_ones_own_alerts_only(store):
    """What is over stays over, unless it comes back altogether."""
    alert = await store.add(an_alert(), "a", 50)
    for user_id, number in ((OTHER, alert.id), (USER, 99)):
        with pytest.raises(UnknownAlert):
            await store.change(user_id, number, lambda each: replace(each, repeats=True), 50)
    ended = await store.change(USER, alert.id, lambda each: replace(each, ended_at=NOW), 50)
    with pytest.raises(UnknownAlert):
        await store.change(USER, alert.id, lambda each: replace(each, repeats=True), 50)
    assert ended == await store.change(USER, alert.id, lambda each: each, 50)


async def test_a_change_and_its_notice_are_one(store, db):
    """An alert that is not as it was any more says nothing; what was said is not said again."""
    alert = await store.add(an_alert(), "a", 50)
    other = await store.add(an_alert(), "b", 50)
    await store.change(USER, other.id, lambda each: replace(each, ended_at=NOW), 50)
    assert [fired(alert)] == await store.apply([fired(alert), fired(other)], NOW)
    assert [] == await store.apply([fired(alert), fired(other)], NOW)
    assert 1 == await said(db)


async def test_what_is_watched(store):
    """Each series, and each span of a change, once."""
    for number in range(3):
        await store.add(an_alert(series=("BTC", "XAU", "BTC")[number]), f"{number}", 50)
        await store.add(an_alert(kind=AlertKind.CHANGE, target=D("0.1"), seconds=3600), f"c{number}", 50)
    gone = await store.add(an_alert(series="OLD"), "gone", 50)
    await store.apply([fired(gone)], NOW)
    assert {("BTC", None), ("BTC", 3600), ("XAU", None)} == set(await store.watched())


async def test_only_what_is_within_reach_is_read(store):
    """Beyond its target, or fired before, or a change, or over; the target itself is reached to the last digit."""
    below = {"kind": AlertKind.BELOW}
    wishes = {
        "reached": an_alert(),
        "not reached": an_alert(target=D("70000.11")),
        "below": an_alert(**below),
        "not below": an_alert(**below, target=D("70000.09")),
        "change": an_alert(kind=AlertKind.CHANGE, target=D("0.1"), seconds=3600),
        "another series": an_alert(series="ETH", target=D(1)),
        "over": an_alert(series="XAU", expires_at=NOW),
        "repeats": an_alert(target=D(80000), repeats=True),
    }
    made = {name: await store.add(alert, name, 50) for name, alert in wishes.items()}
    back = made["repeats"]
    await store.apply([Change(back, replace(back, fired_at=NOW))], NOW)
    found = {alert.id for alert in await store.within_reach({"BTC": D("70000.10")}, NOW)}
    expected = {"reached", "below", "change", "over", "repeats"}
    assert expected == {name for name, alert in made.items() if alert.id in found}


async def test_old_alerts_are_forgotten(store):
    """A while after they ended; those that are active never."""
    alert = await store.add(an_alert(), "a", 50)
    await store.add(an_alert(), "b", 50)
    await store.apply([fired(alert)], NOW)
    assert [0, 1, 0] == [await store.forget(before) for before in (NOW, NOW + 1, NOW + 1)]
    assert 1 == len(await store.active_of(USER))


async def remember(db, series: str, seconds: int, at: float, price: str) -> None:
    row = {"series": series, "seconds": seconds, "at": int(at), "price": D(price)}
    await db.write(lambda connection: connection.execute(insert(price_history), [row]) and None)


async def test_the_price_of_then(db):
    """The nearest to its time, at the end of its minute; of each series and span its own."""
    past = PastPriceStore(db)
    for minutes, price in ((70, "1"), (61, "2"), (60, "3"), (50, "4"), (5, "5")):
        await remember(db, "BTC", 60, NOW - 60 * minutes, price)
    await remember(db, "ETH", 60, NOW - 360, "9.50")
    spans = {("BTC", 3600), ("BTC", 300), ("ETH", 300), ("ETH", 3600), ("XAU", 300)}
    assert {
        ("BTC", 300): Point(NOW - 240, D(5)),
        ("BTC", 3600): Point(NOW - 3600, D(2)),
        ("ETH", 300): Point(NOW - 300, D("9.50")),
    } == await past.of_then(spans, NOW)


async def test_nothing_from_about_then_is_nothing(db):
    """Too early, too late, or the last word of an hour in which it may have been said long before."""
    past = PastPriceStore(db)
    await remember(db, "BTC", 60, NOW - 3600 - 60 - 361, "1")
    await remember(db, "BTC", 60, NOW - 3600 - 60 + 361, "2")
    await remember(db, "BTC", 3600, NOW - 7200, "3")
    assert {} == await past.of_then({("BTC", 3600)}, NOW)
    await remember(db, "ETH", 3600, NOW - 86400 - 3600, "4")
    assert {("ETH", 86400): Point(NOW - 86400, D(4))} == await past.of_then({("ETH", 86400)}, NOW)
