"""Killed at every step and started again on the same folder: what was promised is kept, nothing happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, WRITE, DeskBench, JumpingClock, desk_bench, proxy_rows
from desk_judge import left_alone, sheet_is_right
from sqlalchemy import text

from bot.errors import NotYours, RequestConflict, StorageError
from bot.models.results import Issued, Reason, Returned

HORIZON = 60.0
ROWS = proxy_rows(6)
QUICK: dict[str, Any] = {"call_timeout": 2.0, "write_horizon": HORIZON}


@asynccontextmanager
async def crashing(folder: Path, clock: JumpingClock) -> AsyncIterator[DeskBench]:
    """A desk that can be killed and started again."""
    async with desk_bench(ROWS, folder, clock=clock, **QUICK) as bench:
        yield bench


def take(bench: DeskBench, key: str = "chat:1", count: int = 2, user: int = 7) -> asyncio.Task[Issued]:
    """A user's take under a request key, under way."""
    return asyncio.create_task(bench.service.issue("beboo", count, user, request_key=key, new_resource=True))


def give_back(bench: DeskBench, ids: list[str], key: str = "back:1") -> asyncio.Task[Returned]:
    """A user's return under a request key, under way."""
    return asyncio.create_task(bench.service.give_back(ids, 7, request_key=key))


async def killed(bench: DeskBench, *waiting: asyncio.Task[Any]) -> None:
    """The process dies, and with it whoever waited."""
    await bench.kill()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    bench.faults.clear()


async def statement(bench: DeskBench, sql: str) -> None:
    """Run SQL on the desk's database."""
    await bench.desk.database.write(lambda connection: connection.execute(text(sql)) and None)


