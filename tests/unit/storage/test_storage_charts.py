"""What charts are drawn from, and which pictures Telegram has."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from storage_makers import NOW, allocation

from bot.models.allocation import State
from bot.models.chart import DayUse
from bot.models.price import Point
from bot.services.pool_usage import PoolUsage
from bot.storage import allocations
from bot.storage.database import Database
from bot.storage.pictures import PictureStore
from bot.storage.pool_usage import PoolUsageStore
from bot.storage.portfolio_values import PortfolioValueStore

TODAY, YESTERDAY, LONG_AGO = "2026-11-28", "2026-11-27", "2026-08-01"


@pytest.fixture
def usage(db: Database) -> PoolUsageStore:
    return PoolUsageStore(db)


async def handed_out(db: Database, *given: tuple[State, dict[str, object]]) -> None:
    """Allocations of today, for beboo."""
    records = [
        allocation(number, state=state, **{"issued_on": TODAY, "resource": "beboo"} | changes)
        for number, (state, changes) in enumerate(given, 1)
    ]
    tokens = {each.key: b"x" for each in records}
    await db.write(lambda connection: allocations.add(connection, records, tokens, NOW))


async def test_a_picture_is_known_by_its_key_until_it_is_dropped_or_old(db: Database) -> None:
    """The newest id counts; one that has no room is not kept."""
    store = PictureStore(db)
    assert await store.file_id("a") is None
    await store.keep("a", "AgAC1", NOW)
    await store.keep("a", "AgAC2", NOW + 1)
    await store.keep("b", "AgAC3", NOW)
    await store.keep("c", "x" * 201, NOW)
    assert ["AgAC2", "AgAC3", None] == [await store.file_id(key) for key in "abc"]

    assert 1 == await store.forget(NOW + 1)
    await store.drop("a")
    assert [None, None] == [await store.file_id(key) for key in "ab"]


async def test_values_of_an_account_come_back_in_order_and_exact(db: Database) -> None:
    """Each account has its own; what is too old goes with the next one that is noted."""
    store = PortfolioValueStore(db)
    assert await store.last_at(1) is None
    for account, at, usd in ((1, NOW, "10000.12345678"), (1, NOW + 3600, "0"), (2, NOW, "5")):
        await store.add(account, Decimal(usd), at, keep_since=0)
    expected = [Point(NOW, Decimal("10000.12345678")), Point(NOW + 3600, Decimal(0))]
    assert expected == await store.points(1, NOW)
    assert expected[1:] == await store.points(1, NOW + 1)
    assert NOW + 3600 == await store.last_at(1)

    await store.add(1, Decimal(7), NOW + 7200, keep_since=NOW + 7000)
    assert [Point(NOW + 7200, Decimal(7))] == await store.points(1, 0)
    assert 1 == len(await store.points(2, 0))


async def test_what_was_once_handed_out_counts_whatever_became_of_it(
    db: Database, usage: PoolUsageStore
) -> None:
    """Not what was only reserved, has lapsed or has failed."""
    had = [State.TAKEN, State.SPENT, State.BAD, State.RELEASING, State.RELEASED]
    not_had = [State.EXPIRED, State.FAILED, State.QUEUED, State.TAKING]
    await handed_out(
        db,
        *((state, {}) for state in (*had, *not_had)),
        (State.RESERVED, {"expires_at": NOW + 300}),
        (State.RELEASED, {"expires_at": NOW + 300}),  # a reservation that was dropped
        (State.TAKING, {"promised": True}),
        (State.TAKEN, {"resource": "avito"}),
        (State.TAKEN, {"issued_on": YESTERDAY}),
        (State.TAKEN, {"issued_on": LONG_AGO}),
    )
    counted = {(TODAY, "beboo"): 6, (TODAY, "avito"): 1, (YESTERDAY, "beboo"): 1}
    assert counted == await usage.handed_out({TODAY, YESTERDAY})


async def test_a_day_is_counted_again_and_again_and_once_more_when_it_is_over(
    db: Database, usage: PoolUsageStore
) -> None:
    """What was free then stays as it was seen then; days that nobody saw are not made up."""
    days, free = [date.fromisoformat(YESTERDAY)], {"beboo": 50, "avito": 9}
    noting = PoolUsage(lambda: free, usage, lambda: days[0])
    await handed_out(db, (State.TAKEN, {"issued_on": YESTERDAY}))
    assert 2 == await noting.note()
    assert [DayUse("avito", YESTERDAY, 0, 9), DayUse("beboo", YESTERDAY, 1, 50)] == await usage.since("2026")

    late = [
        allocation(9, state=State.TAKEN, issued_on=YESTERDAY, resource="beboo"),
        allocation(10, state=State.TAKEN, issued_on=YESTERDAY, resource="new"),
    ]
    await db.write(
        lambda connection: allocations.add(connection, late, {each.key: b"x" for each in late}, NOW)
    )
    days[0], free["beboo"] = date.fromisoformat(TODAY), 40
    await noting.note()
    assert [DayUse("beboo", YESTERDAY, 2, 50), DayUse("beboo", TODAY, 0, 40)] == await usage.since(
        LONG_AGO, "beboo"
    )
    assert [] == await usage.since(LONG_AGO, "new")


async def test_the_chart_has_every_day_since_the_first(usage: PoolUsageStore) -> None:
    """Thirty at most; days without a row are in it; what is older than three months is deleted."""
    noting = PoolUsage(lambda: {"beboo": 1}, usage, lambda: date(2026, 11, 28))
    assert (await noting.chart()).is_empty
    await usage.note(
        [DayUse("beboo", day, 1, 1) for day in (LONG_AGO, "2026-11-01", "2026-11-25")],
        {},
        keep_since=LONG_AGO,
    )
    chart = await noting.chart("beboo")
    assert ("2026-11-01", TODAY, 28) == (chart.days[0], chart.days[-1], len(chart.days))
    assert 2 == len(chart.uses)

    await noting.note()
    assert "2026-11-01" == (await usage.since("2026"))[0].day


async def test_nothing_is_noted_before_the_sheet_was_read(usage: PoolUsageStore) -> None:
    """To know nothing is not to have nothing."""
    assert 0 == await PoolUsage(lambda: None, usage, lambda: date(2026, 11, 28)).note()
    assert [] == await usage.since("2026")
