"""The watch: people are told what they should know about the pool; each thing once, whatever restarts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outbox_support import ANNA, BORIS, CHIEF, MemoryOutbox, Readers

from bot.errors import StorageError
from bot.models.allocation import Allocation, State
from bot.models.ledger import Ledger
from bot.models.notice import THE_WEBHOOK, Kind
from bot.models.person import Preferences
from bot.models.pool import Inventory, Pool
from bot.models.results import RowProblem
from bot.models.role import Role
from bot.models.sheet import Columns, SheetRow
from bot.models.watch import stock
from bot.resilience.clock import ManualClock
from bot.services.outbox import Outbox
from bot.services.watch import Watch

DAY, HOUR = 86_400.0, 3_600.0
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date().toordinal()


def key_of(number: int) -> str:
    """That proxy's key."""
    return f"192.0.2.{number}:8080:user:0123456789abcdef"


def proxy(number: int, days: int | None = 30, *, used_for: str = "", row: int | None = None) -> SheetRow:
    """A proxy with so many days left, seen in a row (its number unless another is given)."""
    marks = frozenset({used_for} if used_for else ())
    expires = None if days is None else TODAY + days
    return SheetRow(row or number, key_of(number), "http", "password", marks, "", expires, "DE", "")


def held(number: int, user_id: int = ANNA, state: State = State.TAKEN, **changes: Any) -> Allocation:
    """That proxy in somebody's hands, for ten days now."""
    fields: dict[str, Any] = {
        "id": f"id{number:06}",
        "request": 1,
        "key": key_of(number),
        "resource": "beboo",
        "user_id": user_id,
        "name": "@anna",
        "issued_on": "2026-11-12",
        "state": state,
        "row": number,
    }
    return Allocation(**{**fields, **changes})


class WatchBench:
    """A pool, its watch, and what was said; `restart` keeps nothing but the store."""

    def __init__(self, *, low_stock: int = 5, webhook: bool = False) -> None:
        self.clock = ManualClock(NOW.timestamp())
        self.store, self.people = MemoryOutbox(), Readers()
        self.pool = Pool(Ledger())
        self._settings = {"low_stock": low_stock, "webhook": webhook}
        self.watch = self._watch()

    def restart(self) -> None:
        self.watch = self._watch()

    def _watch(self) -> Watch:
        outbox = Outbox(self.store, self.people, self.clock, lambda: None)
        return Watch(self.pool, outbox, self.store, self.clock, UTC, **self._settings)

    def load(self, *rows: SheetRow, problems: tuple[RowProblem, ...] = (), after: float = 60.0) -> None:
        """A reading of the sheet, `after` seconds later."""
        columns = Columns(0, 1, 2, 3)
        read_at = after + (self.pool.inventory.read_at if self.pool.inventory else self.clock.time())
        self.pool.load(Inventory(columns, read_at, list(rows), list(problems)), self.today)

    @property
    def today(self) -> int:
        return datetime.fromtimestamp(self.clock.time(), UTC).date().toordinal()

    def said(self, kind: Kind) -> list[tuple[int, Any]]:
        """To whom what was said since the last look."""
        rows = [row.notice for row in self.store.rows.values()]
        self.store.rows.clear()
        assert {kind} >= {notice.kind for notice in rows}
        return [(notice.to, notice.data) for notice in rows]


@pytest.fixture
def bench() -> WatchBench:
    return WatchBench()


def days_told(said: list[tuple[int, Any]]) -> list[tuple[int, list[int]]]:
    return [(to, [each["days"] for each in data["proxies"]]) for to, data in said]


async def test_holders_are_told_at_seven_three_and_one_days(bench: WatchBench) -> None:
    """Looked at four times a day for ten days: one message each at 7, 3 and 1, and none after that."""
    bench.load(proxy(1, 8))
    bench.pool.put(held(1))
    told = []
    for _ in range(40):
        await bench.watch.expiring()
        told += days_told(bench.said(Kind.EXPIRES))
        bench.restart()
        await bench.clock.tick(DAY / 4)
    assert [(ANNA, [7]), (ANNA, [3]), (ANNA, [1])] == told


