"""A pace for calls to a peer whose quota nobody knows: a little faster while it answers, far slower when it refuses."""

from __future__ import annotations

import asyncio
import random
from collections import deque

from bot.resilience.clock import Clock

SUCCESSES = 10  # before a step, while nothing is known
QUICKER = 0.9
SLOWER = 2.0

WINDOW = 60.0  # seconds over which most peers count
BETWEEN = 0.6  # where the quota is taken to be, from what was accepted (0) to what was refused (1)
UNDER = 0.97  # of the quota so found
FAR_UNDER = 0.8  # where the last one so found was refused within SOON calls
SOON = 20
PROBE = 1.1  # times as many calls
HOLD = 54.0  # seconds before the first probe; half as many before each other one
LEAST_HOLD = 16.0
LONG_AGO = 2 * WINDOW

FIRST_PAUSE = 3.0  # seconds at least, once something is known: most refuse until their window has moved on
BLOCKED = 15.0  # seconds between tries of a peer that refuses again and again
GROWING = 6.0  # times, from one pause to the next up to that
LONGEST = 3600.0  # that a peer may ask us to stay away
JITTER = 0.02
AFTER_A_PAUSE = 0.1


class Tempo:
    """The rule of AdaptivePace; knows neither a clock nor chance, `now` is in seconds that never jump.

    `delay` is between two calls, `pause` from a refused call to the next one.

    Nothing is known at first: ten successes shorten the delay by a tenth, a refusal doubles it. Once calls have
    been made for a minute, refusals teach: the quota is less than what the peer had accepted in the minute before
    the last call it refused, and not less than what it has, with the next one it accepts, in the minute before that.
    The delay goes back at once to just above what this means, though never below the one that was refused, nor above
    the doubled one. There it stays for a while, and is then shortened by steps that come sooner while none is
    refused: the quota has grown.

    The numbers above were found by trial with five kinds of quota (scripts/benchmark_degradation.py).
    """

    def __init__(self, delay: float, *, floor: float, ceiling: float) -> None:
        self.delay = self.pause = delay
        self._floor = floor
        self._ceiling = ceiling
        self._accepted: deque[float] = deque()  # in the last minute
        self._last_success: float | None = None
        self._busy_since = 0.0
        self._successes = 0  # since the last step or refusal
        self._refusals = 0  # in a row
        self._refused_delay = delay
        self._refused_count = 0  # accepted in the minute before the last refusal
        self._calls_until_refused = 0
        self._probe_at: float | None = None  # None while nothing is known
        self._hold = HOLD

    def succeeded(self, now: float) -> None:
        """The peer has accepted a call."""
        if self._last_success is None or now - self._last_success > LONG_AGO:
            self._forget(now)
        self._last_success = now
        self._forget_older(now)
        self._accepted.append(now)
        if self._refusals:
            self._resume(now)
        self._successes += 1
        if self._probe_at is not None:
            self._probe(now, self._probe_at)
        elif self._successes % SUCCESSES == 0:
            self._set(self.delay * QUICKER)

    def refused(self, now: float) -> None:
        """The peer has refused a call for its quota."""
        if not self._refusals:
            self._refused_delay = self.delay
            self._calls_until_refused, self._successes = self._successes, 0
        self._set(self.delay * SLOWER)
        self.pause = max(self.delay, self._least_pause())
        self._refusals += 1
        self._forget_older(now)
        self._refused_count = len(self._accepted)

    def _least_pause(self) -> float:
        if self._refusals:
            return min(self.pause * GROWING, BLOCKED)
        return 0.0 if self._probe_at is None else FIRST_PAUSE

    def _forget(self, now: float) -> None:
        """What was learned is worth nothing; nor is a delay that grew while the peer refused everything."""
        self._busy_since, self._probe_at = now, None
        if self._refusals:
            self._set(min(self.delay, self._refused_delay * SLOWER))

    def _forget_older(self, now: float) -> None:
        while self._accepted and self._accepted[0] <= now - WINDOW:
            self._accepted.popleft()

    def _resume(self, now: float) -> None:
        self._refusals = 0
        if now - self._busy_since < WINDOW:
            return
        accepted = len(self._accepted)
        quota = accepted + max(0, self._refused_count - accepted) * BETWEEN
        is_far_off = self._probe_at is not None and self._calls_until_refused < SOON
        fitting = max(WINDOW / quota, self._refused_delay) / (FAR_UNDER if is_far_off else UNDER)
        self._set(min(fitting, self.delay))
        self._hold, self._probe_at = HOLD, now + HOLD

    def _probe(self, now: float, probe_at: float) -> None:
        if now >= probe_at:
            self._set(self.delay / PROBE)
            self._hold = max(LEAST_HOLD, self._hold / 2)
            self._probe_at = now + self._hold

    def _set(self, delay: float) -> None:
        self.delay = min(max(delay, self._floor), self._ceiling)


class AdaptivePace:
    """Turns for calls to one peer, in the order they are asked for, `delay` seconds apart give or take 2 %.

    Who had a turn says what became of the call, where that tells of the quota: `succeeded` or `refused`. No turn is
    saved up: after a long rest one call goes at once, the next one after the delay. Tempo tells how the delay moves,
    between `floor` and `ceiling`, starting from the `delay` given.
    """

    def __init__(
        self, clock: Clock, jitter: random.Random, *, delay: float, floor: float, ceiling: float
    ) -> None:
        if not 0 < floor <= delay <= ceiling:
            raise ValueError("the delay must lie between the floor, which is above 0, and the ceiling")
        self._clock = clock
        self._jitter = jitter
        self._tempo = Tempo(delay, floor=floor, ceiling=ceiling)
        self._turns = asyncio.Lock()
        self._last_turn: float | None = None
        self._spread = 1.0
        self._away_until = float("-inf")
        self._is_news = True
        self.refusals = 0

    @property
    def delay(self) -> float:
        """Seconds between two calls."""
        return self._tempo.delay

    @property
    def wait(self) -> float:
        """Seconds until the next turn, not counting those who wait already; 0 when it may be had now."""
        next_turn = self._away_until
        if self._last_turn is not None:
            next_turn = max(next_turn, self._last_turn + self._tempo.delay * self._spread)
        return max(0.0, next_turn - self._clock.monotonic())

    async def turn(self) -> None:
        """Wait until a call may be sent; who is refused meanwhile makes all wait longer."""
        async with self._turns:
            while (wait := self.wait) > 0:
                await self._clock.sleep(wait)
            self._last_turn = self._clock.monotonic()
            self._spread = self._jitter.uniform(1 - JITTER, 1 + JITTER)
            self._is_news = True

    def succeeded(self) -> None:
        """The peer has accepted a call."""
        self._tempo.succeeded(self._clock.monotonic())

    def refused(self, retry_after: float | None = None) -> None:
        """The peer has refused a call for its quota; it is left alone for `retry_after` seconds, an hour at most.

        Calls that were under way when another one was refused tell nothing new: the delay grows once for all.
        """
        now = self._clock.monotonic()
        self.refusals += 1
        if self._is_news:
            self._tempo.refused(now)
            self._is_news = False
        pause = max(self._tempo.pause, min(retry_after or 0.0, LONGEST))
        self._away_until = max(self._away_until, now + pause * self._jitter.uniform(1, 1 + AFTER_A_PAUSE))
