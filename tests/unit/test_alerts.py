"""The service of alerts, on a database, with prices from memory."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from new_schema import upgrade
from sqlalchemy import insert, text
from structlog.testing import capture_logs

from bot.errors import (
    AlreadyThere,
    PeerUnavailable,
    RequestConflict,
    StorageError,
    TooManyAlerts,
    UnknownAlert,
    UnknownSymbol,
)
from bot.models.alert import COOL_DOWN, MOST_ACTIVE
from bot.models.alert_wish import read_wish
from bot.models.lookup import Aged
from bot.models.price import Metal, Spot
from bot.resilience.clock import ManualClock
from bot.services.alerts import FRESH, KEPT, PATIENCE, SNOOZE, Alerts
from bot.services.series_prices import SeriesPrices
from bot.storage.alerts import AlertStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.market_tables import price_history
from bot.storage.outbox import OutboxStore
from bot.storage.past_prices import PastPriceStore

D = Decimal
NOW = 1_800_000_000.0
USER, OTHER = 7, 8


class Prices:
    """Prices by series, or the error that asking for them raises; `seconds` pass before each answer."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.answers: dict[str, str | Exception] = {"BTC": "68000", "ETH": "100", "XAU": "2650"}
        self.old: dict[str, Aged[Decimal]] = {}
        self.seconds: dict[str, float] = {}
        self.asked: list[str] = []
        self.more = asyncio.Event()
        self.busy = self.most_busy = 0

    async def until(self, count: int) -> None:
        """So many have been asked for."""
        while len(self.asked) < count:
            self.more.clear()
            await self.more.wait()

    async def price(self, series: str) -> Aged[Decimal]:
        self.asked.append(series)
        self.more.set()
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await self.clock.sleep(self.seconds.get(series, 0))
        finally:
            self.busy -= 1
        if series in self.old:
            return self.old[series]
        answer = self.answers.get(series, UnknownSymbol(series))
        if isinstance(answer, Exception):
            raise answer
        return Aged(D(answer), "binance", 2.0)


class World:
    """Everything around the service; a new one after a restart."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = ManualClock(NOW)
        self.prices = Prices(self.clock)
        self.cipher = Cipher([Fernet.generate_key().decode()])
        self.told = 0
        self.store = AlertStore(db, OutboxStore(db, self.cipher))
        self.alerts = self.started()
        self.requests = 0

    def started(self, **bounds: int) -> Alerts:
        past = PastPriceStore(self.db)
        return Alerts(self.store, self.prices, past, self.note, self.clock, self._tell, **bounds)

    def _tell(self) -> None:
        self.told += 1

    async def note(self, series: str, price: Decimal, at: float) -> None:
        """As the history does it."""
        statement = insert(price_history).prefix_with("OR REPLACE")
        row = {"series": series, "seconds": 60, "at": int(at // 60 * 60), "price": price}
        await self.db.write(lambda connection: connection.execute(statement, [row]) and None)

    async def sets(self, typed: str, user_id: int = USER) -> Any:
        self.requests += 1
        return await self.alerts.create(user_id, read_wish(typed), f"request {self.requests}")

    async def later(self, seconds: float, **prices: str | Exception) -> int:
        """Some time after, with these prices: how many alerts said something."""
        self.prices.answers |= prices
        await self.clock.tick(seconds)
        return await self.alerts.tick()

    async def notices(self) -> list[dict[str, Any]]:
        rows = await self.db.read(lambda c: c.execute(text("SELECT body FROM outbox ORDER BY number")).all())
        return [json.loads(self.cipher.decrypt(row.body)) for row in rows]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its schema: making one takes longer than most of these tests."""

    async def make(path: Path) -> None:
        db = Database(f"sqlite:///{path}")
        await db.start()
        await db.migrate(upgrade)
        await db.close()

    path = tmp_path_factory.mktemp("alerts") / "empty.db"
    asyncio.run(make(path))
    return path


@pytest.fixture
async def world(tmp_path: Path, empty: Path) -> AsyncIterator[World]:
    db = Database(f"sqlite:///{shutil.copy(empty, tmp_path / 'bot.db')}")
    await db.start()
    yield World(db)
    await db.close()


