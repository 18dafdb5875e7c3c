"""The token bucket: what it promises is what the peer's quota allows."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.resilience.clock import ManualClock
from bot.resilience.limiter import ReadWritePace, TokenBucket


class HandClock:
    """A clock moved by assignment, for what never sleeps."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here sleeps")


def bucket_of(*, per_minute: float = 60, burst: float = 10) -> tuple[HandClock, TokenBucket]:
    clock = HandClock()
    return clock, TokenBucket(clock, per_minute=per_minute, burst=burst)


STEPS = st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5)), max_size=40)


@given(STEPS, st.sampled_from([1, 10, 50, 300]), st.sampled_from([1, 3, 10]))
def test_no_window_holds_more_than_burst_and_rate_allow(
    steps: list[tuple[float, int]], per_minute: int, burst: int
) -> None:
    """Of the tokens usable from any moment on, at most burst + rate · t are usable t seconds later."""
    clock, bucket = bucket_of(per_minute=per_minute, burst=burst)
    usable = []
    for pause, tokens in steps:
        clock.now += pause
        usable += [clock.now + bucket.take() for _ in range(tokens)]
    assert usable == sorted(usable)
    for first, begin in enumerate(usable):
        for last in range(first, len(usable)):
            allowed = burst + per_minute / 60 * (usable[last] - begin)
            assert last - first + 1 <= allowed + 1e-6


@given(STEPS)
def test_what_is_available_is_what_can_be_had_now(steps: list[tuple[float, int]]) -> None:
    """As many tokens as are said to be there cost no wait, one more does."""
    clock, bucket = bucket_of()
    for pause, tokens in steps:
        clock.now += pause
        for _ in range(tokens):
            bucket.take()
    there = int(bucket.available)
    waits = [bucket.take() for _ in range(there + 1)]
    assert [0.0] * there == waits[:-1]
    assert waits[-1] > 0


def test_a_wait_is_known_before_it_begins() -> None:
    """Asking how long is not taking."""
    clock, bucket = bucket_of(burst=1)
    assert (0.0, 1.0) == (bucket.take(), bucket.wait_for())
    assert (1.0, 2.0) == (bucket.take(), bucket.take())
    clock.now = 10
    assert (1.0, 3.0) == (bucket.available, bucket.granted)


def test_what_is_not_there_is_not_taken() -> None:
    """Who takes only what is there waits for nothing, and costs nothing where it is not there."""
    clock, bucket = bucket_of(burst=2)
    assert [True, True, False] == [bucket.take_if_there() for _ in range(3)]
    assert (2.0, 0.0, 1.0) == (bucket.granted, bucket.waited, bucket.wait_for())
    clock.now = 1
    assert (True, False) == (bucket.take_if_there(), bucket.take_if_there())


def test_tokens_that_were_not_used_come_back() -> None:
    """But never above the burst."""
    _, bucket = bucket_of(burst=2)
    bucket.take(2)
    bucket.give_back()
    assert 1.0 == bucket.available
    bucket.give_back(5)
    assert 2.0 == bucket.available


async def test_callers_wait_their_turn_in_the_order_they_ask() -> None:
    """One token a second, for three callers: now, after one second, after two."""
    clock, served = ManualClock(0.0), list[tuple[str, float]]()
    bucket = TokenBucket(clock, per_minute=60, burst=1)

    async def caller(name: str) -> None:
        waited = await bucket.acquire()
        served.append((name, waited))
        assert waited == clock.monotonic()

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(caller(name))
        await clock.tick(2)
    assert [("a", 0.0), ("b", 1.0), ("c", 2.0)] == served


@pytest.mark.parametrize(("retry_after", "pause"), [(None, 1.0), (5, 5.0), (0, 1.0), (-3, 1.0), (3600, 64.0)])
def test_a_refusal_means_a_pause(retry_after: float | None, pause: float) -> None:
    """As long as the peer said, within 1 and 64 seconds; however many tokens were saved up."""
    _, bucket = bucket_of()
    bucket.slow_down(retry_after)
    assert pause == pytest.approx(bucket.wait_for())


def test_pauses_double_until_the_peer_answers() -> None:
    """1, 2, 4 … 64 seconds and no more; after an answer from the start again."""
    clock, bucket = bucket_of()
    pauses = []
    for _ in range(8):
        bucket.slow_down()
        pauses.append(round(bucket.wait_for(), 6))
        clock.now += 1_000
    assert [1, 2, 4, 8, 16, 32, 64, 64] == pauses
    bucket.recovered()
    bucket.slow_down()
    assert 1 == pytest.approx(bucket.wait_for())


def test_a_refusal_shortens_no_wait() -> None:
    """Who is further behind than the pause stays there."""
    _, bucket = bucket_of(burst=1)
    bucket.take(100)
    before = bucket.wait_for()
    bucket.slow_down(2)
    assert before == bucket.wait_for()


async def test_a_write_never_waits_behind_its_read() -> None:
    """One read and one write are waited for together: the scarcer one decides."""
    clock = ManualClock(0.0)
    pace = ReadWritePace(clock, reads_per_minute=60, writes_per_minute=30, burst=1)
    await pace.read_and_write()
    second = asyncio.create_task(pace.read_and_write())
    await clock.tick(1.9)
    assert not second.done()
    await clock.tick(0.1)
    assert second.done()
    assert (2, 2) == (pace.reads.granted, pace.writes.granted)


async def test_a_refusal_slows_both_kinds() -> None:
    """A quota that is used up is no time to try the other one; an answer lets both recover."""
    clock = ManualClock(0.0)
    pace = ReadWritePace(clock, reads_per_minute=60, writes_per_minute=60, burst=10)
    pace.slow_down(8)
    assert [8, 8] == [pytest.approx(kind.wait_for()) for kind in (pace.reads, pace.writes)]
    await clock.tick(100)
    pace.recovered()
    pace.slow_down()
    assert [1, 1] == [pytest.approx(kind.wait_for()) for kind in (pace.reads, pace.writes)]


async def test_who_has_waited_as_told_need_not_wait_again() -> None:
    """Rounding never leaves a wait so short that a clock which stands at seconds since 1970 cannot move by it."""
    clock = ManualClock()
    bucket = TokenBucket(clock, per_minute=50, burst=10)
    for number in range(1, 200):
        bucket.take(1 + number / 7)
        await clock.tick(bucket.wait_for())
        assert 0.0 == bucket.wait_for()