async def test_what_was_missed_is_told_with_the_days_there_are(bench: WatchBench) -> None:
    """A bot that was off on the seventh day says so on the fifth; once."""
    bench.load(proxy(1, 5))
    bench.pool.put(held(1))
    for _ in range(2):
        await bench.watch.expiring()
    assert [(ANNA, [5])] == days_told(bench.said(Kind.EXPIRES))


async def test_each_holder_gets_one_message(bench: WatchBench) -> None:
    """Soonest first; no credentials; colleagues' proxies are not named."""
    bench.load(proxy(1, 3), proxy(2, 1), proxy(3, 7), proxy(4, 8), proxy(5, None), proxy(6, -1))
    for number in (1, 2, 4, 5, 6):
        bench.pool.put(held(number))
    bench.pool.put(held(3, BORIS))
    await bench.watch.expiring()
    assert [
        (
            ANNA,
            {
                "proxies": [
                    {"resource": "beboo", "address": "192.0.2.2:8080", "days": 1},
                    {"resource": "beboo", "address": "192.0.2.1:8080", "days": 3},
                ],
                "more": 0,
            },
        ),
        (
            BORIS,
            {"proxies": [{"resource": "beboo", "address": "192.0.2.3:8080", "days": 7}], "more": 0},
        ),
    ] == bench.said(Kind.EXPIRES)


@pytest.mark.parametrize(
    "allocation",
    [
        held(1, issued_on="2026-11-22"),
        held(1, user_id=0),
        *(held(1, state=state) for state in (State.SPENT, State.BAD, State.RELEASING)),
        held(1, state=State.RESERVED, expires_at=NOW.timestamp() + 300),
        held(2),
    ],
    ids=["handed out today", "nobody's", "spent", "bad", "on its way back", "reserved", "not in the sheet"],
)
async def test_who_need_not_know_is_not_told(bench: WatchBench, allocation: Allocation) -> None:
    """Only whoever holds it, and not on the day on which its days were shown."""
    bench.load(proxy(1, 1))
    bench.pool.put(allocation)
    await bench.watch.expiring()
    assert [] == bench.said(Kind.EXPIRES)


async def test_a_renewed_proxy_is_told_of_again(bench: WatchBench) -> None:
    """Whenever its days run out once more."""
    bench.pool.put(held(1))
    for days in (3, 30, 7, 3):
        bench.load(proxy(1, days))
        await bench.watch.expiring()
    assert [(ANNA, [3]), (ANNA, [7]), (ANNA, [3])] == days_told(bench.said(Kind.EXPIRES))


async def test_days_that_nobody_counts_down_are_told_once(bench: WatchBench) -> None:
    """A number typed into the sheet says the same every day: its last day moves on, the notice does not come again."""
    bench.pool.put(held(1))
    for passed in range(4):
        bench.load(proxy(1, 5 + passed))
        await bench.watch.expiring()
        await bench.clock.tick(DAY)
    assert [(ANNA, [5])] == days_told(bench.said(Kind.EXPIRES))


async def test_what_is_over_is_not_remembered_for_ever(bench: WatchBench) -> None:
    """The memory holds what is still to come."""
    bench.load(proxy(1, 1))
    bench.pool.put(held(1))
    await bench.watch.expiring()
    await bench.clock.tick(3 * DAY)
    bench.load(proxy(2, 5))
    bench.pool.put(held(2))
    await bench.watch.expiring()
    assert ["expires:id000002:3"] == list(bench.store.memory["watch expiring"])


async def test_nobody_is_woken_for_what_has_all_day(bench: WatchBench) -> None:
    """Before eight nothing is said; at eight it is."""
    await bench.clock.tick(12 * HOUR)
    bench.load(proxy(1, 3))
    bench.pool.put(held(1))
    for hour in range(9):
        await bench.watch.expiring()
        await bench.watch.renewals()
        assert (hour >= 8) is bool(bench.store.rows)
        await bench.clock.tick(HOUR)


