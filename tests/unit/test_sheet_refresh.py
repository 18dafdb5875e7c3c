"""The refresh: fresh for its time, served stale while it is renewed, and whatever its age while Google is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest
from structlog.testing import capture_logs

from bot.errors import PeerRefused, PeerUnavailable, SheetLayoutError
from bot.models.ledger import Ledger
from bot.models.pool import Inventory, Pool
from bot.models.sheet import FIELDS, Cell
from bot.models.view import Reading
from bot.resilience.breaker import THRESHOLD, Resting
from bot.resilience.clock import ManualClock
from bot.resilience.limiter import ReadWritePace
from bot.services.attention import Attention
from bot.services.outage import Outage
from bot.services.sheet_refresh import SheetRefresh

HEADER: list[Cell] = ["proxy", "used_for", "issued", "days_left", "note"]
SALT = b"salt of the tests"
TTL, PATIENCE = 60.0, 300.0


def line(number: int, issued: Cell = "", proxy: Cell = None) -> list[Cell]:
    """A row of the sheet."""
    return [proxy or f"10.0.0.{number}:8080:user:pass{number}", "", issued, 30, f"note {number}"]


@dataclass
class Sheet:
    """A sheet in memory, behind the same breaker as the real one; `down` = Google does not answer."""

    outage: Outage
    rows: list[list[Cell]] = field(default_factory=lambda: [line(2), line(3)])
    header: list[Cell] = field(default_factory=lambda: list(HEADER))
    down: bool = False
    calls: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_header(self) -> list[Cell]:
        """Row 1."""
        await self._call()
        return self.header

    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        """Row 1 and columns, in one part."""
        await self._call()
        if not self.rows:
            raise PeerRefused("Sheets", 400, "exceeds grid limits")
        return self.header, [[row[column] for row in self.rows] for column in columns], False

    async def _call(self) -> None:
        try:
            with self.outage.reads.guard(failures=(PeerUnavailable,)):
                self.calls += 1
                await self.gate.wait()
                if self.down:
                    raise PeerUnavailable("Sheets", "no connection")
        except Resting as resting:
            raise PeerUnavailable("Sheets", "resting", resting.retry_in) from resting


class Bench:
    """A refresh in front of a sheet in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.outage = Outage(self.clock)
        self.sheet = Sheet(self.outage)
        self.sheet.gate.set()
        self.pool = Pool(Ledger([]))
        self.pace = ReadWritePace(self.clock, reads_per_minute=60, writes_per_minute=60, burst=10)
        self.attention = Attention()
        reading = Reading({name: (name,) for name in FIELDS}, SALT, date(2026, 11, 22))
        self.refresh = SheetRefresh(
            self.sheet,
            self.pool,
            self.pace,
            lambda: reading,
            self.clock,
            self.attention,
            ttl=TTL,
            patience=PATIENCE,
            outage=self.outage,
        )

    @property
    def inventory(self) -> Inventory:
        """What was read last."""
        assert self.pool.inventory is not None
        return self.pool.inventory

    async def go_down(self) -> None:
        """Google stops answering, and the bot notices."""
        self.sheet.down = True
        for _ in range(THRESHOLD):
            with pytest.raises(PeerUnavailable):
                await self.refresh.refresh()
        assert self.outage.away

    async def calls_in(self, seconds: float) -> int:
        """How many calls reach the sheet while so many seconds pass."""
        before = self.sheet.calls
        await self.clock.tick(seconds)
        return self.sheet.calls - before


@asynccontextmanager
async def refreshing() -> AsyncIterator[Bench]:
    """A refresh that has read once."""
    bench = Bench()
    await bench.refresh.refresh()
    try:
        yield bench
    finally:
        await bench.refresh.close()


def numbers(rows: Iterable[object]) -> list[int]:
    return [getattr(row, "number", 0) for row in rows]


# -- while Google answers ---------------------------------------------------------------------------------------


async def test_what_is_fresh_is_served_without_a_call() -> None:
    """For its time to live, whoever asks."""
    async with refreshing() as bench:
        await bench.clock.tick(TTL)
        before = bench.sheet.calls
        await bench.refresh.ensure()
        await bench.refresh.tick()
        assert (0, 60.0) == (await bench.calls_in(0), bench.refresh.age)
        assert before == bench.sheet.calls


async def test_what_is_stale_is_served_while_it_is_renewed() -> None:
    """Nobody waits for the sheet."""
    async with refreshing() as bench:
        await bench.clock.tick(TTL + 1)
        bench.sheet.gate.clear()
        await bench.refresh.ensure()
        assert 61.0 == bench.refresh.age
        bench.sheet.gate.set()
        await bench.clock.tick(0)
        assert 0.0 == bench.refresh.age


