"""The breaker: a peer that keeps failing is left alone, then tried with one call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from bot.resilience.breaker import Breaker, Permit, Resting
from bot.resilience.clock import ManualClock

THRESHOLD = 5
REST = 60.0


class HandClock:
    """A clock moved by assignment, for what never sleeps."""

    now = 1000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here sleeps")


class Bench:
    """A breaker, its clock, and what it told."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.told: list[bool] = []
        self.breaker = Breaker("peer", self.clock, on_change=self.told.append)

    def permit(self) -> Permit:
        """Leave for a call that must be allowed."""
        permit = self.breaker.allow()
        assert permit is not None
        return permit

    def fail(self, times: int = 1) -> None:
        """So many calls fail, one after the other."""
        for _ in range(times):
            self.breaker.failed(self.permit())

    def open(self) -> None:
        """Fail until it is open."""
        self.fail(THRESHOLD)
        assert self.breaker.is_open


@pytest.fixture
def bench() -> Bench:
    return Bench()


# -- closed -----------------------------------------------------------------------------------------------------


def test_it_opens_at_the_fifth_failure_in_a_row(bench: Bench) -> None:
    """Four are not enough; at the fifth nothing is allowed any more, for 60 seconds."""
    bench.fail(4)
    assert (False, 0.0, []) == (bench.breaker.is_open, bench.breaker.retry_in, bench.told)
    bench.fail()
    assert (True, 60.0, [True]) == (bench.breaker.is_open, bench.breaker.retry_in, bench.told)
    assert bench.breaker.allow() is None


def test_a_success_begins_the_count_again(bench: Bench) -> None:
    """Only failures in a row open it, however many there are in all."""
    for _ in range(10):
        bench.fail(4)
        bench.breaker.succeeded(bench.permit())
    assert [] == bench.told


def test_a_call_that_tells_nothing_does_not_count(bench: Bench) -> None:
    """A call given up is neither a failure nor a success."""
    bench.fail(4)
    bench.breaker.abandoned(bench.permit())
    assert not bench.breaker.is_open
    bench.fail()
    assert bench.breaker.is_open


# -- open -------------------------------------------------------------------------------------------------------


def test_after_the_rest_one_call_may_try(bench: Bench) -> None:
    """Whoever asks first; all the others are refused at once, and know for how long."""
    bench.open()
    bench.clock.now += 59.9
    assert bench.breaker.allow() is None
    bench.clock.now += 0.1
    assert 0.0 == bench.breaker.retry_in
    assert bench.breaker.allow() is not None
    assert [None] * 100 == [bench.breaker.allow() for _ in range(100)]
    assert 60.0 == bench.breaker.retry_in


def test_a_try_that_succeeds_closes_it(bench: Bench) -> None:
    """From then on everybody may call, and the failures of the outage are forgotten."""
    bench.open()
    bench.clock.now += 60
    bench.breaker.succeeded(bench.permit())
    assert (False, 0.0, [True, False]) == (bench.breaker.is_open, bench.breaker.retry_in, bench.told)
    bench.fail(4)
    assert not bench.breaker.is_open


def test_a_try_that_fails_means_another_rest(bench: Bench) -> None:
    """60 seconds from when it was sent, and nobody is told again: it is the same outage."""
    bench.open()
    bench.clock.now += 60
    attempt = bench.permit()
    bench.clock.now += 20
    bench.breaker.failed(attempt)
    assert (True, 40.0, [True]) == (bench.breaker.is_open, bench.breaker.retry_in, bench.told)
    bench.clock.now += 40
    assert bench.breaker.allow() is not None


def test_a_try_given_up_is_the_next_ones(bench: Bench) -> None:
    """A cancelled call has not tried anything: the next one may, without another rest."""
    bench.open()
    bench.clock.now += 60
    bench.breaker.abandoned(bench.permit())
    assert bench.breaker.is_open
    bench.breaker.succeeded(bench.permit())
    assert not bench.breaker.is_open


def test_a_try_never_heard_of_again_does_not_block(bench: Bench) -> None:
    """After a rest's time it counts as lost, and what it should tell after all counts no more."""
    bench.open()
    bench.clock.now += 60
    lost = bench.permit()
    bench.clock.now += 60
    second = bench.permit()
    bench.breaker.succeeded(lost)
    assert bench.breaker.is_open
    bench.breaker.succeeded(second)
    assert not bench.breaker.is_open


@pytest.mark.parametrize("report", [Breaker.succeeded, Breaker.failed, Breaker.abandoned])
def test_what_was_sent_before_the_opening_is_not_the_try(bench: Bench, report: object) -> None:
    """A late answer neither closes it, nor ends or repeats the try that is under way."""
    assert callable(report)
    late = bench.permit()
    bench.open()
    report(bench.breaker, late)
    assert (True, 60.0) == (bench.breaker.is_open, bench.breaker.retry_in)
    bench.clock.now += 60
    attempt = bench.permit()
    report(bench.breaker, late)
    assert bench.breaker.allow() is None
    bench.breaker.succeeded(attempt)
    report(bench.breaker, late)
    assert [True, False] == bench.told