def low(said: list[tuple[int, Any]]) -> list[tuple[int, list[tuple[str, int]]]]:
    return [(to, [(each["name"], each["free"]) for each in data["resources"]]) for to, data in said]


async def test_admins_are_told_once_when_stock_is_low(bench: WatchBench) -> None:
    """Below five; not again while it stays low; again when there were ten in between. Restarts change nothing."""
    bench.people.roles[BORIS] = Role.ADMIN
    news = []
    for free in (5, 4, 3, 9, 4, 10, 4, 0):
        bench.load(proxy(99, used_for="beboo"), *(proxy(number) for number in range(1, free + 1)))
        await bench.watch.stock()
        news.append(low(bench.said(Kind.LOW_STOCK)))
        bench.restart()
    told = [(CHIEF, [("beboo", 4)]), (BORIS, [("beboo", 4)])]
    assert [[], told, [], [], [], [], told, []] == [sorted(each) for each in news]


async def test_several_low_resources_are_one_message(bench: WatchBench) -> None:
    """The emptiest first, and what counts as low."""
    rows = [proxy(number, used_for="beboo" if number < 3 else "tinder") for number in range(1, 5)]
    bench.load(*rows, *(proxy(number) for number in range(5, 7)))
    bench.pool.put(held(5))
    await bench.watch.stock()
    [(to, data)] = bench.said(Kind.LOW_STOCK)
    resources = [{"name": "beboo", "free": 3}, {"name": "tinder", "free": 4}]
    assert (CHIEF, {"resources": resources, "more": 0, "limit": 5}) == (to, data)


async def test_the_alert_address_is_told_too() -> None:
    """Where there is one, and even if every admin has muted it."""
    bench = WatchBench(webhook=True)
    bench.people.preferences[CHIEF] = Preferences(muted=frozenset({"low stock"}))
    bench.load(proxy(1, used_for="beboo"))
    await bench.watch.stock()
    assert [(THE_WEBHOOK, [("beboo", 0)])] == low(bench.said(Kind.LOW_STOCK))


async def test_stock_can_be_left_unwatched() -> None:
    """LOW_STOCK=0; nor is anything said before the sheet was read, or of what is frozen."""
    off, unread, frozen = WatchBench(low_stock=0), WatchBench(), WatchBench()
    off.load(proxy(1, used_for="beboo"))
    frozen.load(proxy(1, used_for="beboo"))
    frozen.pool.frozen.add("beboo")
    for bench in (off, unread, frozen):
        for look in (bench.watch.expiring, bench.watch.stock, bench.watch.renewals, bench.watch.rows):
            await look()
        assert [] == bench.said(Kind.LOW_STOCK)


@given(st.lists(st.integers(0, 30), min_size=1), st.integers(1, 12))
def test_stock_never_flutters(counts: list[int], limit: int) -> None:
    """Between two alerts of a resource there were twice as many as the limit."""
    marked: frozenset[str] = frozenset()
    since: list[int] | None = None
    for count in counts:
        found = stock({"beboo": count}, marked, limit)
        if found.news:
            assert count < limit
            assert since is None or max(since) >= 2 * limit
            since = []
        if since is not None:
            since.append(count)
        marked = found.low


async def test_renewals_are_told_once_a_day(bench: WatchBench) -> None:
    """By days left, with their rows; a day without any is a quiet one."""
    bench.load(proxy(2, 7), proxy(3, 0), proxy(4, 7), proxy(5, 8), proxy(6, -1), proxy(7, None))
    for _ in range(3):
        await bench.watch.renewals()
        bench.restart()
    due = [{"days": 0, "count": 1, "rows": [3]}, {"days": 7, "count": 2, "rows": [2, 4]}]
    assert [(CHIEF, {"due": due, "within": 7})] == bench.said(Kind.RENEWALS)
    await bench.clock.tick(DAY)
    await bench.watch.renewals()
    assert 1 == len(bench.said(Kind.RENEWALS))
    await bench.clock.tick(10 * DAY)
    await bench.watch.renewals()
    assert [] == bench.said(Kind.RENEWALS)


