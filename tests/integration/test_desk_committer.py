"""The committer's loop goes on whatever happens inside one commit, and lets itself be stopped."""

from __future__ import annotations

import asyncio
import itertools
import random
from typing import Any, cast

from desk_bench import JumpingClock

from bot.models.allocation import Allocation, State
from bot.models.commit import Ask
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.resilience.clock import SystemClock
from bot.resilience.limiter import ReadWritePace
from bot.services.commit_job import CommitCounts, Job, Postponed
from bot.services.commit_run import CommitRun
from bot.services.committer import Committer
from bot.services.doubts import Doubts

ASK = Ask(Allocation("aaaaaaaa", 1, "key", "beboo", 7, "@anna", "2026-11-22", State.QUEUED, 2))
PATIENT_TRIES = 5  # of a request that is waited for: one of them comes as its patience ends


class Quiet:
    """Has nothing to write down."""

    def __init__(self) -> None:
        self.counts = CommitCounts()
        self.pace = ReadWritePace(SystemClock(), reads_per_minute=6000, writes_per_minute=6000, burst=100)

    async def note_doubts(self) -> None: ...

    async def end(self) -> None: ...


class Stumbling(Quiet):
    """Commits that fail in a way nobody has thought of, and then one that works."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def commit(self, job: Job) -> Postponed:
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError
        for ticket in job.tickets.values():
            ticket.take(ASK)
            ticket.settled.set_result(ticket.settlement())
        return Postponed()


def committer(run: Any, clock: JumpingClock) -> Committer:
    return Committer(cast(CommitRun, run), Pool(Ledger()), Doubts(), clock, random.Random(1))


async def test_an_error_nobody_thought_of_is_not_the_end() -> None:
    """Who waits is served by a later try."""
    clock = JumpingClock()
    desk = committer(Stumbling(1), clock)
    running = asyncio.create_task(desk.run())
    settled = desk.submit(1, [ASK])
    await clock.hurry(settled)
    assert ("aaaaaaaa",) == settled.result().taken
    await desk.stop()
    await running


async def test_a_peer_that_says_when_to_come_back() -> None:
    """It is tried then, and not later, however often it has failed before."""

    class Away(Quiet):
        def __init__(self, clock: JumpingClock) -> None:
            super().__init__()
            self.clock = clock
            self.tries: list[float] = []

        async def commit(self, job: Job) -> Postponed:
            self.tries.append(self.clock.monotonic())
            return Postponed(again=True, pause=10.0)

    clock = JumpingClock()
    away = Away(clock)
    desk = committer(away, clock)
    running = asyncio.create_task(desk.run())
    desk.submit(1, [ASK])
    while len(away.tries) < 12:
        clock.jump(0.25)
        await asyncio.sleep(0.001)
    pauses = [later - earlier for earlier, later in itertools.pairwise(away.tries)]
    assert max(pauses) < 11.0
    assert 10.0 <= min(pauses[PATIENT_TRIES:])
    await desk.stop()
    await running


async def test_stopping_a_loop_that_was_cancelled() -> None:
    """`stop` does not wait for a commit that will never end."""

    class Endless(Quiet):
        async def commit(self, job: Job) -> Postponed:
            await asyncio.Event().wait()
            return Postponed()

    desk = committer(Endless(), JumpingClock())
    running = asyncio.create_task(desk.run())
    desk.submit(1, [ASK])
    await asyncio.wait([running], timeout=0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.wait_for(desk.stop(), 1)