async def test_it_is_set_with_the_price_of_now(world):
    """Source and time included."""
    new = await world.sets("BTC > 70000 for 1d")
    assert (D(68000), "binance", NOW - 2, None) == (
        new.quote.price,
        new.quote.source,
        new.quote.at,
        new.measures_from,
    )
    assert (D(68000), NOW, NOW + 86400) == (
        new.alert.set_at_price,
        new.alert.created_at,
        new.alert.expires_at,
    )
    assert (new.alert,) == (await world.alerts.listed(USER)).alerts


@pytest.mark.parametrize(
    ("typed", "found"), [("BTC > 68000", "68000"), ("BTC < 68000", "68000"), ("BTC < 69k", "68000")]
)
async def test_what_would_fire_at_once_is_not_set(world, typed, found):
    """It says what the price is instead."""
    with pytest.raises(AlreadyThere) as caught:
        await world.sets(typed)
    assert (D(found), "binance", ()) == (
        caught.value.found,
        caught.value.source,
        (await world.alerts.listed(USER)).alerts,
    )


async def test_a_change_that_has_come_about_already_is_not_set(world):
    """It says by how much it has moved."""
    await world.note("ETH", D(80), NOW - 3660)
    with pytest.raises(AlreadyThere) as caught:
        await world.sets("ETH +20% 1h")
    assert (D("0.25"), 3600) == (caught.value.found, caught.value.seconds)


async def test_what_nobody_trades_is_not_watched(world):
    """And nothing is set while no source answers at all: nobody would know whether there is such a coin."""
    with pytest.raises(UnknownSymbol):
        await world.sets("NOPE > 1")
    world.prices.answers["BTC"] = PeerUnavailable("binance", "down")
    with pytest.raises(PeerUnavailable):
        await world.sets("BTC > 1")
    assert () == (await world.alerts.listed(USER)).alerts


async def test_an_old_price_decides_nothing_not_even_at_first(world):
    """Neither one that is called stale nor one that is older than five minutes; what it costs is left open."""
    for aged in (Aged(D(99999), "binance", 1.0, stale=True), Aged(D(99999), "binance", FRESH + 1)):
        world.prices.old["BTC"] = aged
        new = await world.sets("BTC > 70000")
        assert (None, None) == (new.quote, new.alert.set_at_price)
        assert 0 == await world.alerts.tick()
    world.prices.old["BTC"] = Aged(D(99999), "binance", FRESH)
    assert 2 == await world.alerts.tick()


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity"])
async def test_what_is_no_price_decides_nothing(world, price):
    """Whatever a source says."""
    await world.sets("BTC < 60000")
    await world.sets("BTC > 70000")
    assert 0 == await world.later(60, BTC=price)


async def test_the_same_request_sets_one_alert(world):
    """Also after a restart, at another price, or when nobody knows one any more."""
    wish = read_wish("BTC > 70000")
    first = await world.alerts.create(USER, wish, "a")
    world.prices.answers["BTC"] = PeerUnavailable("binance", "down")
    assert first.alert == (await world.started().create(USER, wish, "a")).alert
    assert [True, False] == [await world.alerts.known(key) for key in ("a", "b")]
    with pytest.raises(RequestConflict):
        await world.alerts.create(USER, read_wish("BTC > 80000"), "a")


async def test_two_that_come_at_once_set_one(world):
    """Both get it."""
    wish = read_wish("BTC > 70000")
    both = await asyncio.gather(*(world.alerts.create(USER, wish, "a") for _ in range(2)))
    assert both[0].alert == both[1].alert
    assert 1 == len((await world.alerts.listed(USER)).alerts)


async def test_fifty_are_enough(world):
    """The next is refused until one is deleted; here with fewer."""
    assert 50 == MOST_ACTIVE
    world.alerts = world.started(limit=3)
    for _ in range(3):
        new = await world.sets("BTC > 70000")
    with pytest.raises(TooManyAlerts):
        await world.sets("BTC > 70000")
    await world.alerts.delete(USER, new.alert.id)
    await world.sets("BTC > 70000")


