"""Last prices survive, and past ones are kept thinner with age: a minute, an hour, a day."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select
from storage_makers import NOW

from bot.models.price import Metal, Point, Spot
from bot.models.price_series import DAY, HOUR, MINUTE, step_for
from bot.resilience.clock import ManualClock
from bot.services.price_history import PriceHistory
from bot.storage import price_history
from bot.storage.database import Database
from bot.storage.last_prices import LastPrices
from bot.storage.market_tables import price_history as table
from bot.storage.price_history import PriceHistoryStore

D = Decimal
START = NOW - NOW % DAY  # midnight


@pytest.fixture
def history(db: Database, clock: ManualClock) -> PriceHistory:
    return PriceHistory(PriceHistoryStore(db), clock)


async def rows_by_step(db: Database) -> dict[int, int]:
    statement = select(table.c.seconds, func.count()).group_by(table.c.seconds)
    rows = await db.read(lambda connection: connection.execute(statement).all())
    return {row.seconds: row[1] for row in rows}


async def fill(db: Database, series: str, since: float, minutes: int) -> None:
    """A price a minute, from 1 on."""

    def unit(connection):
        for number in range(minutes):
            price_history.note(connection, {series: D(number + 1)}, since + number * MINUTE)

    await db.write(unit)


async def test_the_last_good_price_survives(db: Database) -> None:
    """To the last digit, with its source and what it is a price of; a newer one takes its place."""
    store = LastPrices(db)
    assert [] == await store.spots()
    gold = Spot(Metal.GOLD, D("4392.123456789"), NOW, "yahoo", is_futures=True)
    await store.keep(Spot(Metal.GOLD, D(1), NOW - 60, "gold-api"))
    await store.keep(gold)
    await store.keep(Spot(Metal.SILVER, D("51.2"), NOW, "gold-api"))

    assert {gold, Spot(Metal.SILVER, D("51.2"), NOW, "gold-api")} == set(await LastPrices(db).spots())


async def test_one_price_a_minute_stays(db: Database, clock: ManualClock, history: PriceHistory) -> None:
    """The last one; a point stands at its minute's end, yet never in the future."""
    await history.note("XAU", D(1), START)
    await history.note("XAU", D(2), START + 59.9)
    await history.note("XAU", D(3), START + 60)
    await history.note_all({"BTC": D(9), "ETH": D(8)}, START + 60)
    await history.note_all({}, START)
    clock = ManualClock(START + 70)
    history = PriceHistory(PriceHistoryStore(db), clock)

    assert [Point(START + 60, D(2)), Point(START + 70, D(3))] == await history.points("XAU", START)
    assert [Point(START + 70, D(3))] == await history.points("XAU", START + 30)
    assert [] == await history.points("SOL", START)


async def test_what_is_old_is_drawn_together(db: Database) -> None:
    """Minutes older than a day become hours, hours older than 90 days become days; the last price of each stays."""
    await fill(db, "XAU", START, 3 * 60 + 30)
    await fill(db, "BTC", START + HOUR, 60)
    history = PriceHistory(PriceHistoryStore(db), ManualClock(START + DAY + 2.5 * HOUR))
    assert 120 + 60 == await history.thin()
    assert {HOUR: 3, MINUTE: 90} == await rows_by_step(db)
    assert 0 == await history.thin()
    found = await history.points("XAU", START, most=2000)
    assert [(START + HOUR, 60), (START + 2 * HOUR, 120), (START + 2 * HOUR + 60, 121)] == [
        (point.at, point.price) for point in found[:3]
    ]
    assert sorted(point.at for point in found) == [point.at for point in found]

    later = PriceHistory(PriceHistoryStore(db), ManualClock(START + 92 * DAY))
    await later.thin()
    assert {DAY: 2} == await rows_by_step(db)
    assert [Point(START + DAY, D(210))] == await later.points("XAU", START)


async def test_drawing_together_holds_the_writer_for_a_slice_only(db: Database) -> None:
    """One series, six hours of minutes: others get their turn in between."""
    store = PriceHistoryStore(db)
    await fill(db, "XAU", START, 12 * 60)
    await fill(db, "BTC", START, 60)
    before = int(START + 10 * DAY)
    drawn = [await store.thin(MINUTE, HOUR, before) for _ in range(4)]
    assert ([60, 360, 360], 0) == (sorted(drawn[:3]), drawn[3])
    assert {HOUR: 13} == await rows_by_step(db)


async def test_a_long_time_has_few_points(db: Database) -> None:
    """As many as are asked for, the newest among them."""
    await fill(db, "XAU", START, 1440)
    history = PriceHistory(PriceHistoryStore(db), ManualClock(START + DAY))
    found = await history.points("XAU", START, most=100)
    assert (96, Point(START + DAY, D(1440))) == (len(found), found[-1])
    assert 100 >= len(await history.points("XAU", START - 30 * DAY, most=100))


@pytest.mark.parametrize(
    ("span", "most", "step"),
    [
        (HOUR, 60, MINUTE),
        (DAY, 500, 5 * MINUTE),
        (30 * DAY, 500, 4 * HOUR),
        (90 * DAY, 500, DAY),
        (1000 * DAY, 500, 2 * DAY),
    ],
)
def test_the_step_follows_from_the_time(span: float, most: int, step: int) -> None:
    """The finest that fits."""
    assert step == step_for(span, most)