async def test_what_is_too_old_is_waited_for() -> None:
    """Beyond the patience the answer would mislead; callers at the same time share one run."""
    async with refreshing() as bench:
        await bench.clock.tick(PATIENCE + 1)
        bench.sheet.gate.clear()
        waiting = [asyncio.create_task(bench.refresh.ensure()) for _ in range(3)]
        assert 1 == await bench.calls_in(1)
        assert not any(task.done() for task in waiting)
        bench.sheet.gate.set()
        await asyncio.gather(*waiting)
        assert 1.0 == bench.refresh.age


async def test_a_failure_that_nobody_waits_for_is_one_line_of_the_log() -> None:
    """However many have asked meanwhile."""
    async with refreshing() as bench:
        await bench.clock.tick(TTL + 1)
        bench.sheet.down = True
        bench.sheet.gate.clear()
        with capture_logs() as logs:
            for _ in range(3):
                await bench.refresh.ensure()
            bench.sheet.gate.set()
            await bench.clock.tick(0)
        assert ["refresh failed"] == [entry["event"] for entry in logs]


async def test_a_refresh_leaves_the_last_reads_to_people() -> None:
    """With fewer than three to spare it waits; once it is overdue, every tenth read is its own."""
    async with refreshing() as bench:
        await bench.clock.tick(TTL + 1)
        bench.pace.reads.take(8)
        await bench.refresh.tick()
        assert 61.0 == bench.refresh.age
        await bench.clock.tick(3 * TTL)
        bench.pace.reads.take(9)
        await bench.refresh.tick()
        assert 0.0 == bench.refresh.age


async def test_a_column_that_is_gone_is_a_matter_for_admins() -> None:
    """The last inventory stays; the matter is settled when the column is back."""
    async with refreshing() as bench:
        bench.sheet.header = ["proxy", "used for what", "issued", "days_left", "note"]
        with pytest.raises(SheetLayoutError):
            await bench.refresh.refresh()
        assert ["columns"] == [matter.split(":")[0] for matter in bench.attention.matters]
        assert [2, 3] == numbers(bench.inventory.rows)
        bench.sheet.header = list(HEADER)
        await bench.refresh.refresh()
        assert () == bench.attention.matters


# -- while Google is away ---------------------------------------------------------------------------------------


async def test_while_google_is_away_the_last_inventory_is_served_whatever_its_age() -> None:
    """At once, without a call; its age is told as ever."""
    async with refreshing() as bench:
        await bench.go_down()
        await bench.clock.tick(59)
        assert 0 == await bench.calls_in(0)
        await bench.refresh.ensure()
        assert (0, 59.0) == (await bench.calls_in(0), bench.refresh.age)
        await bench.clock.tick(1_000)
        assert (False, 1_059.0) == (bench.refresh.must_wait, bench.refresh.age)
        await bench.refresh.ensure()


async def test_a_person_who_asks_after_the_rest_is_the_try_and_does_not_wait_for_it() -> None:
    """One call, behind the scenes, however many ask."""
    async with refreshing() as bench:
        await bench.go_down()
        await bench.clock.tick(PATIENCE + 60)
        bench.sheet.gate.clear()
        for _ in range(3):
            await bench.refresh.ensure()
        assert 1 == await bench.calls_in(10)
        bench.sheet.gate.set()
        await bench.clock.tick(0)
        assert bench.outage.away


async def test_before_the_first_inventory_there_is_nothing_to_serve() -> None:
    """Whoever asks is told at once that Google does not answer, with the seconds until it is worth a try."""
    bench = Bench()
    await bench.go_down()
    await bench.clock.tick(10)
    with pytest.raises(PeerUnavailable) as error:
        await bench.refresh.ensure()
    assert 50.0 == error.value.retry_after
    assert THRESHOLD == bench.sheet.calls


async def test_the_scheduler_does_not_wait_for_a_peer_that_is_left_alone() -> None:
    """Its ticks cost neither a call nor a read of the pace until the rest is over; then one is the try."""
    async with refreshing() as bench:
        await bench.go_down()
        granted, calls = bench.pace.reads.granted, bench.sheet.calls
        for _ in range(3):
            await bench.clock.tick(15)
            await bench.refresh.tick()
        assert (granted, calls) == (bench.pace.reads.granted, bench.sheet.calls)
        await bench.clock.tick(15)
        with pytest.raises(PeerUnavailable):
            await bench.refresh.tick()
        assert (granted + 1, calls + 1) == (bench.pace.reads.granted, bench.sheet.calls)


async def test_a_tick_that_succeeds_ends_the_outage() -> None:
    """The try is a refresh: the inventory is new as soon as Google is back."""
    async with refreshing() as bench:
        await bench.go_down()
        bench.sheet.down = False
        await bench.clock.tick(60)
        await bench.refresh.tick()
        assert (False, 0.0) == (bench.outage.away, bench.refresh.age)


async def test_a_tick_tries_even_where_the_inventory_is_fresh() -> None:
    """With a long time to live nobody else might try."""
    async with refreshing() as bench:
        bench.refresh.ttl = 3_600.0
        await bench.go_down()
        bench.sheet.down = False
        await bench.clock.tick(60)
        await bench.refresh.tick()
        assert not bench.outage.away


