"""A failing peer is told of once when it begins, once when it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import ManualClock
from bot.resilience.peer import PeerHealth


async def test_an_outage_is_two_lines_however_long_it_is() -> None:
    """The first failure and the recovery are logged, with what failed and how often."""
    peer = PeerHealth("sheet", ManualClock())
    with capture_logs() as logs:
        for _ in range(3):
            peer.failed(TimeoutError("no answer"))
        peer.succeeded()
        peer.succeeded()
    assert [
        {"event": "peer is failing", "log_level": "warning", "peer": "sheet", "error": "no answer"},
        {"event": "peer is back", "log_level": "info", "peer": "sheet", "after_failures": 3},
    ] == logs


async def test_every_outage_is_told() -> None:
    """After a recovery the next failure is news again."""
    peer = PeerHealth("sheet", ManualClock())
    with capture_logs() as logs:
        for _ in range(2):
            peer.failed(OSError())
            peer.succeeded()
    assert ["peer is failing", "peer is back"] * 2 == [line["event"] for line in logs]


async def test_calls_are_counted() -> None:
    """How many, how many failed, how many in a row, and when one last succeeded."""
    clock = ManualClock(100.0)
    peer = PeerHealth("sheet", clock)
    assert (0, 0, 0, None) == (peer.calls, peer.failures, peer.consecutive_failures, peer.last_success)
    peer.succeeded()
    await clock.tick(5)
    peer.failed(OSError())
    peer.failed(OSError())
    assert (3, 2, 2, 100.0) == (peer.calls, peer.failures, peer.consecutive_failures, peer.last_success)
    peer.succeeded()
    assert (4, 2, 0, 105.0) == (peer.calls, peer.failures, peer.consecutive_failures, peer.last_success)


def reported(peer: PeerHealth, error: BaseException | None = None) -> None:
    """One call that ends like this: time-outs are failures, permission errors refusals."""
    expected = [] if error is None else [type(error)]
    with suppress(*expected), peer.call(failures=(TimeoutError,), answers=(PermissionError,)):
        if error is not None:
            raise error


async def test_a_call_is_counted_by_how_it_ends() -> None:
    """A refusal is an answer; what was cancelled, or went wrong on our side, tells nothing."""
    peer = PeerHealth("sheet", ManualClock())
    reported(peer)
    reported(peer, PermissionError())
    assert (2, 0) == (peer.calls, peer.failures)
    reported(peer, TimeoutError())
    assert (3, 1, 1) == (peer.calls, peer.failures, peer.consecutive_failures)
    reported(peer, asyncio.CancelledError())
    reported(peer, ValueError())
    assert (3, 1, 1) == (peer.calls, peer.failures, peer.consecutive_failures)


async def test_two_kinds_of_calls_do_not_tell_in_turns() -> None:
    """Reads that work while writes fail: one line, however often they alternate."""
    clock = ManualClock()
    reads, writes = PeerHealth("sheet reads", clock), PeerHealth("sheet writes", clock)
    with capture_logs() as logs:
        for _ in range(3):
            reported(reads)
            reported(writes, TimeoutError())
    assert [("peer is failing", "sheet writes")] == [(line["event"], line["peer"]) for line in logs]


async def test_calls_are_refused_while_the_breaker_is_open() -> None:
    """A refused call was not made: it is not counted, and nothing is told."""
    clock = ManualClock()
    peer = PeerHealth("sheet", clock, Breaker("sheet", clock))
    for _ in range(5):
        assert not peer.is_away
        reported(peer, TimeoutError())
    with capture_logs() as logs, pytest.raises(Resting):
        reported(peer)
    assert (True, 5, []) == (peer.is_away, peer.calls, logs)
    await clock.tick(60)
    reported(peer)
    assert (False, 6, 0) == (peer.is_away, peer.calls, peer.consecutive_failures)


async def test_without_a_breaker_every_call_is_made() -> None:
    """However many fail."""
    peer = PeerHealth("sheet", ManualClock())
    for _ in range(9):
        reported(peer, TimeoutError())
    assert (False, 9) == (peer.is_away, peer.consecutive_failures)


async def test_how_long_calls_take_is_known() -> None:
    """Of those that were made and have ended, well or not: 95 % took no longer."""
    clock = ManualClock()
    peer = PeerHealth("sheet", clock)
    assert peer.p95 is None
    for seconds in range(1, 21):
        with suppress(TimeoutError), peer.call(failures=(TimeoutError,)):
            await clock.tick(seconds)
            if seconds > 18:
                raise TimeoutError
    with suppress(ValueError), peer.call(failures=(TimeoutError,)):
        await clock.tick(100)
        raise ValueError
    assert peer.p95 == pytest.approx(19)
