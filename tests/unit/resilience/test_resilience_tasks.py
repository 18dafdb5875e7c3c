"""Detached work: held, logged when it fails, ended at shutdown."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from structlog.testing import capture_logs

from bot.resilience.tasks import Supervisor


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def fail() -> None:
    raise KeyError("broken")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_work_runs_under_its_name_and_keeps_its_result() -> None:
    """The task is there for whoever wants to wait for it."""
    supervisor = Supervisor()
    task = supervisor.start(asyncio.sleep(0, "result"), name="errand")
    assert ("errand", "result") == (task.get_name(), await task)
    await supervisor.close()


async def test_a_failure_is_logged_once_with_its_trace() -> None:
    """The others run on."""
    supervisor = Supervisor()
    other = supervisor.start(wait_for_ever(), name="other")
    with capture_logs() as logs:
        failed = supervisor.start(fail(), name="broken one")
        await settle()
    assert [("task failed", "error", "broken one")] == [
        (line["event"], line["log_level"], line["task"]) for line in logs
    ]
    assert logs[0]["exc_info"] is failed.exception()
    assert not other.done()
    await supervisor.close()


async def test_a_failure_that_is_waited_for_is_not_logged() -> None:
    """It belongs to whoever waits; nor does asyncio complain where they have all left."""
    supervisor, complaints = Supervisor(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    with capture_logs() as logs:
        task = supervisor.start(fail(), name="broken one", waited_for=True)
        supervisor.start(fail(), name="left alone", waited_for=True)
        await settle()
        gc.collect()
    with pytest.raises(KeyError, match="broken"):
        await task
    assert ([], []) == (logs, complaints)
    await supervisor.close()


async def test_nobody_has_to_hold_a_task() -> None:
    """A running task is not collected as garbage."""
    supervisor, gate, done = Supervisor(), asyncio.Event(), list[bool]()

    async def work() -> None:
        await gate.wait()
        done.append(True)

    supervisor.start(work(), name="work")
    await settle()
    gc.collect()
    gate.set()
    await settle()
    assert [True] == done
    await supervisor.close()


async def test_a_task_that_has_ended_is_let_go() -> None:
    """A process that runs for months does not collect its past."""
    supervisor = Supervisor()
    ended = weakref.ref(supervisor.start(asyncio.sleep(0), name="errand"))
    await settle()
    gc.collect()
    assert ended() is None
    await supervisor.close()


async def test_close_ends_what_runs_and_waits_for_its_end() -> None:
    """Tasks may tidy up; being cancelled is no failure."""
    supervisor, tidied = Supervisor(), list[str]()

    async def tidy() -> None:
        try:
            await wait_for_ever()
        finally:
            await asyncio.sleep(0)
            tidied.append("tidy")

    task = supervisor.start(tidy(), name="tidy")
    await settle()
    with capture_logs() as logs:
        await supervisor.close()
    assert (["tidy"], True, []) == (tidied, task.cancelled(), logs)
    await supervisor.close()
