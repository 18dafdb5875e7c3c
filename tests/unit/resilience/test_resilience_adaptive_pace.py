"""The pace of calls to a peer whose quota nobody knows."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from bot.resilience.adaptive_pace import AdaptivePace, Tempo
from bot.resilience.clock import ManualClock


def a_pace(
    clock: ManualClock, *, delay: float = 1.0, floor: float = 0.1, ceiling: float = 60.0
) -> AdaptivePace:
    """With a chance that is the same each time."""
    return AdaptivePace(clock, random.Random(1), delay=delay, floor=floor, ceiling=ceiling)


def a_tempo() -> Tempo:
    """A second between two calls."""
    return Tempo(1.0, floor=0.1, ceiling=60.0)


def answered(pace: AdaptivePace, times: int = 10) -> float:
    """The delay after so many successes."""
    for _ in range(times):
        pace.succeeded()
    return pace.delay


class Peer:
    """Looks back over the last minute; whoever calls it has a next call to make at once."""

    def __init__(self) -> None:
        self.tempo = Tempo(1.0, floor=0.1, ceiling=60.0)
        self.now = 0.0
        self._accepted: list[float] = []

    def take(self, seconds: float, *, quota: float) -> int:
        """Let it be called so long at the pace of `tempo`; returns how often it refused."""
        end, refused = self.now + seconds, 0
        while self.now < end:
            self._accepted = [at for at in self._accepted if at > self.now - 60]
            if len(self._accepted) < quota:
                self._accepted.append(self.now)
                self.tempo.succeeded(self.now)
                self.now += self.tempo.delay
            else:
                refused += 1
                self.tempo.refused(self.now)
                self.now += self.tempo.pause
        return refused


def test_ten_successes_shorten_the_delay_by_a_tenth_and_a_refusal_doubles_it() -> None:
    """1.0 → 0.9 → 0.81 → 1.62 → 1.458, while nothing is known of the peer."""
    pace = a_pace(ManualClock())
    assert 1.0 == answered(pace, 9)
    assert pytest.approx(0.9) == answered(pace, 1)
    assert pytest.approx(0.81) == answered(pace)
    answered(pace, 9)
    pace.refused()
    assert pytest.approx(1.62) == pace.delay
    assert pytest.approx(1.62) == answered(pace, 9)
    assert pytest.approx(1.458) == answered(pace, 1)


async def test_the_delay_stays_between_its_floor_and_its_ceiling() -> None:
    """However often the peer answers or refuses; the bounds must make sense."""
    clock = ManualClock()
    pace = a_pace(clock, floor=0.8, ceiling=3)
    assert 0.8 == answered(pace, 100)
    for _ in range(3):
        await take_turn(pace, clock)
        pace.refused()
    assert 3 == pace.delay
    for delay, floor, ceiling in [(1, 0, 2), (1, 2, 3), (4, 1, 3)]:
        with pytest.raises(ValueError, match="between the floor"):
            a_pace(clock, delay=delay, floor=floor, ceiling=ceiling)


async def take_turn(pace: AdaptivePace, clock: ManualClock) -> float:
    """How long it took."""
    began = clock.monotonic()
    turn = asyncio.create_task(pace.turn())
    await clock.tick(0)
    while not turn.done():
        await clock.tick(pace.wait)
    return clock.monotonic() - began


async def test_turns_come_one_after_the_other_in_the_order_they_were_asked_for() -> None:
    """The first at once, each other a delay later, give or take 2 %; a rest saves up nothing."""
    clock, turns = ManualClock(), list[tuple[str, float]]()
    pace, began = a_pace(clock), clock.monotonic()

    async def caller(name: str) -> None:
        await pace.turn()
        turns.append((name, clock.monotonic() - began))

    callers = [asyncio.create_task(caller(name)) for name in "abc"]
    await clock.tick(10)
    await asyncio.gather(*callers)
    assert ["a", "b", "c"] == [name for name, _ in turns]
    assert pytest.approx([0, 1, 2], abs=0.05) == [at for _, at in turns]
    assert len({later - at for (_, at), (_, later) in pairwise(turns)}) == 2
    assert 0 == pace.wait
    assert 0 == await take_turn(pace, clock)
    assert pytest.approx(1, abs=0.03) == await take_turn(pace, clock)


async def test_who_gives_up_waiting_costs_nobody_a_turn() -> None:
    """The next one gets it."""
    clock = ManualClock()
    pace = a_pace(clock)
    await pace.turn()
    impatient, patient = (asyncio.create_task(pace.turn()) for _ in range(2))
    await clock.tick(0.5)
    impatient.cancel()
    await clock.tick(0.6)
    assert (True, True) == (impatient.cancelled(), patient.done())


async def test_a_peer_that_says_when_to_come_back_is_left_alone_so_long() -> None:
    """Also by those who wait already, a little longer but never shorter, and an hour at most."""
    clock = ManualClock()
    pace = a_pace(clock)
    await pace.turn()
    waiting = asyncio.create_task(pace.turn())
    await clock.tick(0.5)
    pace.refused(retry_after=30)
    assert 2 == pace.delay
    assert 30 <= pace.wait <= 33
    await clock.tick(29.9)
    assert not waiting.done()
    await clock.tick(3.2)
    assert waiting.done()

    pace.refused(retry_after=1e9)
    assert 3600 <= pace.wait <= 3960


async def test_calls_under_way_that_are_refused_together_count_once() -> None:
    """They were sent before anybody knew; one that had its turn after that tells something new."""
    clock = ManualClock()
    pace = a_pace(clock)
    for _ in range(3):
        await take_turn(pace, clock)
    for _ in range(3):
        pace.refused()
    assert (2, 3) == (pace.delay, pace.refusals)
    await take_turn(pace, clock)
    pace.refused()
    assert 4 == pace.delay


async def test_a_peer_that_refuses_again_and_again_is_tried_ever_more_rarely() -> None:
    """After 2, then 12 seconds, then every 15 or as the delay grows."""
    clock = ManualClock()
    pace = a_pace(clock)
    waits = []
    await pace.turn()
    for _ in range(5):
        pace.refused()
        waits.append(await take_turn(pace, clock))
    assert pytest.approx([2, 12, 15, 16, 32], rel=0.11) == waits


def test_after_a_minute_a_refusal_teaches_what_the_peer_takes() -> None:
    """The delay goes back at once to about what the quota means, here 1.2 s a call, and stays there."""
    peer = Peer()
    peer.take(600, quota=50)
    assert 1.05 < peer.tempo.delay < 1.35
    assert peer.take(600, quota=50) <= 10
    assert 1.05 < peer.tempo.delay < 1.35


def test_a_refusal_of_a_peer_that_is_known_is_followed_by_a_pause() -> None:
    """Of three seconds at least: its minute has to move on."""
    peer = Peer()
    peer.take(600, quota=50)
    before = peer.tempo.delay
    peer.tempo.refused(peer.now)
    assert (2 * before, 3) == (peer.tempo.delay, peer.tempo.pause)


def test_a_smaller_quota_is_found_and_a_larger_one_used() -> None:
    """Within some minutes, without many refusals."""
    peer = Peer()
    peer.take(600, quota=100)
    assert 0.5 < peer.tempo.delay < 0.7
    assert peer.take(400, quota=30) <= 10
    assert 1.5 < peer.tempo.delay < 2.5
    assert peer.take(300, quota=100) <= 3
    assert peer.tempo.delay < 0.8


def test_what_was_learned_is_worth_nothing_after_a_long_rest() -> None:
    """The plain rule holds again."""
    peer = Peer()
    peer.take(600, quota=50)
    delay, now = peer.tempo.delay, peer.now + 1000
    for _ in range(20):
        peer.tempo.succeeded(now)
    assert pytest.approx(0.81 * delay) == peer.tempo.delay
    peer.tempo.refused(now)
    peer.tempo.succeeded(now)
    assert pytest.approx(1.62 * delay) == peer.tempo.delay


def test_a_peer_that_refused_everything_for_long_is_not_called_ever_more_rarely_afterwards() -> None:
    """The delay is twice what it was before, not what its refusals made of it."""
    peer = Peer()
    peer.take(600, quota=50)
    before = peer.tempo.delay
    assert peer.take(1200, quota=0) > 20
    assert peer.tempo.delay > 10
    peer.tempo.succeeded(peer.now)
    assert pytest.approx(2 * before) == peer.tempo.delay


def test_one_refusal_of_a_peer_that_is_seldom_asked_slows_nobody_down_for_long() -> None:
    """Few calls a minute say nothing of how many it takes: never slower than the doubled delay."""
    tempo = Tempo(1.0, floor=0.1, ceiling=60.0)
    for minute in range(5):
        tempo.succeeded(60.0 * minute)
    tempo.refused(300)
    tempo.succeeded(360)
    assert tempo.delay <= 2
    for minute in range(7, 20):
        tempo.succeeded(60.0 * minute)
    assert tempo.delay < 1
