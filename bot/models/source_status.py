"""How outside systems are doing, and who of those that can stand in for each other is asked next. Times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How we get on with a source."""

    NEW = "new"  # it was not asked yet
    UP = "up"
    REFUSING = "refusing"  # it has answered last, but not what it was asked for
    FAILING = "failing"  # it has not answered last, and is asked all the same
    RESTING = "resting"  # it is not asked for a while


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source. `back_in`: until it is asked again, 0 where it may be now; `age` of what it told last, None before.

    `in_a_row` are failures since that answer; `calls`, `failures` are since the start, `p95` is of the last 256.
    `delay`: from one call to the next at its present pace, 0 where none is kept.
    """

    name: str
    state: State
    back_in: float
    age: float | None
    p95: float | None
    calls: int
    failures: int
    in_a_row: int
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """Sources of one kind; where they are `ranked`, one stands in for another, in this order."""

    name: str
    sources: tuple[SourceStatus, ...]
    ranked: bool = True

    @property
    def next(self) -> str | None:
        """Who is asked first: the first that does not rest; None where all do, or none is asked in another's place."""
        if not self.ranked:
            return None
        return next((each.name for each in self.sources if each.state is not State.RESTING), None)

    @property
    def all_back_in(self) -> float | None:
        """Until the first of those that all rest is asked again; None where not all do."""
        if not self.ranked or not self.sources or self.next is not None:
            return None
        return min(each.back_in for each in self.sources)


def state_of(calls: int, in_a_row: int, back_in: float, *, refused: bool) -> State:
    """The state that such counts amount to."""
    if back_in > 0:
        return State.RESTING
    if in_a_row:
        return State.FAILING
    if not calls:
        return State.NEW
    return State.REFUSING if refused else State.UP
