"""Several peers asked for the same: what worked, what failed and why, and how long each was waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import ManualClock, SystemClock
from bot.resilience.several import AskEnded, Several, ask_all, first_of
from bot.resilience.tasks import Supervisor

Ask = Callable[[], Awaitable[str]]


def after(clock: ManualClock, seconds: float, value: str, asked: list[str] | None = None) -> Ask:
    """A peer that answers in its time."""

    async def ask() -> str:
        if asked is not None:
            asked.append(value)
        await clock.sleep(seconds)
        return value

    return ask


def failing(error: BaseException) -> Ask:
    """A peer that fails at once."""

    async def ask() -> str:
        raise error

    return ask


async def test_all_are_asked_at_once() -> None:
    """Three that take a second each have answered after one."""
    clock = ManualClock()
    asks = {name: after(clock, 1, name.upper()) for name in ("a", "b", "c")}
    asking = asyncio.create_task(ask_all(asks, clock, deadline=5, supervisor=Supervisor()))
    await clock.tick(0.9)
    assert not asking.done()
    await clock.tick(0.1)
    assert Several({"a": "A", "b": "B", "c": "C"}, {}, {"a": 1, "b": 1, "c": 1}) == asking.result()
    await clock.tick(5)
    assert 1 == len(asyncio.all_tasks())


async def test_failures_are_values_beside_what_worked() -> None:
    """Each with its reason, whoever failed first."""
    clock, error = ManualClock(), KeyError("broken")
    asks = {"bad": failing(error), "good": after(clock, 2, "fine")}
    asking = asyncio.create_task(ask_all(asks, clock, deadline=5, supervisor=Supervisor()))
    await clock.tick(2)
    assert Several({"good": "fine"}, {"bad": error}, {"bad": 0, "good": 2}) == asking.result()


async def test_who_is_late_delays_the_others_to_the_deadline_and_no_longer() -> None:
    """Not even one that does not end when it is cancelled; it is held until it does."""
    clock, supervisor, steps = ManualClock(), Supervisor(), []

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("cancelled")
            await clock.sleep(60)
            steps.append("ended")
        return ""

    asks = {"stubborn": stubborn, "slow": after(clock, 9, ""), "good": after(clock, 1, "fine")}
    asking = asyncio.create_task(ask_all(asks, clock, deadline=3, supervisor=supervisor))
    await clock.tick(3)
    found = asking.result()
    assert ({"good": "fine"}, {"stubborn": 3, "slow": 3, "good": 1}) == (found.worked, found.seconds)
    assert ["stubborn: no answer within 3 s", "slow: no answer within 3 s"] == [
        str(error) for error in found.failed.values() if isinstance(error, TimeoutError)
    ]
    assert ["cancelled"] == steps
    await clock.tick(60)
    assert ["cancelled", "ended"] == steps


async def test_a_time_out_of_the_peer_itself_is_its_failure_alone() -> None:
    """It does not end the wait for the others."""
    clock = ManualClock()
    asks = {"bad": failing(TimeoutError("mine")), "good": after(clock, 1, "fine")}
    asking = asyncio.create_task(ask_all(asks, clock, deadline=5, supervisor=Supervisor()))
    await clock.tick(1)
    assert {"good": "fine"} == asking.result().worked
    assert "mine" == str(asking.result().failed["bad"])


@pytest.mark.parametrize("ways", [ask_all, first_of])
async def test_who_gives_up_ends_what_they_asked(ways: Callable[..., Awaitable[Several[str]]]) -> None:
    """The questions are nobody else's."""
    clock, ended = ManualClock(), []

    async def ask() -> str:
        try:
            await clock.sleep(9)
        finally:
            ended.append("asked")
        return ""

    asking = asyncio.ensure_future(ways({"a": ask}, clock, deadline=10, supervisor=Supervisor()))
    await clock.tick(1)
    asking.cancel()
    await clock.tick(0)
    assert asking.cancelled()
    assert ["asked"] == ended
    assert 1 == len(asyncio.all_tasks())


async def test_a_shutdown_is_a_failure_like_another() -> None:
    """Who waits learns that there is no answer, and is not cancelled itself."""
    clock, supervisor = ManualClock(), Supervisor()
    asking = asyncio.create_task(
        ask_all({"a": after(clock, 9, "")}, clock, deadline=10, supervisor=supervisor)
    )
    await clock.tick(1)
    await supervisor.close()
    found = await asking
    assert {} == found.worked
    assert isinstance(found.failed["a"], AskEnded)


async def test_nobody_is_asked_where_there_is_nobody() -> None:
    """And nothing is waited for."""
    for ways in (ask_all, first_of):
        assert Several() == await ways({}, ManualClock(), deadline=5, supervisor=Supervisor())


async def test_the_first_that_answers_is_enough() -> None:
    """In their order, the time-out of a dead one paid once; who comes later is not asked."""
    clock, error = ManualClock(), KeyError("broken")
    asked: list[str] = []
    asks = {
        "dead": after(clock, 600, "dead", asked),
        "bad": failing(error),
        "good": after(clock, 1, "fine", asked),
        "spare": after(clock, 1, "spare", asked),
    }
    asking = asyncio.create_task(first_of(asks, clock, deadline=5, supervisor=Supervisor()))
    await clock.tick(6)
    found = asking.result()
    assert ({"good": "fine"}, {"dead": 5, "bad": 0, "good": 1}) == (found.worked, found.seconds)
    assert ["dead", "bad"] == list(found.failed)
    assert ["dead", "fine"] == asked


async def test_nobody_answers() -> None:
    """Every reason is there."""
    errors = [KeyError("one"), ValueError("two")]
    asks = {str(error): failing(error) for error in errors}
    found = await first_of(asks, ManualClock(), deadline=5, supervisor=Supervisor())
    assert ({}, errors) == (found.worked, list(found.failed.values()))


async def test_a_first_source_that_is_left_alone_costs_next_to_nothing() -> None:
    """With its breaker open, the second one has answered within 5 ms."""
    clock = SystemClock()
    breaker = Breaker("dead", clock, threshold=1)
    permit = breaker.allow()
    assert permit is not None
    breaker.failed(permit)

    async def dead() -> str:
        with breaker.guard(failures=(OSError,)):
            raise AssertionError("asked")

    async def good() -> str:
        return "fine"

    times = []
    for _ in range(20):
        began = time.perf_counter()
        found = await first_of({"dead": dead, "good": good}, clock, deadline=5, supervisor=Supervisor())
        times.append(time.perf_counter() - began)
        assert {"good": "fine"} == found.worked
        assert isinstance(found.failed["dead"], Resting)
    assert min(times) < 0.005