async def test_it_says_so_once(world):
    """The state and the notice are written together; the next look, and the next process, find it done."""
    await world.sets("BTC > 70000")
    assert 0 == await world.later(60, BTC="69999")
    assert 1 == await world.later(60, BTC="70123.4")
    assert [0, 0] == [await world.later(60), await world.started().tick()]
    [notice] = await world.notices()
    assert ("70123.4", "68000", "binance", 1) == (
        notice["price"],
        notice["before"],
        notice["source"],
        world.told,
    )


async def test_a_look_that_cannot_be_written_down_is_made_again(world):
    """Nothing is said that the next look would say once more, and nothing is lost."""
    await world.sets("BTC > 70000")
    apply = world.store.apply

    class Full:
        """The database refuses the first change."""

        failures = 1

        def __getattr__(self, name):
            return getattr(world.store, name)

        async def apply(self, changes, now):
            if self.failures:
                self.failures -= 1
                raise StorageError("disk full")
            return await apply(changes, now)

    alerts = Alerts(Full(), world.prices, PastPriceStore(world.db), world.note, world.clock, world._tell)
    world.prices.answers["BTC"] = "70001"
    with pytest.raises(StorageError):
        await alerts.tick()
    assert (0, []) == (world.told, await world.notices())
    assert [1, 0] == [await alerts.tick(), await alerts.tick()]


async def test_two_looks_at_once_say_it_once(world):
    """Whoever comes second finds that it has fired."""
    await world.sets("BTC > 70000 repeat")
    world.prices.answers["BTC"] = "70001"
    said = await asyncio.gather(world.alerts.tick(), world.started().tick())
    assert (1, 1) == (sum(said), len(await world.notices()))


async def test_one_question_a_series_whoever_watches(world):
    """Metals and coins, few at once."""
    series = ["BTC", "XAU", *(f"C{number}" for number in range(6))]
    for user_id in (USER, OTHER):
        for typed in ("BTC > 70000", "BTC < 60k", "gold > 2700", "BTC +5% 1h"):
            await world.sets(typed, user_id)
    for name in series[2:]:
        world.prices.answers[name] = "100"
        await world.sets(f"{name} > 200")
    world.prices.asked.clear()
    world.prices.seconds = dict.fromkeys(series, 1.0)
    look = asyncio.create_task(world.alerts.tick())
    await world.prices.until(4)
    await world.clock.tick(10)
    assert 0 == await look
    assert sorted(series) == sorted(world.prices.asked)
    assert 4 == world.prices.most_busy


async def test_a_series_that_fails_or_hangs_stops_no_other(world):
    """It is logged once, and once when it is back."""
    for typed in ("BTC > 70000", "ETH > 200", "gold > 2700"):
        await world.sets(typed)
    world.prices.seconds["ETH"] = 10 * PATIENCE
    world.prices.answers |= {"BTC": PeerUnavailable("binance", "down"), "XAU": "2701"}
    with capture_logs() as logged:
        for asked, expected in ((3, 1), (2, 0)):
            world.prices.asked.clear()
            look = asyncio.create_task(world.alerts.tick())
            await world.prices.until(asked)
            await world.clock.tick(PATIENCE + 1)
            assert expected == await look
        world.prices.seconds.clear()
        assert 2 == await world.later(0, BTC="70001", ETH="201")
    assert {
        ("no price for alerts", "BTC"),
        ("no price for alerts", "ETH"),
        ("prices for alerts again", "BTC"),
        ("prices for alerts again", "ETH"),
    } == {(each["event"], each["series"]) for each in logged}
    assert 4 == len(logged)


async def test_a_change_is_measured_by_what_was_noted(world):
    """It cannot be told before so much time has passed, and says from when on; then against the price of then."""
    new = await world.sets("ETH +5% 5m repeat")
    assert NOW + 210 == new.measures_from
    for minute in range(1, 4):
        assert 0 == await world.later(60, ETH=str(100 + 10 * minute))
    assert 1 == await world.later(60, ETH="140")
    [notice] = await world.notices()
    assert ("100", "140") == (notice["before"], notice["price"])


