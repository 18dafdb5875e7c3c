"""What goes wrong around the intake: handlers, Telegram, the database."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from intake_bench import Bench, failing_inbox, intake_bench, message
from structlog.testing import capture_logs

from bot.errors import PeerBusy, PeerRefused, PeerUnavailable, StorageError
from bot.services.intake import Undecodable, Undelivered


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with intake_bench(tmp_path) as bench:
        yield bench


async def test_nothing_is_confirmed_that_is_not_stored(bench: Bench) -> None:
    """While storing fails the offset stays, so Telegram keeps the update; told once, recovery once."""
    bench.telegram.send(message(5))
    with capture_logs() as logs:
        intake, _ = bench.start(inbox=failing_inbox(bench, failures=2))
        for _ in range(2):
            assert None is await bench.telegram.offsets.get()
            assert 5 in bench.telegram.pending
            while bench.telegram.offsets.empty():
                await bench.clock.tick(1)  # a pause is longer, so no step spans two of them
        assert await bench.telegram.begins() == [5]
        await bench.telegram.confirmed(6)
    await intake.stop()
    assert [entry["event"] for entry in logs] == ["peer is failing", "peer is back"]


async def test_a_failing_handler_is_told_once_and_done(bench: Bench) -> None:
    """What a handler raises is logged with a reference; its update is done, its lane goes on."""

    async def fail(_: dict[str, Any]) -> None:
        raise ZeroDivisionError

    bench.telegram.handlers[1] = fail
    with capture_logs() as logs:
        intake, _ = bench.start()
        bench.telegram.send(message(1), message(2))
        await bench.telegram.begins(2)
        await intake.stop()
    assert [(entry["event"], entry["reference"]) for entry in logs] == [("update failed", "u1")]
    assert await bench.open_ids() == []
    assert (intake.stats().failed, intake.stats().handled) == (1, 1)


async def test_a_cancellation_of_somebody_elses_is_a_failure_like_others(bench: Bench) -> None:
    """A handler that meets a cancelled future does not take its lane with it."""

    async def meet_cancelled(_: dict[str, Any]) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    bench.telegram.handlers[1] = meet_cancelled
    intake, _ = bench.start()
    bench.telegram.send(message(1), message(2))
    with capture_logs():
        assert await bench.telegram.begins(2) == [1, 2]
        await intake.stop()
    assert (intake.stats().failed, intake.stats().handled) == (1, 1)


async def test_a_failing_database_leaves_the_update_open(bench: Bench) -> None:
    """StorageError out of a handler means: not now; the next start has the update again."""

    async def refuse(_: dict[str, Any]) -> None:
        raise StorageError("disk full")

    bench.telegram.handlers[1] = refuse
    with capture_logs():
        intake, _ = bench.start()
        bench.telegram.send(message(1), message(2))
        await bench.telegram.begins(2)
        await intake.stop()
    assert await bench.open_ids() == [1]
    assert intake.stats().postponed == 1


async def test_an_undecodable_update_blocks_nothing_and_is_not_quoted(bench: Bench) -> None:
    """It is skipped, told by number and kind alone, and done; its lane goes on."""

    async def undecodable(_: dict[str, Any]) -> None:
        raise Undecodable("update 1")

    bench.telegram.handlers[1] = undecodable
    with capture_logs() as logs:
        intake, _ = bench.start()
        bench.telegram.send(message(1, words="my API key"), message(2))
        assert await bench.telegram.begins(2) == [1, 2]
        await intake.stop()
    expected = {
        "event": "update cannot be decoded",
        "log_level": "warning",
        "update_id": 1,
        "kind": "message",
    }
    assert [expected] == logs
    assert await bench.open_ids() == []
    assert intake.stats().undecodable == 1


async def test_busy_telegram_is_left_alone_for_as_long_as_it_asks(bench: Bench) -> None:
    """The next poll comes `retry_after` seconds later, not earlier."""
    bench.telegram.errors = [PeerBusy("telegram", "Too Many Requests", retry_after=120)]
    with capture_logs():
        intake, _ = bench.start()
        await bench.telegram.confirmed(None)
        await bench.clock.tick(119)
        assert bench.telegram.offsets.empty()
        await bench.clock.tick(2)
        await bench.telegram.confirmed(None)
        await intake.stop()


@pytest.mark.parametrize(
    "error",
    [PeerUnavailable("telegram", "connection refused"), PeerRefused("telegram", 409, "Conflict")],
)
async def test_a_failing_telegram_is_asked_every_few_seconds_and_told_once(
    bench: Bench, error: Exception
) -> None:
    """Five failures: five pauses of one to five seconds, one line of log, and one at the recovery."""
    bench.telegram.errors = [error] * 5
    bench.telegram.send(message(1))
    with capture_logs() as logs:
        intake, _ = bench.start()
        await bench.telegram.confirmed(None)
        await bench.clock.tick(5 * 5)
        await bench.telegram.begins()
        await intake.stop()
    assert [entry["event"] for entry in logs] == ["peer is failing", "peer is back"]
    pauses = [later - earlier for earlier, later in pairwise(bench.telegram.asked_at[:6])]
    assert len(set(pauses)) == 5
    assert all(1 <= pause <= 5 for pause in pauses)


async def test_an_answer_that_telegram_puts_off_is_given_when_it_may_be(bench: Bench) -> None:
    """The work is done once more for its answer, but not one second before the flood wait is over."""
    tries = []

    async def answer(_: dict[str, Any]) -> None:
        tries.append(bench.clock.monotonic())
        if len(tries) == 1:
            raise Undelivered("flood", retry_after=300.0)

    bench.telegram.handlers[1] = answer
    intake, _ = bench.start()
    bench.telegram.send(message(1))
    await bench.telegram.begins()
    await bench.clock.tick(299)
    assert 1 == len(tries)
    await bench.clock.tick(1)
    assert [300.0] == [later - earlier for earlier, later in pairwise(tries)]
    await intake.stop()
    assert await bench.open_ids() == []


async def test_a_revoked_token_ends_the_intake(bench: Bench) -> None:
    """401 is raised to whoever runs the intake, and told there."""
    bench.telegram.errors = [PeerRefused("telegram", 401, "Unauthorized")]
    with capture_logs() as logs, pytest.raises(PeerRefused):
        await bench.intake().run()
    assert logs == []
