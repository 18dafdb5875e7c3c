"""Writes into people's column whose answer never came, and processes that die meanwhile: no word is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, WRITE, DeskBench, JumpingClock
from shared_bench import lines, shared_bench, shared_row, shared_rows, sheet_is_right, used

from bot.models.results import Issued, Reason

HORIZON = 60.0
QUICK: dict[str, Any] = {"call_timeout": 0.4, "write_horizon": HORIZON}
LOST = ["lose_answer", "hang", "reset", "cut", "html", "status"]


@asynccontextmanager
async def quick_bench(
    rows: list[list[Any]], folder: Path, clock: JumpingClock | None = None
) -> AsyncIterator[DeskBench]:
    """A desk that soon takes a silent Google for one that does not answer."""
    async with shared_bench(rows, folder, clock=clock or JumpingClock(), **QUICK) as bench:
        yield bench


def lose(bench: DeskBench, kind: str = "hang") -> None:
    """The next write gets no answer."""
    bench.fault(kind, WRITE, times=1, seconds=5 if kind == "hang" else 0, status=503)


def take(bench: DeskBench, resource: str = "beboo", count: int = 1, user: int = 7) -> asyncio.Task[Issued]:
    """A take under a key of its user's, under way."""
    key = f"chat:{user}:{resource}"
    return asyncio.create_task(bench.service.issue(resource, count, user, request_key=key, new_resource=True))


@pytest.mark.parametrize("kind", LOST)
async def test_a_lost_answer_is_looked_up(tmp_path: Path, kind: str) -> None:
    """Done or not: the next round sees it, the user gets the proxies once and each cell has the word once."""
    rows = shared_rows("Ozon", "", "avito;")
    async with quick_bench(rows, tmp_path) as bench:
        lose(bench, kind)
        issued = await take(bench, count=3)
        assert ([row[0] for row in rows], ()) == (lines(issued), issued.failures)
        assert {2: "Ozon, beboo", 3: "beboo", 4: "avito; beboo;"} == used(bench)


@pytest.mark.parametrize("kind", LOST)
async def test_a_lost_return_ends_after_the_horizon(tmp_path: Path, kind: str) -> None:
    """Given back and no answer: it is told when no late write can undo it, or when the sheet has shown it."""
    clock, rows = JumpingClock(), shared_rows("Ozon")
    async with quick_bench(rows, tmp_path, clock) as bench:
        await take(bench)
        [held] = await bench.service.held_by(7)
        lose(bench, kind)
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await clock.hurry(returning, by=1.0)
        assert (held.allocation,) == returning.result().released
        assert {2: "Ozon"} == used(bench)
        assert rows[0][0] in lines(await take(bench, user=8))


async def test_a_frozen_proxy_is_nobodys_spare(tmp_path: Path) -> None:
    """While a late write may bring the old text back, the next best is handed out for every other resource."""
    clock, rows = JumpingClock(), shared_rows("", "", "")
    async with quick_bench(rows, tmp_path, clock) as bench:
        lose(bench)
        await clock.hurry(take(bench), by=0.05)
        assert [rows[1][0]] == lines(await take(bench, "ozon", user=8))
        assert [rows[2][0]] == lines(await take(bench, "ozon", user=9))
        clock.jump(HORIZON + 1)
        await bench.settled()
        assert [rows[0][0]] == lines(await take(bench, "ozon", user=10))
        assert {2: "beboo, ozon", 3: "ozon", 4: "ozon"} == used(bench)


async def test_a_reserved_one_that_is_frozen_is_waited_for(tmp_path: Path) -> None:
    """It is taken when no late write can undo that any more; who has nothing reserved is refused at once."""
    clock, rows = JumpingClock(), shared_rows("", "")
    async with quick_bench(rows, tmp_path, clock) as bench:
        await bench.service.reserve_proxies([2], "ozon", 8)
        lose(bench)
        await clock.hurry(take(bench), by=0.05)
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "lentik", 9)
        exact = asyncio.create_task(bench.service.take_proxies_batch([2], "ozon", 8))
        await asyncio.wait([exact], timeout=0.4)
        assert not exact.done()
        assert {2: "beboo"} == used(bench)
        clock.jump(HORIZON + 1)
        [proxy], failed = await asyncio.wait_for(exact, 5)
        assert (rows[0][0], []) == (proxy.endpoint.line, failed)
        assert {2: "beboo, ozon"} == used(bench)


