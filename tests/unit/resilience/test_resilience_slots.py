"""The bound on work: who waits for others does not count."""

from __future__ import annotations

import asyncio

import pytest

from bot.resilience.slots import Slots, resting


class Body:
    """Works in a slot until it is told to rest, then rests until it is told to go on."""

    def __init__(self, slots: Slots) -> None:
        self.seen: list[str] = []
        self.rest, self.wake, self.end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._run(slots))

    async def _run(self, slots: Slots) -> None:
        async with slots.occupied():
            self.seen.append("works")
            await self.rest.wait()
            async with resting():
                self.seen.append("rests")
                await self.wake.wait()
            self.seen.append("works again")
            await self.end.wait()
        self.seen.append("done")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_only_so_many_work_at_a_time() -> None:
    """The next one begins when one has ended."""
    slots, order = Slots(2), list[int]()
    gates = [asyncio.Event() for _ in range(3)]

    async def work(number: int) -> None:
        async with slots.occupied():
            order.append(number)
            await gates[number].wait()

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(work(number))
        await settle()
        assert [0, 1] == order
        gates[0].set()
        await settle()
        assert [0, 1, 2] == order
        gates[1].set()
        gates[2].set()


async def test_who_rests_lends_the_slot_and_waits_to_get_one_back() -> None:
    """A second body works meanwhile; the first goes on when the second has made room."""
    slots = Slots(1)
    first, second = Body(slots), Body(slots)
    await settle()
    assert (["works"], []) == (first.seen, second.seen)
    first.rest.set()
    await settle()
    assert (["works", "rests"], ["works"]) == (first.seen, second.seen)
    first.wake.set()
    await settle()
    assert ["works", "rests"] == first.seen
    for event in (second.rest, second.wake, second.end, first.end):
        event.set()
    await asyncio.gather(first.task, second.task)
    assert "done" == first.seen[-1] == second.seen[-1]


async def test_no_slot_is_lost_or_made_by_errors() -> None:
    """After failures at work, at rest, and a cancellation while getting the slot back, the bound still holds."""
    slots = Slots(1)
    with pytest.raises(KeyError):
        async with slots.occupied():
            raise KeyError
    with pytest.raises(KeyError):
        async with slots.occupied(), resting():
            raise KeyError
    first, second = Body(slots), Body(slots)
    first.rest.set()
    await settle()
    first.wake.set()
    await settle()
    first.task.cancel()
    await settle()
    assert first.task.cancelled()
    for event in (second.rest, second.wake, second.end):
        event.set()
    await second.task
    third = Body(slots)
    fourth = Body(slots)
    await settle()
    assert (["works"], []) == (third.seen, fourth.seen)
    for body in (third, fourth):
        for event in (body.rest, body.wake, body.end):
            event.set()
    await asyncio.gather(third.task, fourth.task)


async def test_resting_twice_lends_one_slot() -> None:
    """Within a rest another one changes nothing."""
    slots = Slots(1)
    async with slots.occupied(), resting():
        async with resting(), slots.occupied():
            pass
        async with slots.occupied():
            pass


async def test_resting_without_a_slot_is_just_waiting() -> None:
    """Code that may rest can be called from anywhere."""
    async with resting():
        pass
