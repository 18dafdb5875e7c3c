"""A circuit breaker: a peer that fails again and again is left alone for a while, then tried with one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.resilience.clock import Clock

THRESHOLD = 5
REST = 60.0

Errors = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call; what becomes of the call is reported with it."""

    era: int


class Resting(Exception):
    """The breaker is open, the call was not made; `retry_in` seconds from now one may be tried."""

    def __init__(self, name: str, retry_in: float) -> None:
        super().__init__(f"{name}: resting after failures")
        self.name = name
        self.retry_in = retry_in


class Breaker:
    """Closed until `threshold` calls in a row have failed; then open, and one call in `rest` seconds may try.

    The try that succeeds closes it. Its rest is counted from when it was sent, so that a peer that lets us wait
    before it fails is not missed for longer when it is back; a try that nobody reports is given up after that
    time. Each opening and each try begins a new era, and only calls of the present one count: what was sent
    before the opening and answered late tells nothing about now.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        threshold: int = THRESHOLD,
        rest: float = REST,
        on_change: Callable[[bool], None] | None = None,
    ) -> None:
        self.name = name
        self._clock = clock
        self._threshold = threshold
        self._rest = rest
        self._on_change = on_change
        self._era = 0
        self._failures = 0
        self._resting_until: float | None = None

    @property
    def is_open(self) -> bool:
        """From the failure that was one too many until a try has succeeded."""
        return self._resting_until is not None

    @property
    def retry_in(self) -> float:
        """Seconds until a call may be made; 0 when it may be made now."""
        until = self._resting_until
        return 0.0 if until is None else max(0.0, until - self._clock.monotonic())

    def allow(self) -> Permit | None:
        """Leave for one call, None while the peer is left alone or being tried by somebody else."""
        if self.retry_in > 0:
            return None
        if self.is_open:
            self._begin_rest()
        return Permit(self._era)

    def succeeded(self, permit: Permit) -> None:
        """The peer has answered the call, be it with a refusal."""
        if permit.era != self._era:
            return
        self._failures = 0
        if self.is_open:
            self._resting_until = None
            self._tell()

    def failed(self, permit: Permit) -> None:
        """The peer has not answered the call, or said that it cannot."""
        if permit.era != self._era or self.is_open:
            return  # a try that failed: its rest has begun when it was sent
        self._failures += 1
        if self._failures >= self._threshold:
            self._begin_rest()
            self._tell()

    def close(self) -> None:
        """Begin anew: nobody waits for the peer, and what was is no sign of what will be."""
        self._failures = 0
        if self.is_open:
            self._era += 1
            self._resting_until = None
            self._tell()

    def abandoned(self, permit: Permit) -> None:
        """The call ended without telling anything about the peer: the next one may try instead."""
        if permit.era == self._era and self.is_open:
            self._resting_until = self._clock.monotonic()

    @contextmanager
    def guard(self, *, failures: Errors, answers: Errors = ()) -> Iterator[None]:
        """Make one call in the body; raises Resting instead while that is not allowed.

        Errors among `failures` count as such, those among `answers` as success; any other end, a cancellation
        above all, tells nothing.
        """
        permit = self.allow()
        if permit is None:
            raise Resting(self.name, self.retry_in)
        report = self.abandoned
        try:
            yield
            report = self.succeeded
        except failures:
            report = self.failed
            raise
        except answers:
            report = self.succeeded
            raise
        finally:
            report(permit)

    def _begin_rest(self) -> None:
        self._resting_until = self._clock.monotonic() + self._rest
        self._era += 1

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change(self.is_open)
