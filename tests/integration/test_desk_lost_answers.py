"""Writes whose answer never came: whatever became of them, everybody gets what they asked for once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, WRITE, DeskBench, JumpingClock, desk_bench, proxy_row, proxy_rows
from desk_judge import left_alone, sheet_is_right

from bot.models.results import Issued, Reason

HORIZON = 60.0
QUICK: dict[str, Any] = {"call_timeout": 0.4, "write_horizon": HORIZON}


def taken_rows(issued: Issued) -> list[int]:
    return [proxy.row for proxy in issued.proxies]


@pytest.mark.parametrize("kind", ["lose_answer", "hang", "reset", "cut", "html", "status"])
async def test_a_lost_answer_is_looked_up(tmp_path: Path, kind: str) -> None:
    """Done or not: the next round sees it, the user gets the proxies once and the sheet holds one entry each."""
    rows = proxy_rows(9)
    async with desk_bench(rows, tmp_path, clock=JumpingClock(), **QUICK) as bench:
        bench.fault(kind, WRITE, times=1, seconds=5 if kind == "hang" else 0, status=503)
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert ([2, 3, 4], ()) == (taken_rows(issued), issued.failures)
        assert 3 == sum(text.count("#") for text in bench.issued().values())
        await left_alone(bench, rows)
        await sheet_is_right(bench)


async def test_an_answer_that_drips_is_no_answer(tmp_path: Path) -> None:
    """A byte now and then does not stretch the deadline; the write is looked up and handed out."""
    async with desk_bench(proxy_rows(3), tmp_path, clock=JumpingClock(), **QUICK) as bench:
        bench.fault("drip", WRITE, times=1, bytes_per_second=50)
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [2] == taken_rows(issued)
        await sheet_is_right(bench)


async def test_five_lost_answers_in_a_row(tmp_path: Path) -> None:
    """However often the answer is lost, there is one entry and one proxy."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock, **QUICK) as bench:
        bench.fault("reset", WRITE, times=4)
        bench.fault("lose_answer", WRITE, times=1)
        taking = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
        await clock.hurry(taking, by=0.05)
        assert [2] == taken_rows(taking.result())
        await sheet_is_right(bench)


async def test_what_was_perhaps_sent_outlasts_the_patience(tmp_path: Path) -> None:
    """After a write without an answer the user waits as long as Google is away, and then gets the proxy."""
    clock = JumpingClock()
    refuse = {"outage": "refuse"}
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock, pool=refuse, **QUICK) as bench:
        bench.fault("lose_answer", WRITE, times=1)
        bench.fault("reset", READ, skip=1)
        taking = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
        await bench.struck(1)
        for _ in range(60):
            clock.jump(2.0)
            await asyncio.sleep(0.005)
        assert not taking.done()
        bench.faults.clear()
        await clock.hurry(taking)
        assert [2] == taken_rows(taking.result())
        await sheet_is_right(bench)


async def late_beboo(bench: DeskBench, clock: JumpingClock) -> None:
    """A take whose first write lands long after everybody has given it up."""
    bench.fault("late", WRITE, times=1, seconds=1.0)
    taking = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
    await clock.hurry(taking, by=0.05)
    assert [2] == taken_rows(taking.result())


async def test_a_late_write_changes_nothing_that_it_should_not(tmp_path: Path) -> None:
    """A write that lands after its repetition finds the same text there."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock, **QUICK) as bench:
        await late_beboo(bench, clock)
        await bench.called(writes=2)
        clock.jump(HORIZON)
        await bench.settled()
        await sheet_is_right(bench)


async def test_an_old_text_put_back_is_put_right_at_the_horizon(tmp_path: Path) -> None:
    """A late write that wipes out a later entry of the same cell is undone when its time is over."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(1), tmp_path, clock=clock, **QUICK) as bench:
        await late_beboo(bench, clock)
        await bench.service.issue("ozon", 1, 8, new_resource=True)
        assert ["beboo", "ozon"] == [entry.split()[0] for entry in bench.issued()[2].split("; ")]
        await bench.called(writes=3)
        assert ["beboo"] == [entry.split()[0] for entry in bench.issued()[2].split("; ")]
        clock.jump(HORIZON + 1)
        await bench.called(writes=4)
        assert {"beboo", "ozon"} == {entry.split()[0] for entry in bench.issued()[2].split("; ")}
        await sheet_is_right(bench)


async def test_a_dead_entry_put_back_is_taken_out_at_the_horizon(tmp_path: Path) -> None:
    """What was given back meanwhile does not come back with a late write."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(1), tmp_path, clock=clock, **QUICK) as bench:
        await late_beboo(bench, clock)
        [held] = await bench.service.held_by(7)
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await bench.called(writes=3)
        assert "beboo" in bench.issued()[2]
        clock.jump(HORIZON + 1)
        assert (held.allocation,) == (await asyncio.wait_for(returning, 5)).released
        assert {} == bench.issued()
        await sheet_is_right(bench)
        assert [2] == taken_rows(await bench.service.issue("beboo", 1, 8))


@pytest.mark.parametrize("kind", ["lose_answer", "hang"])
async def test_nothing_is_released_before_the_horizon(tmp_path: Path, kind: str) -> None:
    """A release whose write got no answer is told when no late write can undo it any more."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(1), tmp_path, clock=clock, **QUICK) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        bench.fault(kind, WRITE, times=1, seconds=5)
        await bench.zero()
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await bench.called(reads=2)
        clock.jump(HORIZON - 5)
        await asyncio.wait([returning], timeout=0.4)
        assert not returning.done()
        assert [False] == [each.settled for each in await bench.service.held_by(7)]
        clock.jump(10)
        assert (held.allocation,) == (await asyncio.wait_for(returning, 5)).released
        await sheet_is_right(bench)


