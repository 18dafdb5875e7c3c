"""The table of jobs: when each runs, and what is known of it."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.errors import PeerUnavailable
from bot.jobs import Job, JobTable
from bot.resilience.clock import SystemClock


async def test_a_job_that_runs_once_a_day_runs_in_the_first_minute_too() -> None:
    """A bot that is restarted every hour would never come to it."""
    table = JobTable([Job("daily", 86_400.0, 60.0, asyncio.Event().wait)], SystemClock())
    table.start()
    [status] = table.status()
    table.stop()
    assert status.next_run_at is not None
    assert 0 < status.next_run_at - time.time() <= 60


async def test_a_job_that_is_cancelled_at_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """The bot stops while a job waits for a peer: nothing of that is in the log."""
    began, ended = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    table = JobTable([Job("slow", 60.0, 60.0, wait, at_once=True)], SystemClock())
    table.start()
    async with asyncio.timeout(10):
        await began.wait()
        table.stop()
        await ended.wait()
        await asyncio.sleep(0)
    assert [] == [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


async def test_what_a_job_did_is_known() -> None:
    """Its last run, how long it took, and that it failed; the next one runs all the same."""
    ran = asyncio.Event()

    async def fail() -> None:
        if ran.is_set():
            again.set()
        ran.set()
        raise PeerUnavailable("Google Sheets", "503")

    again = asyncio.Event()
    table = JobTable([Job("often", 0.05, 1.0, fail)], SystemClock())
    table.start()
    async with asyncio.timeout(10):
        await again.wait()
    table.stop()
    [status] = table.status()
    assert status.errors >= 1
    assert status.last_run_at is not None
