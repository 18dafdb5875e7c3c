"""A failing peer is told of once when it begins, once when it ends."""

from __future__ import annotations

from structlog.testing import capture_logs

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
