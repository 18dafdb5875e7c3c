"""An outage: told once when it begins, once when it ends, however the breakers flap meanwhile."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.resilience.breaker import THRESHOLD, Breaker
from bot.resilience.clock import ManualClock
from bot.services.outage import Outage


class Bench:
    """An outage to be, and what its listeners heard."""

    def __init__(self) -> None:
        self.clock = ManualClock(1_000.0)
        self.outage = Outage(self.clock)
        self.heard: list[tuple[str, float]] = []
        self.outage.on_begin.append(lambda since: self.heard.append(("began", since)))
        self.outage.on_end.append(lambda since: self.heard.append(("ended", since)))

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.heard]


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        permit = breaker.allow()
        assert permit is not None
        breaker.failed(permit)


def succeed(breaker: Breaker) -> None:
    permit = breaker.allow()
    assert permit is not None
    breaker.succeeded(permit)


async def test_it_begins_when_a_breaker_opens_and_ends_when_it_closes() -> None:
    """With the moment it began, told to each listener once."""
    bench = Bench()
    fail(bench.outage.reads, THRESHOLD - 1)
    assert (False, None, []) == (bench.outage.away, bench.outage.since, bench.heard)
    fail(bench.outage.reads)
    assert (True, 1_000.0, 60.0) == (bench.outage.away, bench.outage.since, bench.outage.retry_in)
    await bench.clock.tick(60)
    succeed(bench.outage.reads)
    assert (False, None, 0.0) == (bench.outage.away, bench.outage.since, bench.outage.retry_in)
    assert [("began", 1_000.0), ("ended", 1_000.0)] == bench.heard


async def test_tries_that_fail_are_the_same_outage() -> None:
    """Ten minutes of failed tries are told as one outage."""
    bench = Bench()
    fail(bench.outage.writes, THRESHOLD)
    for _ in range(10):
        await bench.clock.tick(60)
        fail(bench.outage.writes)
    assert ["began"] == bench.events
    await bench.clock.tick(60)
    succeed(bench.outage.writes)
    assert ["began", "ended"] == bench.events


async def test_it_lasts_until_reads_and_writes_are_back() -> None:
    """A kind that fails while the other is away begins nothing new, and one that is back ends nothing."""
    bench = Bench()
    fail(bench.outage.reads, THRESHOLD)
    await bench.clock.tick(20)
    fail(bench.outage.writes, THRESHOLD)
    assert 60.0 == bench.outage.retry_in
    await bench.clock.tick(40)
    succeed(bench.outage.reads)
    assert (True, 1_000.0, 20.0) == (bench.outage.away, bench.outage.since, bench.outage.retry_in)
    await bench.clock.tick(20)
    succeed(bench.outage.writes)
    assert ["began", "ended"] == bench.events


async def test_every_outage_is_told() -> None:
    """The second is as much news as the first."""
    bench = Bench()
    for _ in range(2):
        fail(bench.outage.reads, THRESHOLD)
        await bench.clock.tick(60)
        succeed(bench.outage.reads)
    assert [("began", 1_000.0), ("ended", 1_000.0), ("began", 1_060.0), ("ended", 1_060.0)] == bench.heard


async def test_it_can_be_waited_for() -> None:
    """For its beginning and for its end; who comes when it is so already does not wait."""
    bench = Bench()
    outage = bench.outage
    await outage.wait_until_back()
    away = asyncio.create_task(outage.wait_until_away())
    await bench.clock.tick(1)
    assert not away.done()
    fail(outage.reads, THRESHOLD)
    back = asyncio.create_task(outage.wait_until_back())
    await bench.clock.tick(60)
    assert (True, False) == (away.done(), back.done())
    await outage.wait_until_away()
    succeed(outage.reads)
    await bench.clock.tick(1)
    assert back.done()


async def test_the_log_has_a_line_for_each_end() -> None:
    """With how long it has lasted."""
    bench = Bench()
    with capture_logs() as logs:
        fail(bench.outage.reads, THRESHOLD)
        await bench.clock.tick(90)
        succeed(bench.outage.reads)
    assert [
        {"event": "the sheet is away", "log_level": "warning"},
        {"event": "the sheet is back", "log_level": "info", "after_seconds": 90},
    ] == logs


async def test_a_listener_that_fails_harms_nobody() -> None:
    """Neither the call that changed things nor the other listeners; the log has its trace."""
    bench = Bench()
    bench.outage.on_begin.insert(0, lambda since: [][int(since)])
    with capture_logs() as logs:
        fail(bench.outage.reads, THRESHOLD)
    assert ["began"] == bench.events
    assert "a listener failed" in [line["event"] for line in logs]
