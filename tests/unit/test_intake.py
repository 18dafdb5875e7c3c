"""Taking in and carrying out: once each, in order, within bounds."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from intake_bench import Bench, intake_bench, message, waiting_for

from bot.resilience.slots import resting


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with intake_bench(tmp_path) as bench:
        yield bench


async def test_each_update_is_handled_once_and_done(bench: Bench) -> None:
    """What comes in reaches its handler, is confirmed, and leaves nothing open."""
    intake, running = bench.start()
    bench.telegram.send(message(5), message(6, user=8))
    assert {5, 6} == set(await bench.telegram.begins(2))
    await bench.telegram.confirmed(7)
    await intake.stop()
    await asyncio.wait_for(running, 5)
    assert await bench.open_ids() == []
    assert (
        intake.stats().received,
        intake.stats().repeated,
        intake.stats().handled,
        intake.stats().waiting,
    ) == (2, 0, 2, 0)


async def test_a_repeat_is_ignored(bench: Bench) -> None:
    """An update that comes again, even after it is done, has no second effect."""
    intake, _ = bench.start()
    bench.telegram.send(message(5))
    await bench.telegram.begins()
    await bench.telegram.confirmed(6)
    bench.telegram.send(message(5))
    await bench.telegram.confirmed(6)
    bench.telegram.send(message(6))
    assert await bench.telegram.begins() == [6]
    await intake.stop()
    assert intake.stats().repeated == 1
    assert bench.telegram.ended == [5, 6]


async def test_after_an_empty_answer_no_offset_is_asked_for(bench: Bench) -> None:
    """Update ids that begin anew, lower than the last, are handled and not confirmed unseen."""
    bench.telegram.empty_answers = 1
    bench.telegram.send(message(500))
    intake, _ = bench.start()
    await bench.telegram.confirmed(501)
    await bench.telegram.confirmed(None)
    bench.telegram.send(message(3))
    assert await bench.telegram.begins(2) == [500, 3]
    await intake.stop()


async def test_one_lane_is_served_in_order(bench: Bench) -> None:
    """Updates of one person wait for each other, however long one takes."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake, _ = bench.start()
    bench.telegram.send(*(message(n) for n in range(1, 6)), message(9, user=8))
    assert {1, 9} == set(await bench.telegram.begins(2))
    gate.set()
    assert await bench.telegram.begins(4) == [2, 3, 4, 5]
    await intake.stop()


async def test_who_sends_a_great_deal_sees_a_few_signs(bench: Bench) -> None:
    """The first three of what waits show that they were heard; nobody else's sign is left out for that."""
    gate = asyncio.Event()
    bench.telegram.handlers.update({1: waiting_for(gate), 20: waiting_for(gate)})
    intake, _ = bench.start()
    bench.telegram.send(*(message(n) for n in range(1, 20)), message(20, user=8), message(21, user=8))
    assert {1, 20} == set(await bench.telegram.begins(2))
    await bench.clock.tick(0.2)
    assert {(2, False), (3, False), (4, False), (21, False)} == set(bench.telegram.signs)
    gate.set()
    await bench.telegram.begins(19)
    await intake.stop()


async def test_a_hundred_lanes_run_at_once(bench: Bench) -> None:
    """A hundred people are served concurrently when so many may work."""
    together = asyncio.Barrier(100)

    async def meet(_: dict[str, Any]) -> None:
        async with asyncio.timeout(5):
            await together.wait()

    bench.telegram.handlers = dict.fromkeys(range(100), meet)
    intake, _ = bench.start(working=100)
    bench.telegram.send(*(message(n, user=n + 1) for n in range(100)))
    await bench.telegram.begins(100)
    await intake.stop()
    assert intake.stats().handled == 100


@pytest.mark.parametrize("replayed", [False, True])
async def test_work_is_bounded_and_waiting_is_not(bench: Bench, replayed: bool) -> None:
    """Only `working` handlers run, new or replayed; one that rests makes room for the next."""
    gate, resting_at = asyncio.Event(), asyncio.Semaphore(0)

    async def rest(_: dict[str, Any]) -> None:
        await resting_at.acquire()
        async with resting():
            await gate.wait()

    bench.telegram.handlers = dict.fromkeys(range(1, 6), rest)
    updates = [message(n, user=n) for n in range(1, 6)]
    if replayed:
        await bench.inbox.store(updates, now=0)
    intake, _ = bench.start(working=2)
    if not replayed:
        bench.telegram.send(*updates)
    assert await bench.telegram.begins(2) == [1, 2]
    await bench.clock.tick(1)
    assert bench.telegram.begun.empty()
    resting_at.release()
    assert await bench.telegram.begins() == [3]
    assert intake.stats().waiting == 2
    for _ in range(4):
        resting_at.release()
    gate.set()
    await bench.telegram.begins(2)
    await intake.stop()
    assert intake.stats().handled == 5


async def test_cancel_overtakes(bench: Bench) -> None:
    """`/cancel` is handled while an earlier update of the same person still is."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake, _ = bench.start()
    bench.telegram.send(message(1, words="/take beboo"), message(2), message(3, words="/cancel"))
    assert {1, 3} == set(await bench.telegram.begins(2))
    gate.set()
    assert await bench.telegram.begins() == [2]
    await intake.stop()


async def test_fetching_stops_while_too_many_wait(bench: Bench) -> None:
    """Beyond the bound nothing is fetched; it goes on when enough have begun."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake, _ = bench.start(waiting=3)
    bench.telegram.send(*(message(n) for n in range(1, 6)))
    await bench.telegram.begins()
    await bench.telegram.confirmed(None)
    await bench.clock.tick(10)
    assert (intake.stats().waiting, intake.stats().oldest_age) == (4, 10.0)
    assert bench.telegram.offsets.empty()
    gate.set()
    await bench.telegram.confirmed(6)
    await bench.telegram.begins(4)
    await intake.stop()
