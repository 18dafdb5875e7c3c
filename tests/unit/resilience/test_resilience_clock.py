"""The clock that tests tick by hand, and the machine's own."""

from __future__ import annotations

import asyncio
import time

from bot.resilience.clock import ManualClock, SystemClock


async def test_time_stands_still_until_it_is_ticked() -> None:
    """Both readings move by exactly what was ticked."""
    clock = ManualClock(100.0)
    assert (100.0, 100.0) == (clock.time(), clock.monotonic())
    await clock.tick(2.5)
    assert (102.5, 102.5) == (clock.time(), clock.monotonic())


async def test_sleepers_wake_at_their_own_moments_in_order() -> None:
    """One tick over many moments: each sleeper sees the time it asked for; equal ones wake as they came."""
    clock, woken = ManualClock(0.0), list[tuple[str, float]]()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("late", 3.0), ("early", 1.0), ("first", 2.0), ("second", 2.0)):
            group.create_task(sleeper(name, seconds))
        await clock.tick(10)
    assert [("early", 1.0), ("first", 2.0), ("second", 2.0), ("late", 3.0)] == woken
    assert 10.0 == clock.time()


async def test_a_sleeper_that_sleeps_again_is_woken_in_the_same_tick() -> None:
    """What a woken task starts belongs to the time it woke in."""
    clock, seen = ManualClock(0.0), list[float]()

    async def every_second() -> None:
        for _ in range(3):
            await clock.sleep(1)
            seen.append(clock.monotonic())

    task = asyncio.create_task(every_second())
    await clock.tick(2)
    assert [1.0, 2.0] == seen
    await clock.tick(1)
    assert task.done()


async def test_no_sleep_needs_no_tick() -> None:
    """Zero and less only let the others run."""
    clock = ManualClock()
    await clock.sleep(0)
    await clock.sleep(-1)


async def test_a_cancelled_sleeper_stops_nobody() -> None:
    """Its moment passes unnoticed."""
    clock = ManualClock(0.0)
    gone = asyncio.create_task(clock.sleep(1))
    other = asyncio.create_task(clock.sleep(2))
    await clock.tick(0)
    gone.cancel()
    await clock.tick(2)
    assert (True, True) == (gone.cancelled(), other.done())


async def test_the_machines_clock_is_the_machines() -> None:
    """Wall time for what is stored, monotonic time for durations; a sleep returns."""
    clock = SystemClock()
    before = time.time(), time.monotonic()
    await clock.sleep(0)
    assert before[0] <= clock.time() <= time.time()
    assert before[1] <= clock.monotonic() <= time.monotonic()