async def test_after_an_outage_the_sheet_is_read_soon() -> None:
    """Also where somebody else's call was the one that found Google back."""
    async with refreshing() as bench:
        await bench.go_down()
        bench.sheet.down = False
        await bench.clock.tick(60)
        permit = bench.outage.reads.allow()
        assert permit is not None
        await bench.refresh.tick()
        assert 60.0 == bench.refresh.age
        bench.outage.reads.succeeded(permit)
        await bench.clock.tick(0)
        assert 0.0 == bench.refresh.age


async def test_the_watch_tries_once_a_minute_until_google_is_back() -> None:
    """As soon as each rest is over, and not at all while Google answers."""
    async with refreshing() as bench:
        watch = asyncio.create_task(bench.refresh.watch())
        assert 0 == await bench.calls_in(600)
        await bench.go_down()
        assert [0, 1, 1, 1] == [await bench.calls_in(seconds) for seconds in (59, 1, 60, 60)]
        bench.sheet.down = False
        await bench.clock.tick(60)
        assert (False, 0.0) == (bench.outage.away, bench.refresh.age)
        assert 0 == await bench.calls_in(600)
        watch.cancel()
        await asyncio.wait([watch])


async def test_the_watch_leaves_an_outage_of_the_writes_to_the_writers() -> None:
    """Reads that work need no tries."""
    async with refreshing() as bench:
        watch = asyncio.create_task(bench.refresh.watch())
        for _ in range(THRESHOLD):
            permit = bench.outage.writes.allow()
            assert permit is not None
            bench.outage.writes.failed(permit)
        assert (0, True) == (await bench.calls_in(90), bench.outage.away)
        watch.cancel()
        await asyncio.wait([watch])


# -- what a run finds, and who is told --------------------------------------------------------------------------


async def test_every_id_in_the_issued_column_is_found() -> None:
    """With its rows, also where no proxy can be read beside it, or a person typed the id."""
    async with refreshing() as bench:
        bench.sheet.rows = [
            line(2, "beboo @anna 2026-11-22 #k3f9x2qa; tinder @bob 2026-11-22 #aaaa2222"),
            line(3, "beboo @anna 2026-11-22 #k3f9x2qa", proxy="not a proxy"),
            line(4, "beboo #aaaa2222", proxy=" "),
            line(5, "somebody's, #1"),
            line(6, 12),
            line(7, None),
        ]
        await bench.refresh.refresh()
        assert {"k3f9x2qa": [2, 3], "aaaa2222": [2, 4]} == bench.inventory.entries


async def test_an_unreadable_cell_has_a_mark_that_moves_with_it() -> None:
    """Sixteen hex digits, the same for the same text in any row, and nothing of the text."""
    async with refreshing() as bench:
        bench.sheet.rows = [line(2, proxy="host:1:secret"), line(3), line(4, proxy="host:2:secret")]
        await bench.refresh.refresh()
        first, second = bench.inventory.problems
        bench.sheet.rows = bench.sheet.rows[:0:-1]
        await bench.refresh.refresh()
        [moved] = bench.inventory.problems
        assert (4, 2, second.mark) == (second.row, moved.row, moved.mark)
        assert (16, False) == (len(first.mark), first.mark == second.mark)
        assert int(first.mark, 16) >= 0


async def test_a_cell_that_is_no_unicode_is_a_row_like_others() -> None:
    """Half a surrogate pair, as JSON can carry it, must not end the refresh."""
    async with refreshing() as bench:
        bench.sheet.rows = [line(2, proxy="10.0.0.2:8080:user:\ud800"), line(3, issued="\ud800 #k3f9x2qa")]
        await bench.refresh.refresh()
        assert ([3], [2]) == (
            numbers(bench.inventory.rows),
            [found.row for found in bench.inventory.problems],
        )


async def test_whoever_follows_a_refresh_gets_the_former_inventory_and_the_new_one() -> None:
    """When the pool has it already, and before the run ends."""
    bench = Bench()
    seen: list[tuple[Inventory | None, Inventory]] = []

    async def follow(former: Inventory | None, new: Inventory) -> None:
        assert bench.pool.inventory is new
        seen.append((former, new))

    bench.refresh.after_load.append(follow)
    await bench.refresh.refresh()
    await bench.refresh.refresh()
    assert [None, seen[0][1]] == [former for former, _ in seen]
    assert seen[0][1] is not seen[1][1]


async def test_a_follower_that_fails_does_not_spoil_the_refresh() -> None:
    """Nor the others: it is logged with its trace."""
    bench, followed = Bench(), list[Inventory]()

    async def fail(former: Inventory | None, new: Inventory) -> None:
        raise RuntimeError("a bug")

    async def follow(former: Inventory | None, new: Inventory) -> None:
        followed.append(new)

    bench.refresh.after_load += [fail, follow]
    with capture_logs() as logs:
        await bench.refresh.refresh()
    assert [bench.inventory] == followed
    assert ["what follows a refresh failed"] == [entry["event"] for entry in logs]