async def test_a_write_that_the_sheet_shows_freezes_nothing(tmp_path: Path) -> None:
    """The answer was lost, the write was not: as soon as it is seen, the proxy serves others again."""
    clock, rows = JumpingClock(), shared_rows("")
    async with quick_bench(rows, tmp_path, clock) as bench:
        lose(bench, "lose_answer")
        await clock.hurry(take(bench), by=0.05)
        assert [rows[0][0]] == lines(await asyncio.wait_for(take(bench, "ozon", user=8), 5))
        assert {2: "beboo, ozon"} == used(bench)


async def test_a_late_write_wipes_nothing_out(tmp_path: Path) -> None:
    """A write that lands long after its repetition finds nothing of ours that it did not know."""
    clock, rows = JumpingClock(), shared_rows("Ozon", "")
    async with quick_bench(rows, tmp_path, clock) as bench:
        bench.fault("late", WRITE, times=1, seconds=1.0)
        await clock.hurry(take(bench), by=0.05)
        other = take(bench, "lentik", user=8)
        await clock.hurry(other, by=0.05)
        assert [rows[1][0]] == lines(other.result())
        await bench.called(writes=3)
        clock.jump(HORIZON + 1)
        await bench.settled()
        await sheet_is_right(bench, rows)


async def test_what_was_given_back_does_not_come_back_with_a_late_write(tmp_path: Path) -> None:
    """The word that a late write has brought back is taken out at the horizon, and only then is it told."""
    clock, rows = JumpingClock(), shared_rows("Ozon")
    async with quick_bench(rows, tmp_path, clock) as bench:
        bench.fault("late", WRITE, times=1, seconds=1.0)
        await clock.hurry(take(bench), by=0.05)
        [held] = await bench.service.held_by(7)
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await bench.called(writes=3)
        assert {2: "Ozon, beboo"} == used(bench)
        clock.jump(HORIZON + 1)
        assert (held.allocation,) == (await asyncio.wait_for(returning, 5)).released
        assert {2: "Ozon"} == used(bench)


async def test_a_lost_write_into_sorted_rows_is_put_right(tmp_path: Path) -> None:
    """Sorted between read and write, and the answer lost: every cell has its own words, ours where they belong."""
    rows = [shared_row(number, f"ozon{number}", days=100 - number) for number in range(2, 8)]
    sort = {"kind": "sort", "range": "A2:F7", "column": "D"}
    clock = JumpingClock()
    async with quick_bench(rows, tmp_path, clock) as bench:
        await bench.edit_at(WRITE, sort)
        lose(bench, "lose_answer")
        issued = await take(bench, count=2)
        assert [row[0] for row in rows[:2]] == lines(issued)
        clock.jump(HORIZON + 1)
        await bench.settled()
        await sheet_is_right(bench, rows, sort)


async def test_a_person_who_writes_the_same_meanwhile_is_taken_for_us(tmp_path: Path) -> None:
    """After a write without an answer nobody can tell the words apart: the user has it, the cell says so once."""
    clock, rows = JumpingClock(), shared_rows("")
    async with quick_bench(rows, tmp_path, clock) as bench:
        lose(bench)
        await bench.edit_at(READ, {"kind": "cell", "cell": "E2", "value": "beboo"}, skip=1)
        taking = take(bench)
        await clock.hurry(taking, by=0.05)
        assert [rows[0][0]] == lines(taking.result())
        assert {2: "beboo"} == used(bench)


