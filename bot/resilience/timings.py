"""Where all that takes time is counted: calls to peers, calls of services, requests of people."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import structlog

from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown
from bot.resilience.latency import BOUNDS, Histogram, Latencies

log = structlog.get_logger(__name__)

SLOW = 1.0  # seconds
TOLD_EVERY = 60.0  # seconds between two lines of log about the same
NAMES = 200  # of one kind; what comes later is counted together
OTHERS = "others"

P = ParamSpec("P")
T = TypeVar("T")


class Kind(StrEnum):
    """What it is that takes time."""

    PEER = "peer"
    CALL = "call"
    HANDLER = "handler"


@dataclass(frozen=True, slots=True)
class TimingFigures:
    """One thing's calls since the start. `buckets` as `Histogram.cumulative` has them, `total` in seconds.

    `p50` and `p95` are of the last 256 calls; 0 without any.
    """

    kind: Kind
    name: str
    buckets: tuple[int, ...]
    total: float
    p50: float
    p95: float

    @property
    def count(self) -> int:
        """How many there were."""
        return self.buckets[-1]

    @property
    def within(self) -> float:
        """The bound that no call has exceeded; infinite where one took longer than all bounds."""
        return (*BOUNDS, math.inf)[self.buckets.index(self.count)]


class Timing:
    """One thing's calls."""

    def __init__(self) -> None:
        self._histogram = Histogram()
        self._latencies = Latencies()
        self.percentile = self._latencies.percentile

    def add(self, seconds: float) -> None:
        """One call more."""
        self._histogram.add(seconds)
        self._latencies.add(seconds)

    def figures(self, kind: Kind, name: str) -> TimingFigures:
        """What there is to tell of them."""
        buckets, total = self._histogram.cumulative(), self._histogram.total
        p50, p95 = (self.percentile(share) or 0.0 for share in (0.50, 0.95))
        return TimingFigures(kind, name, buckets, total, p50, p95)


class Timings:
    """The one registry. Names are a few hundred at most, so that its memory is bounded whatever is counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timings: dict[Kind, dict[str, Timing]] = {kind: {} for kind in Kind}
        self._told = Cooldown(clock, TOLD_EVERY)

    def of(self, kind: Kind, name: str) -> Timing:
        """That thing's calls, to be added to."""
        known = self._timings[kind]
        timing = known.get(name)
        if timing is None:
            kept_as = name if len(known) < NAMES else OTHERS
            timing = known.setdefault(kept_as, Timing())
        return timing

    def is_news(self, kind: Kind, name: str, seconds: float) -> bool:
        """Whether a call was slow, and none of that name was told of in the last minute."""
        return seconds >= SLOW and self._told.first((kind, name))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count the body as one call of a service, however it ends; a slow one is logged."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            seconds = self._clock.monotonic() - began
            self.of(Kind.CALL, name).add(seconds)
            if self.is_news(Kind.CALL, name, seconds):
                log.warning("a call was slow", call=name, seconds=round(seconds, 3))

    def figures(self) -> tuple[TimingFigures, ...]:
        """One a name that was called at least once, by kind, the most called first."""
        every = [
            timing.figures(kind, name)
            for kind, timings in self._timings.items()
            for name, timing in timings.items()
        ]
        order = list(Kind)
        called = (each for each in every if each.count)
        return tuple(sorted(called, key=lambda each: (order.index(each.kind), -each.count, each.name)))


class Timed(Protocol):
    """Whose methods are counted."""

    @property
    def timings(self) -> Timings: ...


S = TypeVar("S", bound=Timed)
Method = Callable[Concatenate[S, P], Awaitable[T]]


def timed(name: str) -> Callable[[Method[S, P, T]], Callable[Concatenate[S, P], Coroutine[Any, Any, T]]]:
    """For methods of a service that has `timings`: each call is counted under the name."""

    def decorate(method: Method[S, P, T]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
        @wraps(method)
        async def counted(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with self.timings.timed(name):
                return await method(self, *args, **kwargs)

        return counted

    return decorate
