"""What is known of the outside systems that are asked for prices and orders; nothing is asked to find out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.models.source_status import SourceGroup, SourceStatus, state_of
from bot.resilience.clock import Clock


class Health(Protocol):
    """What became of the calls to one source."""

    calls: int
    failures: int
    consecutive_failures: int
    last_success: float | None

    @property
    def p95(self) -> float | None: ...


def at_once() -> float:
    """Nobody is waited for."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One source: `rest` tells for how many seconds it is not asked, `delay` how many lie between two calls.

    `good_at`: when it last told what it was asked for (epoch seconds), where that is known apart from its answers.
    """

    name: str
    health: Health
    rest: Callable[[], float] = at_once
    delay: Callable[[], float] = at_once
    good_at: Callable[[], float | None] | None = None


class SourcesStatus:
    """Looks; changes nothing.

    `ranked`: by kind, in the order in which they are asked; `others`: by kind, each for itself.
    """

    def __init__(
        self,
        ranked: Mapping[str, Sequence[Watched]],
        others: Mapping[str, Sequence[Watched]],
        clock: Clock,
    ) -> None:
        self._ranked = ranked
        self._others = others
        self._clock = clock

    def look(self) -> tuple[SourceGroup, ...]:
        """Every kind that has sources, as of now."""
        groups = (
            *(self._group(name, sources, ranked=True) for name, sources in self._ranked.items()),
            *(self._group(name, sources, ranked=False) for name, sources in self._others.items()),
        )
        return tuple(group for group in groups if group.sources)

    def _group(self, name: str, sources: Sequence[Watched], *, ranked: bool) -> SourceGroup:
        return SourceGroup(name, tuple(map(self._status, sources)), ranked)

    def _status(self, source: Watched) -> SourceStatus:
        health, back_in, answered = source.health, source.rest(), source.health.last_success
        good = source.good_at() if source.good_at else answered
        refused = answered is not None and (good is None or good < answered)
        return SourceStatus(
            name=source.name,
            state=state_of(health.calls, health.consecutive_failures, back_in, refused=refused),
            back_in=back_in,
            age=None if good is None else max(0.0, self._clock.time() - good),
            p95=health.p95,
            calls=health.calls,
            failures=health.failures,
            in_a_row=health.consecutive_failures,
            delay=source.delay(),
        )
