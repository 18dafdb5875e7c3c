"""What a stop ends, and what the next start begins with."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from intake_bench import Bench, intake_bench, message, waiting_for
from structlog.testing import capture_logs

from bot.errors import PeerBusy
from bot.resilience.slots import resting


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with intake_bench(tmp_path) as bench:
        yield bench


async def test_what_was_left_open_comes_first(bench: Bench) -> None:
    """A start replays open updates in order; new ones of the same person queue behind them."""
    await bench.inbox.store([message(2), message(1)], now=0)
    bench.telegram.send(message(3))
    intake, _ = bench.start()
    assert await bench.telegram.begins(3) == [1, 2, 3]
    await intake.stop()
    assert await bench.open_ids() == []


async def test_replayed_waits_until_handlers_rest_or_end(bench: Bench) -> None:
    """`replayed` is set when each replayed update has ended or rests, not before."""
    work, commit = asyncio.Event(), asyncio.Event()

    async def take(_: dict[str, Any]) -> None:
        await work.wait()
        async with resting():
            await commit.wait()

    bench.telegram.handlers[1] = take
    await bench.inbox.store([message(1), message(2, user=8)], now=0)
    intake, _ = bench.start()
    await bench.telegram.begins(2)
    await bench.clock.tick(1)
    assert not intake.replayed.is_set()
    work.set()
    await asyncio.wait_for(intake.replayed.wait(), 5)
    assert bench.telegram.ended == [2]
    commit.set()
    await intake.stop()
    assert bench.telegram.ended == [2, 1]


async def test_replayed_is_set_when_there_is_nothing_to_replay(bench: Bench) -> None:
    """Nobody waits for a replay of nothing."""
    intake, _ = bench.start()
    await asyncio.wait_for(intake.replayed.wait(), 5)
    await intake.stop()


async def test_stop_lets_running_handlers_end_and_begins_nothing(bench: Bench) -> None:
    """A stop ends the poll at once; who runs ends well, who waits stays open, unconfirmed updates too."""
    gate = asyncio.Event()
    bench.telegram.handlers[1] = waiting_for(gate)
    intake, running = bench.start(working=1)
    bench.telegram.send(message(1), message(2), message(3, user=8))
    await bench.telegram.begins()
    await bench.telegram.confirmed(4)
    stopping = asyncio.create_task(intake.stop())
    await asyncio.wait_for(running, 5)
    gate.set()
    await asyncio.wait_for(stopping, 5)
    assert bench.telegram.ended == [1]
    assert await bench.open_ids() == [2, 3]


async def test_stop_cuts_off_what_does_not_end(bench: Bench) -> None:
    """After its timeout a stop cancels the handlers that are left; their updates stay open."""
    bench.telegram.handlers[1] = waiting_for(asyncio.Event())
    intake, _ = bench.start()
    bench.telegram.send(message(1))
    await bench.telegram.begins()
    stopping = asyncio.create_task(intake.stop(timeout=25))
    await bench.clock.tick(24.9)
    assert not stopping.done()
    await bench.clock.tick(0.2)
    await asyncio.wait_for(stopping, 5)
    assert await bench.open_ids() == [1]


async def test_a_stop_before_the_first_poll_is_kept(bench: Bench) -> None:
    """An intake that was stopped before it ran does not begin to poll."""
    intake = bench.intake()
    await intake.stop()
    await asyncio.wait_for(intake.run(), 5)
    assert bench.telegram.offsets.empty()


async def test_a_stop_does_not_wait_for_a_pause(bench: Bench) -> None:
    """An intake that waits for Telegram to come back can be stopped meanwhile."""
    bench.telegram.errors = [PeerBusy("telegram", "Too Many Requests", retry_after=3600)]
    with capture_logs():
        intake, running = bench.start()
        await bench.telegram.confirmed(None)
        await bench.clock.tick(1)
        await intake.stop()
    await asyncio.wait_for(running, 5)
