"""The one place where a failing peer is noticed: told once when it begins, once when it ends."""

from __future__ import annotations

import structlog

from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)


class PeerHealth:
    """Counts what a peer does to us; every gateway reports each call here."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self.consecutive_failures = 0
        self.calls = 0
        self.failures = 0
        self.last_success: float | None = None

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