async def forbid(bench: DeskBench, state: str) -> None:
    """From now on the database refuses to bring an allocation into the state."""
    await statement(
        bench,
        "CREATE TRIGGER broken BEFORE UPDATE ON allocations "
        f"WHEN NEW.state = '{state}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    )


async def allow(bench: DeskBench) -> None:
    """The database works again."""
    await statement(bench, "DROP TRIGGER broken")


async def test_killed_before_anything_was_sent(tmp_path: Path) -> None:
    """Queued and never sent: the repeated request is carried out, once."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.fault("hang", READ, seconds=30)
        taking = take(bench)
        await bench.struck()
        await killed(bench, taking)
        await bench.start()
        assert {} == bench.issued()
        issued = await asyncio.wait_for(take(bench), 5)
        assert ([2, 3], True) == ([proxy.row for proxy in issued.proxies], issued.receipt.repeated)
        await sheet_is_right(bench)


async def test_what_nobody_asks_for_again_fails(tmp_path: Path) -> None:
    """Queued, and its request is not repeated: it ends as failed and the proxies are free; later it is told so."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.fault("hang", READ, seconds=30)
        taking = take(bench)
        await bench.struck()
        await killed(bench, taking)
        await bench.start()
        assert 2 == await bench.service.settle_orphans()
        assert 0 == await bench.service.settle_orphans()
        late = await asyncio.wait_for(take(bench), 5)
        assert ((), [Reason.SHEET_UNAVAILABLE] * 2) == (late.proxies, [one.reason for one in late.failures])
        other = await asyncio.wait_for(take(bench, "chat:2", count=6, user=8), 5)
        assert 6 == len(other.proxies)
        await sheet_is_right(bench)


@pytest.mark.parametrize("kind", ["hang", "lose_answer"])
@pytest.mark.parametrize("repeated", [True, False], ids=["asked again", "not asked again"])
async def test_killed_after_the_write_was_sent(tmp_path: Path, kind: str, repeated: bool) -> None:
    """Sent, landed or not: the next process brings it to its end by itself, and the request has its answer."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.fault(kind, WRITE, seconds=30)
        taking = take(bench)
        await bench.struck()
        await bench.called(writes=1 if kind == "lose_answer" else 0)
        await killed(bench, taking)
        await bench.start()
        if not repeated:
            await bench.settled()
            assert 0 == await bench.service.settle_orphans()
        issued = await asyncio.wait_for(take(bench), 5)
        assert ([2, 3], (), True) == (
            [proxy.row for proxy in issued.proxies],
            issued.failures,
            issued.receipt.repeated,
        )
        assert 2 == len(await bench.service.held_by(7))
        await left_alone(bench, ROWS)
        await sheet_is_right(bench)


async def test_killed_before_the_outcome_was_journalled(tmp_path: Path) -> None:
    """The sheet shows the entries, the journal could not be written: after the start they are the user's."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await bench.zero()
        await forbid(bench, "taken")
        taking = take(bench)
        await bench.called(writes=1)
        await killed(bench, taking)
        assert 2 == len(bench.issued())
        await bench.start()
        await allow(bench)
        await clock.hurry(settling := asyncio.create_task(bench.settled()))
        await settling
        issued = await asyncio.wait_for(take(bench), 5)
        assert [2, 3] == [proxy.row for proxy in issued.proxies]
        await sheet_is_right(bench)


async def test_killed_after_all_was_done(tmp_path: Path) -> None:
    """The answer was lost on the way to the user only: the repeated request gets the same one, same number."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        before = await take(bench)
        await killed(bench)
        await bench.start()
        again = await take(bench)
        assert (before.proxies, before.failures) == (again.proxies, again.failures)
        assert before.receipt.request == again.receipt.request
        assert (False, True) == (before.receipt.repeated, again.receipt.repeated)
        assert 2 == len(bench.issued())


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """No request number is used by two processes."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        first = await take(bench)
        await bench.stop()
        await bench.start()
        second = await take(bench, "chat:2")
        assert second.receipt.request > first.receipt.request


@pytest.mark.parametrize("kind", ["hang", "lose_answer"])
async def test_giving_back_across_a_crash(tmp_path: Path, kind: str) -> None:
    """A release that was under way is finished by the next process, when no late write can undo it any more."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await take(bench)
        ids = [each.allocation for each in await bench.service.held_by(7)]
        await bench.zero()
        bench.fault(kind, WRITE, seconds=30)
        returning = give_back(bench, ids)
        await bench.struck()
        await bench.called(writes=1 if kind == "lose_answer" else 0)
        await killed(bench, returning)
        await bench.start()
        again = give_back(bench, ids)
        await asyncio.wait([again], timeout=0.3)
        assert not again.done()
        clock.jump(HORIZON + 1)
        returned = await asyncio.wait_for(again, 5)
        assert (set(ids), True) == (set(returned.released), returned.receipt.repeated)
        assert {} == bench.issued()
        await sheet_is_right(bench)


async def test_a_late_write_of_the_former_process(tmp_path: Path) -> None:
    """A write that lands after the crash and the restart is put right when its time is over."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.fault("late", WRITE, times=1, seconds=0.8)
        taking = take(bench, count=1)
        await bench.struck()
        await killed(bench, taking)
        await bench.start()
        await bench.settled()
        other = await asyncio.wait_for(
            bench.service.take_proxies_batch([2], "ozon", 8, request_id="chat:2"), 5
        )
        assert [] == other[1]
        writes = (await bench.calls())["writes"]
        await bench.called(writes=writes + 1)
        assert "ozon" not in bench.issued()[2]
        clock.jump(HORIZON + 1)
        await bench.called(writes=writes + 2)
        await sheet_is_right(bench)


async def test_killed_again_and_again(tmp_path: Path) -> None:
    """Three crashes in a row at the write: one entry each, one answer."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        for _ in range(3):
            bench.fault("lose_answer", WRITE, seconds=30)
            bench.fault("hang", READ, seconds=30, skip=5)
            taking = take(bench)
            await asyncio.wait([taking], timeout=0.2)
            await killed(bench, taking)
            await bench.start()
        issued = await asyncio.wait_for(take(bench), 5)
        assert [2, 3] == [proxy.row for proxy in issued.proxies]
        assert 2 == sum(cell.count("#") for cell in bench.issued().values())
        await sheet_is_right(bench)


async def test_a_restart_while_google_is_away(tmp_path: Path) -> None:
    """The desk starts without its sheet, rows are sorted meanwhile: what was sent is settled when Google is back."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.fault("lose_answer", WRITE, seconds=30)
        taking = take(bench)
        await bench.struck()
        await bench.called(writes=1)
        await killed(bench, taking)
        sort = {"kind": "sort", "range": "A2:G7", "column": "D"}
        await bench.edit(sort)
        bench.fault("reset", "/v4/")
        await bench.start()
        assert 2 == (await bench.service.get_stats()).being_checked
        bench.faults.clear()
        settling = asyncio.create_task(bench.settled())
        await clock.hurry(settling)
        issued = await asyncio.wait_for(take(bench), 5)
        assert (2, ()) == (len(issued.proxies), issued.failures)
        await left_alone(bench, ROWS, sort)
        await sheet_is_right(bench)


async def test_a_key_with_other_parameters(tmp_path: Path) -> None:
    """A request key stands for its parameters, over a restart too; the attempt takes nothing."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await take(bench)
        for _ in range(2):
            for other in (take(bench, count=1), take(bench, user=8)):
                with pytest.raises(RequestConflict):
                    await other
            with pytest.raises(RequestConflict):
                await bench.service.take_proxies_batch([4], "beboo", 7, request_id="chat:1")
            with pytest.raises(RequestConflict):
                await give_back(bench, ["whatever"], "chat:1")
            await killed(bench)
            await bench.start()
        assert 2 == len(bench.issued())


async def test_tapping_twice_takes_once(tmp_path: Path) -> None:
    """The same key twice at the same moment is one request with one answer."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        first, second = await asyncio.gather(take(bench), take(bench))
        assert first.proxies == second.proxies
        assert first.receipt.request == second.receipt.request
        assert 2 == len(bench.issued())


async def test_tapping_twice_gives_back_once(tmp_path: Path) -> None:
    """The same return twice, one after the other: the same answer."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await take(bench)
        ids = [each.allocation for each in await bench.service.held_by(7)]
        first = await give_back(bench, ids)
        second = await give_back(bench, ids)
        assert (first.released, False, True) == (
            second.released,
            first.receipt.repeated,
            second.receipt.repeated,
        )
        with pytest.raises(NotYours):
            await give_back(bench, ids, "back:2")


async def test_a_cancelled_waiter_does_not_stop_the_commit(tmp_path: Path) -> None:
    """Who stops waiting stops nothing: the others get theirs, and the one who comes back gets his."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.faults.set({"latency": {"kind": "constant", "ms": 80}})
        one, other = take(bench), take(bench, "chat:2", user=8)
        await asyncio.sleep(0.1)
        one.cancel()
        assert 2 == len((await other).proxies)
        again = await take(bench)
        assert (2, True) == (len(again.proxies), again.receipt.repeated)
        assert 4 == len(bench.issued())
        await sheet_is_right(bench)


async def test_a_database_that_refuses_before_the_write(tmp_path: Path) -> None:
    """Nothing can be journalled: the user reads so, nothing is sent, nothing is taken behind his back."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await bench.zero()
        await forbid(bench, "taking")
        with pytest.raises(StorageError):
            await asyncio.wait_for(take(bench), 5)
        assert 0 == (await bench.calls())["writes"]
        await allow(bench)
        clock.jump(5)
        await bench.settled()
        assert ({}, []) == (bench.issued(), await bench.service.held_by(7))
        other = await asyncio.wait_for(take(bench, "chat:2", count=6, user=8), 5)
        assert 6 == len(other.proxies)
        assert () == (await bench.service.get_stats()).needs_attention
        await sheet_is_right(bench)


async def test_a_database_that_refuses_after_the_write(tmp_path: Path) -> None:
    """The sheet has it, the journal not yet: the user waits until it has, and is told once."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        await bench.zero()
        await forbid(bench, "taken")
        taking = take(bench)
        await bench.called(writes=1)
        await asyncio.wait([taking], timeout=0.1)
        assert not taking.done()
        await allow(bench)
        await clock.hurry(taking)
        assert 2 == len(taking.result().proxies)
        await sheet_is_right(bench)


async def test_a_stop_lets_the_commit_end(tmp_path: Path) -> None:
    """A deployment in the middle of a commit: the commit ends, the answer is journalled, nobody loses anything."""
    clock = JumpingClock()
    async with crashing(tmp_path, clock) as bench:
        bench.faults.set({"latency": {"kind": "constant", "ms": 80}})
        taking = take(bench)
        await asyncio.sleep(0.12)
        await bench.stop()
        assert 2 == len((await taking).proxies)
        bench.faults.clear()
        await bench.start()
        assert 2 == len(await bench.service.held_by(7))
        await sheet_is_right(bench)
