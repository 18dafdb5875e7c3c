"""The journal of orders, and its twin in memory: what may be sent is decided in one transaction, once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from new_schema import upgrade
from order_bench import LIMITS, D, MemoryJournal
from sqlalchemy import Connection, func, select, update
from storage_makers import NOW

from bot.errors import OrderTooLarge, RequestConflict, TradingPaused
from bot.models.audit import Act, Deed
from bot.models.market import ZERO, AccountType, Side
from bot.models.notice import Kind, Notice
from bot.models.order import NewOrder, OrderKind, OrderState
from bot.models.order_draft import Draft, OrderWish
from bot.models.order_record import Intent, Order, Outcome
from bot.models.trade import Fill
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.orders import OrderStore
from bot.storage.outbox import OutboxStore
from bot.storage.tables import audit, outbox
from bot.storage.trading_tables import orders, pending_limit_orders, user_settings

USER = 7


def draft(
    number: int = 1, worth: str = "100", *, closes: bool = False, price: str | None = None, **changes: Any
) -> Draft:
    """A draft whose client id follows from the number."""
    order = NewOrder(
        client_id=f"qm{number}",
        symbol="BTCUSDT",
        account_type=AccountType.LINEAR,
        side=Side.BUY,
        kind=OrderKind.LIMIT if price else OrderKind.MARKET,
        amount=D("0.0100"),
        price=price and D(price),
        reduce_only=closes,
        stop_loss=D("9000.5"),
    )
    wish = None if closes else OrderWish(Side.BUY, "btc", D("0.01"))
    made = Draft(order, 5, "BTC", "USDT", D(10_000), D(worth), ZERO, NOW, wish=wish)
    return replace(made, order=replace(order, **changes))


def intent(*drafts: Draft, key: str = "tap", user_id: int = USER, at: float = NOW) -> Intent:
    """What a person has confirmed; the day began an hour before."""
    return Intent(user_id, drafts, key, at, NOW - 3600)


@dataclass
class Bench:
    """A journal and what it has recorded of fills."""

    journal: Any
    fills: list[Fill]
    db: Database | None = None

    async def pause(self, user_id: int) -> None:
        if self.db is None:
            self.journal.paused.add(user_id)
        else:
            await self.settings(user_id, paused=True)

    async def settings(self, user_id: int, **changes: Any) -> None:
        row = {"user_id": user_id, "account_type": "spot", "paused": False, "active_at": NOW} | changes
        await self.db.write(lambda connection: connection.execute(user_settings.insert().values(row)))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied."""
    path = tmp_path_factory.mktemp("orders") / "bot.db"

    async def migrate() -> None:
        database = Database(f"sqlite:///{path}")
        await database.start()
        await database.migrate(upgrade)
        await database.close()

    asyncio.run(migrate())
    return path


