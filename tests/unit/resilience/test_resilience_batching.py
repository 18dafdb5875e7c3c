"""Group work: who arrives while a batch is under way rides in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.resilience.batching import Batcher


class Line:
    """Doubles numbers, batch by batch; fails odd ones; waits at the gate while it is shut."""

    def __init__(self, *, limit: int = 100) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.batcher: Batcher[int, int] = Batcher(self.run, limit=limit)

    async def run(self, items: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(items))
        await self.gate.wait()
        return [ValueError(item) if item % 2 else item * 2 for item in items]


async def asked(line: Line, *items: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(line.batcher.submit(item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def test_a_lone_caller_is_served_at_once() -> None:
    """No timer, no company needed."""
    line = Line()
    assert 4 == await line.batcher.submit(2)
    assert [[2]] == line.batches


async def test_whoever_arrives_meanwhile_rides_together_in_the_next() -> None:
    """One batch at a time; the crowd behind it is one batch."""
    line = Line()
    line.gate.clear()
    first = await asked(line, 2)
    await asyncio.sleep(0)
    crowd = await asked(line, 4, 6, 8)
    line.gate.set()
    assert [4, 8, 12, 16] == await asyncio.gather(*first, *crowd)
    assert [[2], [4, 6, 8]] == line.batches


async def test_a_batch_is_no_larger_than_its_limit() -> None:
    """The rest waits its turn, in order."""
    line = Line(limit=2)
    await asyncio.gather(*await asked(line, 2, 4, 6, 8, 10))
    assert [[2, 4], [6, 8], [10]] == line.batches


async def test_an_error_that_run_raises_reaches_everybody_of_the_batch() -> None:
    """And nobody else: the next batch is served."""

    async def run(items: Sequence[int]) -> Sequence[int]:
        if 1 in items:
            raise OSError("down")
        return items

    batcher: Batcher[int, int] = Batcher(run, limit=2)
    outcomes = await asyncio.gather(*map(batcher.submit, (1, 2, 3)), return_exceptions=True)
    assert ["OSError('down')", "OSError('down')", "3"] == list(map(repr, outcomes))


async def test_too_few_results_leave_nobody_waiting() -> None:
    """A `run` that breaks its contract is an error of its callers, not silence."""

    async def run(items: Sequence[int]) -> Sequence[int]:
        return items[1:]

    batcher: Batcher[int, int] = Batcher(run, limit=10)
    outcomes = await asyncio.gather(*map(batcher.submit, (1, 2)), return_exceptions=True)
    assert [ValueError, ValueError] == list(map(type, outcomes))


async def test_a_caller_who_gave_up_changes_nothing_for_the_others() -> None:
    """Its item stays in the batch; its failure is nobody's."""
    line = Line()
    line.gate.clear()
    gone, left, stays = await asked(line, 3, 4, 6)
    gone.cancel()
    left.cancel()
    line.gate.set()
    assert 12 == await stays
    assert [[3, 4, 6]] == line.batches


async def test_drained_when_nothing_waits_or_runs() -> None:
    """At once when idle, else after the last batch."""
    line = Line(limit=1)
    await line.batcher.drained()
    line.gate.clear()
    tasks = await asked(line, 2, 4)
    drained = asyncio.create_task(line.batcher.drained())
    await asyncio.sleep(0)
    assert not drained.done()
    line.gate.set()
    await drained
    assert [4, 8] == [task.result() for task in tasks]


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 7))
def test_each_gets_its_own_result(items: list[int], limit: int) -> None:
    """Whatever the batches: in order, once each, and a failing item harms no other."""

    async def check() -> list[object]:
        line = Line(limit=limit)
        answers = await asyncio.gather(*map(line.batcher.submit, items), return_exceptions=True)
        assert items == [item for batch in line.batches for item in batch]
        return list(answers)

    for item, answer in zip(items, asyncio.run(check()), strict=True):
        if item % 2:
            with pytest.raises(ValueError, match=str(item)):
                raise answer  # type: ignore[misc]
        else:
            assert item * 2 == answer
