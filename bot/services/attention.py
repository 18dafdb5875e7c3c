"""What an admin should look at: said once when it begins, listed until it is over."""

from __future__ import annotations

from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Attention:
    """Open matters by topic. Each of `on_open` is called with a topic that was not open before, and what it is."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self.on_open: list[Callable[[str, str], None]] = []

    def raise_(self, topic: str, matter: str) -> None:
        """Something needs an admin."""
        if self._open.get(topic) != matter:
            log.warning("needs attention", topic=topic, matter=matter)
        is_new = topic not in self._open
        self._open[topic] = matter
        if is_new:
            for told in self.on_open:
                told(topic, matter)

    def clear(self, topic: str) -> None:
        """It is over."""
        if self._open.pop(topic, None) is not None:
            log.info("settled", topic=topic)

    @property
    def matters(self) -> tuple[str, ...]:
        """Every open matter, one line each."""
        return tuple(f"{topic}: {matter}" for topic, matter in self._open.items())
