"""Several peers who may know the same: asked all at once, or one after the other until one has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.resilience.clock import Clock
from bot.resilience.deadline import deadline as within
from bot.resilience.tasks import Supervisor

T = TypeVar("T")

Ask = Callable[[], Awaitable[T]]


class AskEnded(Exception):
    """Somebody else than who asked has cancelled the question: it has brought neither a value nor an error."""


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """What became of each question, by name and in the order of the questions: a value or the reason of failure.

    Who has not answered in time has failed with TimeoutError. `seconds` is how long each was waited for.
    """

    worked: dict[str, T] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


async def ask_all(
    asks: Mapping[str, Ask[T]], clock: Clock, *, deadline: float, supervisor: Supervisor
) -> Several[T]:
    """Ask all at once and wait until each has answered or failed, for `deadline` seconds at most.

    Who is late is cancelled and not waited for, also if it takes its time to end. A cancellation of the caller
    cancels all it has asked.
    """
    if not asks:
        return Several()
    began, ended = clock.monotonic(), dict[str, float]()

    async def timed(name: str, ask: Ask[T]) -> T:
        try:
            return await ask()
        finally:
            ended[name] = clock.monotonic()

    tasks = {
        name: supervisor.start(timed(name, ask), name=f"ask {name}", waited_for=True)
        for name, ask in asks.items()
    }
    await _until_answered(tasks.values(), clock, deadline)
    found: Several[T] = Several()
    for name, task in tasks.items():
        found.seconds[name] = ended.get(name, clock.monotonic()) - began
        _note(found, name, task, deadline)
    return found


async def first_of(
    asks: Mapping[str, Ask[T]], clock: Clock, *, deadline: float, supervisor: Supervisor
) -> Several[T]:
    """Ask one after the other, each for `deadline` seconds at most, until one has answered.

    At most one has worked; who comes after it is in none of the tables.
    """
    found: Several[T] = Several()
    for name, ask in asks.items():
        one = await ask_all({name: ask}, clock, deadline=deadline, supervisor=supervisor)
        found.worked.update(one.worked)
        found.failed.update(one.failed)
        found.seconds.update(one.seconds)
        if found.worked:
            break
    return found


async def _until_answered(tasks: Collection[asyncio.Task[T]], clock: Clock, seconds: float) -> None:
    try:
        async with within(clock, seconds):
            await asyncio.wait(tasks)  # who is cancelled here does not cancel the tasks
    except TimeoutError:
        return  # who is late is told from who has ended
    finally:
        for task in tasks:
            task.cancel()


def _note(found: Several[T], name: str, task: asyncio.Task[T], deadline: float) -> None:
    if not task.done():
        found.failed[name] = TimeoutError(f"{name}: no answer within {deadline:g} s")
    elif task.cancelled():
        found.failed[name] = AskEnded(name)
    elif (error := task.exception()) is None:
        found.worked[name] = task.result()
    elif isinstance(error, Exception):
        found.failed[name] = error
    else:
        raise error
