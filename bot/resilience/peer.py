"""The one place where a failing peer is noticed: told once when it begins, once when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog

from bot.resilience.breaker import Breaker, Errors
from bot.resilience.clock import Clock
from bot.resilience.timings import Kind, Timings

log = structlog.get_logger(__name__)


class PeerHealth:
    """Counts what a peer does to us; every gateway reports each call here.

    One for each kind of calls that may fail while the others do not: two kinds that share one would tell of a
    failure and a recovery in turns. With a `breaker`, calls made in `call()` are refused while it is open. How long
    they take is counted in `timings`; a slow one that was answered is logged, once a minute at most.
    """

    def __init__(
        self, name: str, clock: Clock, breaker: Breaker | None = None, timings: Timings | None = None
    ) -> None:
        self.name = name
        self._clock = clock
        self._breaker = breaker
        self.consecutive_failures = 0
        self.calls = 0
        self.failures = 0
        self.last_success: float | None = None
        self._timings = timings or Timings(clock)
        self._timing = self._timings.of(Kind.PEER, name)

    @property
    def is_away(self) -> bool:
        """Whether calls are refused, or only tried one by one."""
        return self._breaker is not None and self._breaker.is_open

    @property
    def p95(self) -> float | None:
        """Seconds within which 95 % of the last calls made in `call()` ended, well or not; None without any."""
        return self._timing.percentile(0.95)

    @contextmanager
    def call(self, *, failures: Errors, answers: Errors = ()) -> Iterator[None]:
        """Make one call in the body and report how it ends; raises Resting where the breaker refuses it.

        Errors among `failures` count as such, those among `answers` as success, any other end not at all.
        """
        with self._guard(failures, answers):
            began = self._clock.monotonic()
            try:
                yield
            except failures as error:
                self._took(began)
                self.failed(error)
                raise
            except answers:
                self._answered(began)
                raise
            else:
                self._answered(began)

    def succeeded(self) -> None:
        """A call was answered, be it with a refusal: the peer is there."""
        self.calls += 1
        self.last_success = self._clock.time()
        if self.consecutive_failures:
            log.info("peer is back", peer=self.name, after_failures=self.consecutive_failures)
        self.consecutive_failures = 0

    def failed(self, error: Exception) -> None:
        """A call was not answered, or the peer said that it cannot."""
        self.calls += 1
        self.failures += 1
        if not self.consecutive_failures:
            log.warning("peer is failing", peer=self.name, error=str(error))
        self.consecutive_failures += 1

    def _answered(self, began: float) -> None:
        seconds = self._took(began)
        if self._timings.is_news(Kind.PEER, self.name, seconds):
            log.warning("peer is slow", peer=self.name, seconds=round(seconds, 3))
        self.succeeded()

    def _took(self, began: float) -> float:
        seconds = self._clock.monotonic() - began
        self._timing.add(seconds)
        return seconds

    def _guard(self, failures: Errors, answers: Errors) -> AbstractContextManager[None]:
        return self._breaker.guard(failures=failures, answers=answers) if self._breaker else nullcontext()
