"""How often each command and button is used, fails, and how long it takes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bot.models.status import CommandFigures, ErrorFigures, Reference
from bot.resilience.timings import Kind, Timing, Timings

KINDS = 50
REFERENCES = 10
REST = "others"


@dataclass(slots=True)
class _Record:
    seconds: Timing
    count: int = 0
    errors: int = 0


class CommandMetrics:
    """Counts since the start; the latencies are those of each command's last 256 requests.

    The names come from the bot's own handlers and verbs, so their number is bounded; kinds of errors beyond
    fifty are counted together.
    """

    def __init__(self, timings: Timings) -> None:
        self.timings = timings
        self._records: dict[str, _Record] = {}
        self._errors: dict[str, ErrorFigures] = {}
        self._references: deque[Reference] = deque(maxlen=REFERENCES)

    def add(self, name: str, seconds: float, *, failed: bool) -> None:
        """One request, answered or failed."""
        record = self._records.get(name)
        if record is None:
            record = self._records[name] = _Record(self.timings.of(Kind.HANDLER, name))
        record.count += 1
        record.errors += failed
        record.seconds.add(seconds)

    def is_news(self, name: str, seconds: float) -> bool:
        """Whether a request was slow, and none of that name was told of in the last minute."""
        return self.timings.is_news(Kind.HANDLER, name, seconds)

    def met(self, error: Exception, at: float, *, refused: bool) -> None:
        """One error that ended a request, by its class; `refused`: it was an answer."""
        kind = type(error).__name__
        name = kind if kind in self._errors or len(self._errors) < KINDS else REST
        before = self._errors.get(name)
        self._errors[name] = ErrorFigures(name, (before.count if before else 0) + 1, at, refused)

    def refer(self, reference: str, error: Exception, at: float) -> None:
        """An error nobody foresaw was given a number."""
        self._references.appendleft(Reference(reference, type(error).__name__, at))

    def figures(self) -> tuple[CommandFigures, ...]:
        """One line a command or button, the most used first."""
        ordered = sorted(self._records.items(), key=lambda item: (-item[1].count, item[0]))
        return tuple(_figures(name, record) for name, record in ordered)

    def errors(self) -> tuple[ErrorFigures, ...]:
        """One line a kind, our own failures first, then the most frequent."""
        return tuple(
            sorted(self._errors.values(), key=lambda error: (error.refused, -error.count, error.name))
        )

    def references(self) -> tuple[Reference, ...]:
        """The last ten numbers that were given out, newest first."""
        return tuple(self._references)


def _figures(name: str, record: _Record) -> CommandFigures:
    p50, p95 = (record.seconds.percentile(share) or 0.0 for share in (0.50, 0.95))
    return CommandFigures(name, record.count, record.errors, p50, p95)