@pytest.fixture
async def db(template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    shutil.copy(template, tmp_path / "bot.db")
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    yield database
    await database.close()


@pytest.fixture(params=["database", "memory"])
async def bench(request: pytest.FixtureRequest, db: Database, cipher: Cipher) -> AsyncIterator[Bench]:
    if request.param == "memory":
        journal = MemoryJournal()
        yield Bench(journal, journal.fills)
        return
    fills: list[Fill] = []

    def record(_: Connection, told: Any) -> None:
        fills.extend(told)

    yield Bench(OrderStore(db, OutboxStore(db, cipher), record=record), fills, db)


async def test_an_order_is_written_down_as_being_sent(bench: Bench) -> None:
    """To its last digit, with the id under which it will be looked for."""
    given = draft(price="9999.50")
    accepted = await bench.journal.accept(intent(given), LIMITS)
    [order] = accepted.orders
    assert accepted.is_new
    assert (given.order, OrderState.SENDING, "tap", D(100)) == (
        order.order,
        order.state,
        order.request_key,
        order.worth,
    )
    assert order == await bench.journal.get(order.number)
    assert [order] == await bench.journal.unsettled()
    assert await bench.journal.known("tap")
    assert not await bench.journal.known("other")
    assert await bench.journal.get(99) is None


async def test_a_hundred_confirms_of_one_order_are_one_order(bench: Bench) -> None:
    """Whoever comes second gets the first's: by the tap, or by the draft."""
    taps = [intent(draft(), key=f"tap{number % 3}") for number in range(100)]
    accepted = await asyncio.gather(*(bench.journal.accept(tap, LIMITS) for tap in taps))
    assert 1 == len({order.number for each in accepted for order in each.orders})
    assert 1 == sum(each.is_new for each in accepted)
    assert 1 == len(await bench.journal.promised(taps[0]))


async def test_a_key_stands_for_one_thing(bench: Bench) -> None:
    """The same tap, or the same draft, cannot mean another order, or somebody else."""
    await bench.journal.accept(intent(draft()), LIMITS)
    for other in (
        intent(draft(2)),
        intent(draft(side=Side.SELL), key="other"),
        intent(draft(), key="other", user_id=8),
    ):
        with pytest.raises(RequestConflict):
            await bench.journal.accept(other, LIMITS)


async def test_several_orders_of_one_tap_are_written_together(bench: Bench) -> None:
    """All or none."""
    closing = [draft(number, "3000", closes=True) for number in (1, 2)]
    accepted = await bench.journal.accept(intent(*closing), LIMITS)
    assert ["tap", "tap#1"] == [order.request_key for order in accepted.orders]
    assert [ZERO, ZERO] == [order.worth for order in accepted.orders]
    with pytest.raises(OrderTooLarge):
        await bench.journal.accept(intent(draft(3), draft(4, "1001"), key="next"), LIMITS)
    assert 2 == len(await bench.journal.unsettled())


async def test_a_day_has_a_limit(bench: Bench) -> None:
    """What had no effect, what closes, and what others or another day have ordered does not count."""
    for number in range(1, 6):
        await bench.journal.accept(intent(draft(number, "1000"), key=f"k{number}"), LIMITS)
    await bench.journal.accept(intent(draft(6, "9000", closes=True), key="k6"), LIMITS)
    with pytest.raises(OrderTooLarge) as refused:
        await bench.journal.accept(intent(draft(7, "1"), key="k7"), LIMITS)
    assert ("a day", D(5000), D(5001)) == (refused.value.what, refused.value.limit, refused.value.worth)
    await bench.journal.accept(intent(draft(8, "1000"), key="k8", user_id=8), LIMITS)
    await bench.journal.note(1, Outcome(OrderState.REFUSED), NOW)
    await bench.journal.note(2, Outcome(OrderState.ABSENT), NOW)
    await bench.journal.accept(intent(draft(9, "1000"), key="k9"), LIMITS)
    tomorrow = Intent(USER, (draft(10, "1000"), draft(11, "1000")), "k10", NOW + 9, NOW + 1)
    assert (await bench.journal.accept(tomorrow, LIMITS)).is_new


async def test_while_trading_is_paused_only_closing_goes_on(bench: Bench) -> None:
    """For one person, or for everybody."""
    await bench.pause(USER)
    with pytest.raises(TradingPaused) as refused:
        await bench.journal.accept(intent(draft()), LIMITS)
    assert not refused.value.everybody
    act = Act(1, "@chief", Deed.PAUSE, "trading")
    assert [True, False] == [await bench.journal.pause_all(True, [act], NOW) for _ in range(2)]
    with pytest.raises(TradingPaused) as refused:
        await bench.journal.accept(intent(draft(), user_id=8), LIMITS)
    assert refused.value.everybody
    assert await bench.journal.paused_for_all()
    assert (await bench.journal.accept(intent(draft(closes=True)), LIMITS)).is_new
    assert await bench.journal.pause_all(False, [], NOW)
    assert (await bench.journal.accept(intent(draft(2), key="next", user_id=8), LIMITS)).is_new


async def test_what_was_promised_is_not_checked_again(bench: Bench) -> None:
    """A repeated tap gets its answer, whatever has happened since."""
    first = await bench.journal.accept(intent(draft()), LIMITS)
    await bench.journal.pause_all(True, [], NOW)
    again = await bench.journal.accept(intent(draft(worth="9999")), LIMITS)
    assert (first.orders, False) == (again.orders, again.is_new)


async def test_an_outcome_is_noted_once_with_its_fills_and_its_notice(bench: Bench) -> None:
    """Each part once; what is to be said when it has ended, and not before."""
    [order] = (await bench.journal.accept(intent(draft(price="10000")), LIMITS)).orders

    def telling(after: Order) -> list[Notice]:
        return [Notice(USER, Kind.ORDER, {"number": after.number}, f"order:{after.number}")]

    part = Outcome(OrderState.OPEN, "v1", D("0.004"), D(9990), D("0.04"))
    whole = Outcome(OrderState.FILLED, "v1", D("0.01"), D(9996), D("0.1"))
    told = []
    for outcome in (part, part, whole, whole, Outcome(OrderState.CANCELLED)):
        noted = await bench.journal.note(order.number, outcome, NOW + 1, telling)
        told.append(noted.notices)
    assert [0, 0, 1, 0, 0] == told
    assert [(D("0.004"), D(9990)), (D("0.006"), D(10_000))] == [
        (fill.amount, fill.price) for fill in bench.fills
    ]
    stored = await bench.journal.get(order.number)
    assert (OrderState.FILLED, D(9996), D("0.1"), NOW + 1) == (
        stored.state,
        stored.average,
        stored.fee,
        stored.settled_at,
    )
    assert [] == await bench.journal.unsettled()


async def test_a_persons_open_orders_come_newest_first(bench: Bench) -> None:
    """And nobody else's."""
    for number, user_id in enumerate((USER, 8, USER, USER), start=1):
        await bench.journal.accept(intent(draft(number), key=f"k{number}", user_id=user_id), LIMITS)
    await bench.journal.note(3, Outcome(OrderState.FILLED), NOW)
    assert [4, 1] == [order.number for order in await bench.journal.unsettled_of(USER)]


@pytest.fixture
def store(db: Database, cipher: Cipher) -> OrderStore:
    return OrderStore(db, OutboxStore(db, cipher))


async def test_a_limit_order_is_pending_until_it_has_ended(store: OrderStore, db: Database) -> None:
    """A market order never is."""
    await store.accept(intent(draft(price="10000")), LIMITS)
    await store.accept(intent(draft(2), key="next"), LIMITS)

    async def pending() -> list[Any]:
        columns = (pending_limit_orders.c.order_number, pending_limit_orders.c.filled)
        return await db.read(lambda connection: [tuple(row) for row in connection.execute(select(*columns))])

    assert [(1, ZERO)] == await pending()
    await store.note(1, Outcome(OrderState.OPEN, "v1", D("0.004"), D(1)), NOW)
    assert [(1, D("0.004"))] == await pending()
    await store.note(1, Outcome(OrderState.CANCELLED), NOW)
    assert [] == await pending()


async def test_a_person_may_have_limits_of_their_own(store: OrderStore, db: Database) -> None:
    """They are read in the same transaction."""
    await Bench(store, [], db).settings(USER, order_limit=D(50), day_limit=D(60))
    with pytest.raises(OrderTooLarge) as refused:
        await store.accept(intent(draft(worth="51")), LIMITS)
    assert D(50) == refused.value.limit
    await store.accept(intent(draft(worth="50")), LIMITS)
    with pytest.raises(OrderTooLarge) as refused:
        await store.accept(intent(draft(2, "11"), key="next"), LIMITS)
    assert D(60) == refused.value.limit


async def test_every_unsettled_order_is_found_however_many(
    store: OrderStore, db: Database, monkeypatch: Any
) -> None:
    """They are read in pages."""
    monkeypatch.setattr("bot.storage.order_rows.PAGE", 2)
    for number in range(1, 6):
        await store.accept(intent(draft(number), key=f"k{number}"), LIMITS)
    assert [1, 2, 3, 4, 5] == [order.number for order in await store.unsettled()]
    plan = (
        "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE state IN ('sending', 'unknown', 'open') AND number > 0"
    )
    found = await db.read(lambda connection: connection.exec_driver_sql(plan).all())
    assert "ix_orders_unsettled" in str(found)


async def test_what_cannot_be_recorded_is_not_noted(db: Database, cipher: Cipher) -> None:
    """The outcome, the fills and the notice stand in one transaction."""

    def record(_: Connection, __: Any) -> None:
        raise ArithmeticError

    store = OrderStore(db, OutboxStore(db, cipher), record=record)
    await store.accept(intent(draft()), LIMITS)
    with pytest.raises(ArithmeticError):
        await store.note(1, Outcome(OrderState.FILLED, "v1", D("0.01"), D(1)), NOW)
    order = await store.get(1)
    assert order
    assert OrderState.SENDING is order.state


async def test_who_pauses_everybody_stands_in_the_audit(store: OrderStore, db: Database) -> None:
    """Once, for the one change."""
    act = Act(1, "@chief", Deed.PAUSE, "trading")
    for _ in range(2):
        await store.pause_all(True, [act], NOW)
    count = select(func.count()).select_from(audit)
    assert 1 == await db.read(lambda connection: connection.scalar(count))


async def test_a_notice_is_written_with_the_outcome_it_tells(store: OrderStore, db: Database) -> None:
    """Into the outbox, encrypted as all of it is."""
    await store.accept(intent(draft()), LIMITS)
    note = await store.note(
        1, Outcome(OrderState.ABSENT), NOW, lambda order: [Notice(USER, Kind.ORDER, {"number": 1}, "k")]
    )
    assert 1 == note.notices
    rows = await db.read(lambda connection: connection.execute(select(outbox)).all())
    assert [(USER, "order", "k")] == [(row.chat_id, row.kind, row.key) for row in rows]


async def test_an_order_that_was_never_written_down_cannot_be_noted(store: OrderStore, db: Database) -> None:
    """That would be a mistake of ours."""
    with pytest.raises(LookupError):
        await store.note(1, Outcome(OrderState.FILLED), NOW)
    assert 0 == await db.write(
        lambda connection: connection.execute(update(orders).values(state="filled")).rowcount
    )
