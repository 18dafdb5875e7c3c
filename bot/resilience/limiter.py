"""A token bucket: a steady rate with a burst, shared by everybody who talks to one peer."""

from __future__ import annotations

from bot.resilience.clock import Clock

PENALTY_FLOOR = 1.0
PENALTY_CEILING = 64.0
NO_TIME = 1e-6  # seconds: rounding leaves less than that of a token, and no clock moves by so little


class TokenBucket:
    """`per_minute` tokens a minute, at most `burst` saved up; callers are served in the order they ask.

    A token is promised at once, so that the wait is known before it begins: the level may be negative.
    """

    def __init__(self, clock: Clock, *, per_minute: float, burst: float) -> None:
        self._clock = clock
        self._rate = per_minute / 60
        self._burst = burst
        self._level = burst
        self._seen = clock.monotonic()
        self._penalty = PENALTY_FLOOR
        self.granted = 0.0
        self.waited = 0.0  # seconds that callers were told to wait, all together

    @property
    def available(self) -> float:
        """Tokens that could be had now without waiting (may be fractional, never below zero)."""
        self._refill()
        return max(0.0, self._level)

    def wait_for(self, tokens: float = 1) -> float:
        """Seconds a caller who asked now would wait."""
        self._refill()
        wait = (tokens - self._level) / self._rate
        return wait if wait > NO_TIME else 0.0

    def take(self, tokens: float = 1) -> float:
        """Promise the tokens and return the seconds to wait before using them."""
        wait = self.wait_for(tokens)
        self._level -= tokens
        self.granted += tokens
        self.waited += wait
        return wait

    def take_if_there(self, tokens: float = 1) -> bool:
        """Take the tokens where they can be had without waiting; returns whether they could."""
        if self.wait_for(tokens) > 0:
            return False
        self._level -= tokens
        self.granted += tokens
        return True

    def give_back(self, tokens: float = 1) -> None:
        """Return tokens that were promised and not used."""
        self._level = min(self._burst, self._level + tokens)

    async def acquire(self, tokens: float = 1) -> float:
        """Wait for the tokens; returns the seconds waited."""
        wait = self.take(tokens)
        if wait > 0:
            await self._clock.sleep(wait)
        return wait

    def slow_down(self, retry_after: float | None = None) -> None:
        """The peer refused: nothing for `retry_after` seconds, or for a wait that doubles from 1 to 64 s."""
        self._refill()
        pause = (
            self._penalty if retry_after is None else min(max(retry_after, PENALTY_FLOOR), PENALTY_CEILING)
        )
        self._level = min(self._level, 1 - pause * self._rate)
        self._penalty = min(self._penalty * 2, PENALTY_CEILING)

    def recovered(self) -> None:
        """The peer answered: the next refusal starts from the short pause again."""
        self._penalty = PENALTY_FLOOR

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
        self._seen = now


class ReadWritePace:
    """Separate buckets for the reads and the writes of one peer."""

    def __init__(
        self, clock: Clock, *, reads_per_minute: float, writes_per_minute: float, burst: float
    ) -> None:
        self._clock = clock
        self.reads = TokenBucket(clock, per_minute=reads_per_minute, burst=burst)
        self.writes = TokenBucket(clock, per_minute=writes_per_minute, burst=burst)
        self.waited = 0.0  # seconds of turns, all together

    def wait(self) -> float:
        """Seconds until one read and one write may be sent."""
        return max(self.reads.wait_for(), self.writes.wait_for())

    async def turn(self) -> None:
        """Wait as long as a read and a write have to wait now; nothing is promised, somebody may be quicker."""
        wait = self.wait()
        self.waited += wait
        await self._clock.sleep(wait)

    async def read_and_write(self) -> None:
        """Wait until one read AND one write may be sent, so that nothing waits between the two."""
        await self._clock.sleep(max(self.reads.take(), self.writes.take()))

    def slow_down(self, retry_after: float | None = None) -> None:
        """The peer refused a call for its quota: both kinds wait."""
        self.reads.slow_down(retry_after)
        self.writes.slow_down(retry_after)

    def recovered(self) -> None:
        """The peer answered again."""
        self.reads.recovered()
        self.writes.recovered()