async def test_it_fires_again_once_it_was_back(world):
    """After its cool-down."""
    await world.sets("BTC > 70000 repeat")
    prices = ("70001", "70002", "69000", "70003")
    assert [1, 0, 0, 0] == [await world.later(60, BTC=price) for price in prices]
    assert 1 == await world.later(COOL_DOWN)
    assert 2 == len(await world.notices())


async def test_it_ends_when_its_time_is_over(world):
    """Also while nobody knows the price."""
    await world.sets("BTC > 70000 for 1d")
    assert 1 == await world.later(86_400, BTC=PeerUnavailable("binance", "down"))
    assert () == (await world.alerts.listed(USER)).alerts
    assert ["price" in each for each in await world.notices()] == [False]


async def test_snooze_repeat_and_delete(world):
    """A snoozed one is quiet for an hour, and tells then; a deleted one never."""
    new = await world.sets("BTC > 70000")
    number = new.alert.id
    assert NOW + SNOOZE == (await world.alerts.snooze(USER, number)).quiet_until
    assert [0, 1] == [await world.later(SNOOZE - 1, BTC="70001"), await world.later(1)]
    again = await world.alerts.snooze(USER, number)
    assert (None, None) == (again.ended_at, again.fired_at)
    assert (await world.alerts.set_repeats(USER, number, True)).repeats
    deleted = await world.alerts.delete(USER, number)
    assert deleted == await world.alerts.delete(USER, number)
    with pytest.raises(UnknownAlert):
        await world.alerts.snooze(USER, number)
    assert 0 == await world.later(2 * SNOOZE)


@pytest.mark.parametrize("name", ["snooze", "delete"])
async def test_nobody_touches_anothers(world, name):
    """As if there were none."""
    new = await world.sets("BTC > 70000")
    with pytest.raises(UnknownAlert):
        await getattr(world.alerts, name)(OTHER, new.alert.id)
    with pytest.raises(UnknownAlert):
        await world.alerts.set_repeats(OTHER, new.alert.id, True)
    assert (new.alert,) == (await world.alerts.listed(USER)).alerts


async def test_the_list_has_the_prices_last_seen(world):
    """Of one's own; a series that fails keeps its last one, with its time."""
    await world.sets("BTC > 70000")
    await world.sets("ETH > 200", OTHER)
    assert {"BTC": D(68000)} == {
        series: quote.price for series, quote in (await world.alerts.listed(USER)).quotes.items()
    }
    assert {} == (await world.started().listed(USER)).quotes
    await world.later(60, BTC="68500")
    await world.later(60, BTC=PeerUnavailable("binance", "down"))
    [(series, quote)] = (await world.alerts.listed(USER)).quotes.items()
    assert ("BTC", D(68500), NOW + 58) == (series, quote.price, quote.at)


async def test_what_is_long_over_is_forgotten(world):
    """A month after."""
    new = await world.sets("BTC > 70000")
    await world.alerts.delete(USER, new.alert.id)
    await world.clock.tick(KEPT)
    assert 0 == await world.alerts.forget()
    await world.clock.tick(1)
    assert 1 == await world.alerts.forget()


async def test_metals_and_coins_have_their_own_sources():
    """A future is called one, and decides nothing."""
    spot = Spot(Metal.GOLD, D("2650.5"), NOW, "yahoo", is_futures=True)

    class Desk:
        found = Aged(spot, "yahoo", 3.0)

        async def get(self, metal):
            assert metal is Metal.GOLD
            return self.found

        async def price(self, symbol):
            return Aged(D(7), f"{symbol} at binance", 1.0)

    desk = Desk()
    prices = SeriesPrices(desk, desk)
    assert Aged(D("2650.5"), "yahoo futures", 3.0, True) == await prices.price("XAU")
    desk.found = Aged(replace(spot, is_futures=False), "yahoo", 3.0)
    assert Aged(D("2650.5"), "yahoo", 3.0) == await prices.price("XAU")
    assert Aged(D(7), "BTC at binance", 1.0) == await prices.price("BTC")
