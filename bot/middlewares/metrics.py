"""How often each command is asked, fails, and how long it takes."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from bot.models.status import CommandFigures

REMEMBERED = 256


@dataclass(slots=True)
class _Record:
    count: int = 0
    errors: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class CommandMetrics:
    """Counts since the start; the latencies are those of each command's last 256 requests.

    The names come from the bot's own handlers, so their number is bounded.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def add(self, name: str, seconds: float, *, failed: bool) -> None:
        """One request, answered or failed."""
        record = self._records.setdefault(name, _Record())
        record.count += 1
        record.errors += failed
        record.seconds.append(seconds)

    def figures(self) -> tuple[CommandFigures, ...]:
        """One line a command, the most asked first."""
        ordered = sorted(self._records.items(), key=lambda item: (-item[1].count, item[0]))
        return tuple(_figures(name, record) for name, record in ordered)


def _figures(name: str, record: _Record) -> CommandFigures:
    seconds = sorted(record.seconds)
    return CommandFigures(
        name, record.count, record.errors, _percentile(seconds, 0.50), _percentile(seconds, 0.95)
    )


def _percentile(ordered: list[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    return ordered[math.ceil(share * len(ordered)) - 1]