async def test_a_mark_before_anything_was_sent_is_the_persons(tmp_path: Path) -> None:
    """Google refused the connection, a person marks the proxy: they win, whoever began to take it gets another."""
    clock, rows = JumpingClock(), shared_rows("", "")
    async with quick_bench(rows, tmp_path, clock) as bench:
        bench.fault("status", WRITE, times=1, status=429)
        await bench.edit_at(READ, {"kind": "cell", "cell": "E2", "value": "Beboo"}, skip=1)
        taking = take(bench)
        await clock.hurry(taking, by=0.05)
        assert [rows[1][0]] == lines(taking.result())
        assert {2: "Beboo", 3: "beboo"} == used(bench)


async def killed(bench: DeskBench, *waiting: asyncio.Task[Any]) -> None:
    """The process dies, and with it whoever waited."""
    await bench.kill()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    bench.faults.clear()


@pytest.mark.parametrize("kind", ["lose_answer", "hang"])
async def test_killed_while_taking(tmp_path: Path, kind: str) -> None:
    """The write landed or not: after the start the user has it once, and the cell has the word once."""
    clock, rows = JumpingClock(), shared_rows("Ozon", "")
    async with shared_bench(rows, tmp_path, clock=clock, call_timeout=5.0, write_horizon=HORIZON) as bench:
        lose(bench, kind)
        taking = take(bench)
        await bench.struck()
        await killed(bench, taking)
        await bench.start()
        again = take(bench)
        await clock.hurry(again, by=0.1)
        assert ([rows[0][0]], True) == (lines(again.result()), again.result().receipt.repeated)
        assert {2: "Ozon, beboo"} == used(bench)


async def test_killed_before_anything_was_sent(tmp_path: Path) -> None:
    """Queued and never sent, marked by a person since: the person wins, and nobody waits for it."""
    clock, rows = JumpingClock(), shared_rows("", "")
    async with shared_bench(rows, tmp_path, clock=clock, write_horizon=HORIZON) as bench:
        bench.fault("hang", READ, seconds=30)
        taking = take(bench)
        await bench.struck()
        await killed(bench, taking)
        await bench.edit({"kind": "cell", "cell": "E2", "value": "beboo"})
        await bench.start()
        issued = await asyncio.wait_for(take(bench), 5)
        assert [Reason.TAKEN_IN_SHEET] == [failure.reason for failure in issued.failures]
        assert {2: "beboo"} == used(bench)


@pytest.mark.parametrize("kind", ["lose_answer", "hang"])
async def test_killed_while_giving_back(tmp_path: Path, kind: str) -> None:
    """After the start the word goes, people's stay, and the return ends when its time has come."""
    clock, rows = JumpingClock(), shared_rows("Ozon", "")
    async with shared_bench(rows, tmp_path, clock=clock, call_timeout=5.0, write_horizon=HORIZON) as bench:
        await take(bench)
        [held] = await bench.service.held_by(7)
        lose(bench, kind)
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7, request_key="back"))
        await bench.struck()
        await killed(bench, returning)
        await bench.start()
        again = asyncio.create_task(bench.service.give_back([held.allocation], 7, request_key="back"))
        await clock.hurry(again, by=1.0)
        assert (held.allocation,) == again.result().released
        assert {2: "Ozon"} == used(bench)


async def test_what_was_written_shortly_before_a_start_is_frozen(tmp_path: Path) -> None:
    """A former process's write may still be under way: until its time is over, others get the next best."""
    clock, rows = JumpingClock(), shared_rows("", "", "", "")
    async with shared_bench(rows, tmp_path, clock=clock, write_horizon=HORIZON) as bench:
        await take(bench, count=2)
        await bench.stop()
        await bench.start()
        takes = [take(bench, "ozon", user=user) for user in (8, 9)]
        for each in takes:
            await asyncio.wait_for(each, 5)
        assert {2: "beboo", 3: "beboo", 4: "ozon", 5: "ozon"} == used(bench)
        clock.jump(HORIZON + 1)
        await bench.settled()
        await clock.hurry(last := take(bench, "ozon", user=10), by=1.0)
        assert [rows[0][0]] == lines(last.result())