def test_late_failures_of_an_outage_do_not_begin_the_next_one(bench: Bench) -> None:
    """Five calls that were under way when it opened may fail after it has closed."""
    late = [bench.permit() for _ in range(THRESHOLD)]
    bench.open()
    bench.clock.now += 60
    bench.breaker.succeeded(bench.permit())
    for permit in late:
        bench.breaker.failed(permit)
    assert not bench.breaker.is_open


# -- the guard --------------------------------------------------------------------------------------------------


@contextmanager
def guarded(breaker: Breaker) -> Iterator[None]:
    """A call whose time-outs are failures, and whose refusals are answers."""
    with breaker.guard(failures=(TimeoutError,), answers=(PermissionError,)):
        yield


def guarded_raising(breaker: Breaker, error: BaseException) -> None:
    with pytest.raises(type(error)), guarded(breaker):
        raise error


def test_the_guard_counts_failures(bench: Bench) -> None:
    """At the fifth the body is not entered any more; the refusal says when to come back."""
    for _ in range(THRESHOLD):
        guarded_raising(bench.breaker, TimeoutError())
    with pytest.raises(Resting) as refusal, guarded(bench.breaker):
        pytest.fail("the call was made")
    assert ("peer", 60.0) == (refusal.value.name, refusal.value.retry_in)


@pytest.mark.parametrize(
    ("error", "opens_at_the_next"),
    [(PermissionError(), False), (ValueError(), True), (asyncio.CancelledError(), True)],
    ids=repr,
)
def test_the_guard_tells_answers_from_what_tells_nothing(
    bench: Bench, error: BaseException, opens_at_the_next: bool
) -> None:
    """A refusal is a success; a bug or a cancellation leaves the count as it was."""
    bench.fail(4)
    guarded_raising(bench.breaker, error)
    bench.fail()
    assert opens_at_the_next == bench.breaker.is_open


async def test_a_cancelled_try_gives_its_turn_back() -> None:
    """Under the guard no try can get lost, not even one whose task ends in the middle."""
    clock = ManualClock()
    breaker = Breaker("peer", clock)

    async def hanging() -> None:
        with guarded(breaker):
            await asyncio.Event().wait()

    for _ in range(THRESHOLD):
        guarded_raising(breaker, TimeoutError())
    await clock.tick(60)
    attempt = asyncio.create_task(hanging())
    await clock.tick(1)
    with pytest.raises(Resting), guarded(breaker):
        pytest.fail("a second try was made")
    attempt.cancel()
    await asyncio.wait([attempt])
    with guarded(breaker):
        assert breaker.is_open
    assert not breaker.is_open


# -- any order of events ----------------------------------------------------------------------------------------


class Call:
    """One call as the model remembers it."""

    def __init__(self, permit: Permit) -> None:
        self.permit = permit


class BreakerMachine(RuleBasedStateMachine):
    """Against a model in plain words: which calls still count, which one is the try, when the rest ends."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.row = 0  # failures in a row
        self.counting: set[Call] = set()  # begun since it last closed, while it is closed
        self.attempt: Call | None = None
        self.rest_ends: float | None = None
        self.expected: list[bool] = []

    @rule(target=calls)
    def begin(self) -> Call | None:
        permit = self.bench.breaker.allow()
        now = self.bench.clock.now
        if self.rest_ends is not None and now < self.rest_ends:
            assert permit is None
            return None
        assert permit is not None
        call = Call(permit)
        if self.rest_ends is None:
            self.counting.add(call)
        else:
            self.attempt, self.rest_ends = call, now + REST
        return call

    @rule(call=consumes(calls))
    def succeeds(self, call: Call | None) -> None:
        if call is not None:
            self.bench.breaker.succeeded(call.permit)
            if call is self.attempt:
                self.attempt, self.rest_ends, self.row = None, None, 0
                self.expected.append(False)
            elif call in self.counting:
                self.row = 0

    @rule(call=consumes(calls))
    def fails(self, call: Call | None) -> None:
        if call is not None:
            self.bench.breaker.failed(call.permit)
            if call is self.attempt:
                self.attempt = None
            elif call in self.counting:
                self.row += 1
                if self.row == THRESHOLD:
                    self.counting.clear()
                    self.rest_ends = self.bench.clock.now + REST
                    self.expected.append(True)

    @rule(call=consumes(calls))
    def is_given_up(self, call: Call | None) -> None:
        if call is not None:
            self.bench.breaker.abandoned(call.permit)
            if call is self.attempt:
                self.attempt, self.rest_ends = None, self.bench.clock.now

    @rule(seconds=st.sampled_from([1, 20, 59, 60]))
    def time_passes(self, seconds: int) -> None:
        self.bench.clock.now += seconds

    @rule()
    def goes_down(self) -> None:
        """Rare by chance alone: failures until it opens."""
        while self.rest_ends is None:
            self.fails(self.begin())

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        left = 0.0 if self.rest_ends is None else max(0.0, self.rest_ends - self.bench.clock.now)
        assert (self.rest_ends is not None, left) == (self.bench.breaker.is_open, self.bench.breaker.retry_in)
        assert self.expected == self.bench.told


TestAnyOrderOfEvents = BreakerMachine.TestCase
