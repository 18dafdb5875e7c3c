"""A deadline by a clock."""

from __future__ import annotations

import asyncio

import pytest

from bot.resilience.clock import ManualClock
from bot.resilience.deadline import deadline


async def test_what_ends_in_time_is_left_alone() -> None:
    """Its result and its error are its own, and no timer is left behind."""
    clock = ManualClock()
    async with deadline(clock, 5):
        done = await asyncio.sleep(0, "done")
    assert "done" == done

    with pytest.raises(KeyError):
        async with deadline(clock, 5):
            raise KeyError
    await clock.tick(10)
    assert 1 == len(asyncio.all_tasks())


async def test_what_takes_longer_is_cancelled_and_has_cleaned_up() -> None:
    """At its moment, not before."""
    clock, steps = ManualClock(), []

    async def work() -> None:
        async with deadline(clock, 5):
            try:
                await asyncio.Event().wait()
            finally:
                steps.append("cleaned up")

    task = asyncio.create_task(work())
    await clock.tick(4.9)
    assert not task.done()
    await clock.tick(0.2)
    assert ["cleaned up"] == steps
    with pytest.raises(TimeoutError):
        await task


async def test_a_cancellation_from_outside_stays_one() -> None:
    """Who hangs up does not read that time was over."""
    clock = ManualClock()

    async def work() -> None:
        async with deadline(clock, 5):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await clock.tick(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
