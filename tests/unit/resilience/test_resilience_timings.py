"""What takes time is counted by bucket, and what is slow is told of once a minute."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from bot.resilience.clock import ManualClock
from bot.resilience.latency import BOUNDS, Histogram
from bot.resilience.peer import PeerHealth
from bot.resilience.timings import NAMES, OTHERS, Kind, Timings, timed


def test_a_histogram_counts_what_took_at_most_so_long() -> None:
    """Cumulative buckets, each bound belonging to its own, the last one holding everything."""
    histogram = Histogram()
    for seconds in (0.0, 0.005, 0.006, 1.0, 10.0, 11.0):
        histogram.add(seconds)
    expected = dict(zip(BOUNDS, (2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 5), strict=True))
    *buckets, every = histogram.cumulative()
    assert expected == dict(zip(BOUNDS, buckets, strict=True))
    assert (6, pytest.approx(22.011)) == (every, histogram.total)


async def test_peers_calls_and_handlers_share_one_registry() -> None:
    """By kind, the most called first; what was never called is not told of."""
    clock = ManualClock()
    timings = Timings(clock)
    peer = PeerHealth("gold-api", clock, timings=timings)
    PeerHealth("yahoo", clock, timings=timings)
    with peer.call(failures=(TimeoutError,)):
        await clock.tick(0.2)
    for seconds in (0.01, 0.03):
        with timings.timed("spot"):
            await clock.tick(seconds)
    with timings.timed("chart"):
        pass
    timings.of(Kind.HANDLER, "/spot").add(0.04)
    figures = timings.figures()
    assert [("peer", "gold-api", 1), ("call", "spot", 2), ("call", "chart", 1), ("handler", "/spot", 1)] == [
        (each.kind, each.name, each.count) for each in figures
    ]
    spot = figures[1]
    assert (pytest.approx(0.04), pytest.approx(0.01), pytest.approx(0.03)) == (spot.total, spot.p50, spot.p95)


@pytest.mark.parametrize(("seconds", "bound"), [(0.004, 0.005), (0.3, 0.5), (10.0, 10.0), (10.1, math.inf)])
def test_the_slowest_is_known_by_its_bound(seconds: float, bound: float) -> None:
    """Whatever came before and after it."""
    timings = Timings(ManualClock())
    for each in (0.001, seconds, 0.002):
        timings.of(Kind.CALL, "spot").add(each)
    assert [bound] == [each.within for each in timings.figures()]


async def test_a_slow_call_is_told_of_once_a_minute() -> None:
    """Each name by itself; what takes less than a second is not told of at all."""
    clock = ManualClock()
    timings = Timings(clock)
    with capture_logs() as logs:
        for seconds, name in ((0.9, "spot"), (1.5, "spot"), (2.0, "spot"), (3.0, "chart"), (60, "spot")):
            with timings.timed(name):
                await clock.tick(seconds)
    assert [("spot", 1.5), ("chart", 3.0), ("spot", 60)] == [(line["call"], line["seconds"]) for line in logs]
    assert {("a call was slow", "warning")} == {(line["event"], line["log_level"]) for line in logs}


async def test_what_fails_is_counted_too() -> None:
    """However a call ends, it took its time."""
    clock = ManualClock()
    timings = Timings(clock)
    with suppress(ValueError), timings.timed("spot"):
        await clock.tick(0.5)
        raise ValueError("no")
    [figures] = timings.figures()
    assert (1, 0.5) == (figures.count, figures.total)


class Service:
    """Counts its calls."""

    def __init__(self, timings: Timings) -> None:
        self.timings = timings

    @timed("double")
    async def double(self, number: int) -> int:
        """Twice as much."""
        return 2 * number


async def test_a_method_is_counted_under_its_name() -> None:
    """And stays what it was."""
    timings = Timings(ManualClock())
    assert (4, "Twice as much.") == (await Service(timings).double(2), Service.double.__doc__)
    assert [("double", 1)] == [(each.name, each.count) for each in timings.figures()]


async def test_a_slow_peer_is_told_of_once_a_minute() -> None:
    """A peer that does not answer is failing, not slow: that is told once, by itself."""
    clock = ManualClock()
    peer = PeerHealth("yahoo", clock, timings=Timings(clock))
    with capture_logs() as logs:
        for seconds in (4, 4, 60):
            with peer.call(failures=(TimeoutError,)):
                await clock.tick(seconds)
        for _ in range(2):
            with suppress(TimeoutError), peer.call(failures=(TimeoutError,)):
                await clock.tick(61)
                raise TimeoutError
    assert [("peer is slow", 4), ("peer is slow", 60), ("peer is failing", None)] == [
        (line["event"], line.get("seconds")) for line in logs
    ]


def test_names_are_bounded() -> None:
    """What comes after two hundred is counted together."""
    timings = Timings(ManualClock())
    for number in range(NAMES + 50):
        timings.of(Kind.CALL, f"call {number}").add(0.01)
    figures = timings.figures()
    assert NAMES + 1 == len(figures)
    assert (OTHERS, 50) == (figures[0].name, figures[0].count)