async def test_nothing_is_failed_before_the_horizon(tmp_path: Path) -> None:
    """A person who marks the proxy after a write without an answer wins, but only when it cannot land any more."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(1), tmp_path, clock=clock, **QUICK) as bench:
        bench.fault("hang", WRITE, times=1, seconds=5)
        await bench.edit_at(READ, {"kind": "cell", "cell": "E2", "value": "beboo"}, skip=1)
        await bench.zero()
        taking = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
        await bench.called(reads=2)
        clock.jump(HORIZON - 5)
        await asyncio.wait([taking], timeout=0.4)
        assert not taking.done()
        assert {} == bench.issued()
        clock.jump(10)
        issued = await asyncio.wait_for(taking, 5)
        assert ((), [Reason.TAKEN_IN_SHEET]) == (issued.proxies, [one.reason for one in issued.failures])
        await sheet_is_right(bench)


async def test_a_refusal_after_a_lost_answer_fails_nothing_before_the_horizon(tmp_path: Path) -> None:
    """A row that is protected between a write without an answer and its repetition waits like any other doubt."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(1), tmp_path, clock=clock, **QUICK) as bench:
        bench.fault("hang", WRITE, times=1, seconds=5)
        await bench.edit_at(READ, {"kind": "protect", "range": "G2"}, skip=1)
        await bench.zero()
        taking = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
        await bench.called(reads=2)
        clock.jump(HORIZON - 5)
        await asyncio.wait([taking], timeout=0.4)
        assert not taking.done()
        clock.jump(10)
        await clock.hurry(taking)
        issued = taking.result()
        assert ((), [Reason.SHEET_REFUSED]) == (issued.proxies, [one.reason for one in issued.failures])
        await sheet_is_right(bench)


async def test_others_do_not_wait_for_a_doubt(tmp_path: Path) -> None:
    """While one release is in doubt, everybody else is served at once."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, **QUICK) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        bench.fault("hang", WRITE, times=1, seconds=5)
        await bench.zero()
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await bench.called(reads=2)
        assert [3] == taken_rows(await bench.service.issue("beboo", 1, 8))
        assert not returning.done()
        clock.jump(HORIZON + 1)
        await asyncio.wait_for(returning, 5)
        await sheet_is_right(bench)


@pytest.mark.parametrize("kind", ["hang", "lose_answer"])
async def test_a_spare_is_not_handed_out_twice_over(tmp_path: Path, kind: str) -> None:
    """A spare that was chosen before the answer was lost is not followed by a second one."""
    rows = proxy_rows(9)
    mark = {"kind": "cell", "cell": "E2", "value": "beboo"}
    async with desk_bench(rows, tmp_path, clock=JumpingClock(), **QUICK) as bench:
        await bench.edit(mark)
        bench.fault(kind, WRITE, times=1, seconds=5 if kind == "hang" else 0)
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert ([3], ()) == (taken_rows(issued), issued.failures)
        assert [3] == list(bench.issued())
        await left_alone(bench, rows, mark)
        await sheet_is_right(bench)


async def test_a_lost_write_into_sorted_rows_is_put_right(tmp_path: Path) -> None:
    """Sorted between read and write, and the answer lost: the right row carries the entry, the wrong ones do not."""
    rows = [proxy_row(number, days=100 - number, issued=f"ozon {number}") for number in range(2, 8)]
    sort = {"kind": "sort", "range": "A2:G7", "column": "D"}
    clock = JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock, **QUICK) as bench:
        await bench.edit_at(WRITE, sort)
        bench.fault("lose_answer", WRITE, times=1)
        issued = await bench.service.issue("beboo", 2, 7, new_resource=True)
        assert 2 == len(issued.proxies)
        await bench.service.refresh(force=True)
        await bench.zero()
        clock.jump(HORIZON + 1)
        await bench.called(reads=1)
        await sheet_is_right(bench)
        await left_alone(bench, rows, sort)
        assert 2 == sum(text.count("#") for text in bench.issued().values())


async def test_the_queue_keeps_its_order(tmp_path: Path) -> None:
    """After a failed call those who came first are still served first."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(3), tmp_path, clock=clock) as bench:
        bench.fault("reset", READ, times=1)
        first = asyncio.create_task(bench.service.issue("beboo", 1, 7, new_resource=True))
        second = asyncio.create_task(bench.service.issue("beboo", 1, 8, new_resource=True))
        await bench.struck()
        marks = [{"kind": "cell", "cell": cell, "value": "beboo"} for cell in ("E2", "E3")]
        await bench.edit(*marks)
        await clock.hurry(asyncio.gather(first, second))
        assert [4] == taken_rows(first.result())
        assert () == second.result().proxies
        await sheet_is_right(bench)