BAD = RowProblem(9, "the cell is empty", "mark9")


async def test_new_problems_of_rows_are_told_once(bench: WatchBench) -> None:
    """Unreadable rows and duplicates; sorting the sheet makes no news, mending and breaking again does."""
    bench.load(proxy(4), proxy(4, row=17), problems=(BAD,))
    for _ in range(2):
        await bench.watch.rows()
        bench.restart()
    [(to, data)] = bench.said(Kind.ROWS)
    unreadable = [{"row": 9, "reason": "the cell is empty"}]
    assert (CHIEF, {"unreadable": unreadable, "duplicates": [[4, 17]], "more": 0}) == (to, data)

    bench.load(proxy(4, row=30), proxy(4, row=31), problems=(RowProblem(2, BAD.reason, BAD.mark),))
    await bench.watch.rows()
    assert [] == bench.said(Kind.ROWS)

    bench.load(proxy(4))
    await bench.watch.rows()
    assert [] == bench.said(Kind.ROWS)
    bench.load(proxy(4), problems=(BAD,))
    await bench.watch.rows()
    assert 1 == len(bench.said(Kind.ROWS))


async def test_a_third_row_of_a_proxy_is_news(bench: WatchBench) -> None:
    """A second one less is not."""
    counts = []
    for rows in ((4, 5), (4, 5, 6), (4, 5)):
        bench.load(*(proxy(1, row=row) for row in rows))
        await bench.watch.rows()
        counts.append([data["duplicates"] for _, data in bench.said(Kind.ROWS)])
    assert [[[[4, 5]]], [[[4, 5, 6]]], []] == counts


async def test_problems_without_end_are_counted(bench: WatchBench) -> None:
    """Twenty are listed."""
    problems = tuple(RowProblem(row, "the cell is empty", f"mark{row}") for row in range(2, 5_002))
    bench.load(proxy(1), problems=problems)
    await bench.watch.rows()
    [(_, data)] = bench.said(Kind.ROWS)
    assert (20, 4_980) == (len(data["unreadable"]), data["more"])


async def test_one_reading_is_looked_at_once(bench: WatchBench) -> None:
    """The same reading again costs nothing; what the database refused is looked at again."""
    bench.load(proxy(1), problems=(BAD,))
    await bench.watch.rows()
    bench.pool.inventory.problems.append(RowProblem(10, "the cell is empty", "mark10"))  # type: ignore[union-attr]
    await bench.watch.rows()
    assert 1 == len(bench.said(Kind.ROWS))


async def test_what_could_not_be_written_down_is_told_at_the_next_look(bench: WatchBench) -> None:
    """Notice and memory go together."""
    bench.load(proxy(1, 3), proxy(2, used_for="beboo"), problems=(BAD,))
    bench.pool.put(held(1))
    looks = (bench.watch.expiring, bench.watch.stock, bench.watch.renewals, bench.watch.rows)
    for look in looks:
        bench.store.failures = [StorageError("disk full")]
        with pytest.raises(StorageError):
            await look()
        assert ({}, {}) == (bench.store.rows, bench.store.memory)
        await look()
        assert (1, 1) == (len(bench.store.rows), len(bench.store.memory))
        bench.store.rows.clear()
        bench.store.memory.clear()


async def test_what_was_given_back_is_forgotten(bench: WatchBench) -> None:
    """The memory does not grow by what nobody holds any more."""
    bench.load(proxy(1, 3))
    bench.pool.put(held(1))
    await bench.watch.expiring()
    bench.pool.forget(held(1).id)
    await bench.watch.expiring()
    assert {} == bench.store.memory["watch expiring"]
