"""What an admin should look at: said once when it begins, listed until it is over."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


class Attention:
    """Open matters by topic."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def raise_(self, topic: str, matter: str) -> None:
        """Something needs an admin."""
        if self._open.get(topic) != matter:
            log.warning("needs attention", topic=topic, matter=matter)
        self._open[topic] = matter

    def clear(self, topic: str) -> None:
        """It is over."""
        if self._open.pop(topic, None) is not None:
            log.info("settled", topic=topic)

    @property
    def matters(self) -> tuple[str, ...]:
        """Every open matter, one line each."""
        return tuple(f"{topic}: {matter}" for topic, matter in self._open.items())
