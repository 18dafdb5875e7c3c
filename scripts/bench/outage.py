"""What a dead peer costs: calls into an outage in virtual time, and the time of users who have a second source."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import Clock, ManualClock, SystemClock
from bot.resilience.deadline import deadline
from bot.resilience.several import ask_all, first_of
from bot.resilience.tasks import Supervisor

CALLS = 50
BETWEEN_CALLS = 10.0
TIME_OUT = 30.0
REST = 60.0
THRESHOLD = 5
SOURCE_TIME_OUT = 5.0


@dataclass(frozen=True, slots=True)
class Outage:
    """Calls into an outage: those that waited for the time-out before the breaker opened, and its tries after that.

    Durations in seconds: from the first call to the end of the last one, the part of it after the opening, and what
    callers waited in all, with the breaker and as it would be without one.
    """

    calls: int
    time_outs: int
    tries: int
    lasted: float
    open_for: float
    waited: float
    unguarded: float


@dataclass(frozen=True, slots=True)
class Sources:
    """Seconds a user waits, all by the machine's clock but the first.

    A first source that hangs costs its time-out in virtual time; one that is left alone is skipped; three are asked
    at once, each of which takes `answer` seconds.
    """

    hanging: float
    resting: float
    answer: float
    three: float


async def outage() -> Outage:
    """One call after the other, ten seconds between them, to a peer that never answers."""
    clock = ManualClock()
    breaker = Breaker("dead", clock, threshold=THRESHOLD, rest=REST)
    began, waits, opened = clock.monotonic(), [], None
    tries = 0
    for _ in range(CALLS):
        was_open, before = breaker.is_open, clock.monotonic()
        sent = await _ended(asyncio.create_task(_call(breaker, clock)), clock)
        tries += sent and was_open
        waits.append(clock.monotonic() - before)
        if opened is None and breaker.is_open:
            opened = clock.monotonic()
        await clock.tick(BETWEEN_CALLS)
    now = clock.monotonic() - BETWEEN_CALLS
    time_outs = sum(wait >= TIME_OUT for wait in waits) - tries
    open_for = 0.0 if opened is None else now - opened
    return Outage(CALLS, time_outs, tries, now - began, open_for, sum(waits), CALLS * TIME_OUT)


async def sources(answer: float, rounds: int) -> Sources:
    """A dead first source with a good second one, and three good ones at once."""
    return Sources(
        hanging=await _hanging(),
        resting=statistics.median([await _resting() for _ in range(rounds)]),
        answer=answer,
        three=await _three(answer),
    )


async def _call(breaker: Breaker, clock: Clock) -> bool:
    """Whether the call was sent."""
    try:
        with breaker.guard(failures=(TimeoutError,)):
            async with deadline(clock, TIME_OUT):
                await asyncio.Event().wait()
    except Resting:
        return False
    except TimeoutError:
        return True
    raise AssertionError("a dead peer has answered")


async def _ended(task: asyncio.Task[bool], clock: ManualClock) -> bool:
    await clock.tick(0)
    if not task.done():
        await clock.tick(TIME_OUT)
    return await task


async def _hanging() -> float:
    clock = ManualClock()
    began = clock.monotonic()

    async def dead() -> str:
        await asyncio.Event().wait()
        return ""

    async def user() -> float:
        await first_of(
            {"dead": dead, "good": _good}, clock, deadline=SOURCE_TIME_OUT, supervisor=Supervisor()
        )
        return clock.monotonic() - began

    waiting = asyncio.create_task(user())
    await clock.tick(2 * SOURCE_TIME_OUT)
    return await waiting


async def _resting() -> float:
    clock = SystemClock()
    breaker = Breaker("dead", clock, threshold=1)
    permit = breaker.allow()
    if permit is not None:
        breaker.failed(permit)

    async def dead() -> str:
        with breaker.guard(failures=(OSError,)):
            return "asked"

    began = time.perf_counter()
    found = await first_of(
        {"dead": dead, "good": _good}, clock, deadline=SOURCE_TIME_OUT, supervisor=Supervisor()
    )
    taken = time.perf_counter() - began
    if list(found.worked) != ["good"]:
        raise AssertionError(f"the wrong one has answered: {found}")
    return taken


async def _three(answer: float) -> float:
    async def source() -> str:
        await asyncio.sleep(answer)
        return "fine"

    began = time.perf_counter()
    asks = dict.fromkeys(("one", "two", "three"), source)
    found = await ask_all(asks, SystemClock(), deadline=10 * answer, supervisor=Supervisor())
    taken = time.perf_counter() - began
    if len(found.worked) != len(asks):
        raise AssertionError(f"somebody has not answered: {found}")
    return taken


async def _good() -> str:
    return "fine"
