"""The line: who waits for which resource, first come first served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One person's place in the line for one resource; places are served by number.

    `turn`: the request that keeps a proxy for them until `turn_until` (epoch seconds); None while they wait.
    """

    number: int
    user_id: int
    name: str
    resource: str
    joined_at: float
    turn: int | None = None
    turn_until: float | None = None

    def is_over(self, now: float) -> bool:
        """Whether its turn came and was not taken in time."""
        return self.turn_until is not None and self.turn_until <= now


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person stands for a resource: how many others come before them, and their place if they have one."""

    ahead: int
    place: Place | None = None

    @property
    def number(self) -> int:
        """From 1."""
        return self.ahead + 1


class Line:
    """Every open place, in memory; the table is written before it."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places: dict[int, Place] = {}
        self._lines: dict[str, dict[int, Place]] = {}
        for place in sorted(places, key=lambda each: each.number):
            self.put(place)

    def put(self, place: Place) -> None:
        """A place that is new, or has changed; a new one has the highest number so far."""
        self._places[place.number] = place
        self._lines.setdefault(place.resource, {})[place.number] = place

    def drop(self, number: int) -> None:
        """The place is not open any more."""
        if place := self._places.pop(number, None):
            line = self._lines[place.resource]
            del line[number]
            if not line:
                del self._lines[place.resource]

    def get(self, number: int) -> Place | None:
        """The open place of that number."""
        return self._places.get(number)

    def of_user(self, user_id: int) -> list[Place]:
        """The person's open places, oldest first."""
        return [place for place in self._places.values() if place.user_id == user_id]

    def all(self) -> list[Place]:
        """Every open place, oldest first."""
        return list(self._places.values())

    def waiting(self, resource: str) -> list[Place]:
        """Those whose turn has not come, first come first."""
        return [place for place in self._lines.get(resource, {}).values() if place.turn is None]

    def resources(self) -> list[str]:
        """What somebody stands in line for."""
        return list(self._lines)

    def position(self, resource: str, user_id: int) -> Position:
        """Where the person stands, in line or not; who has their turn is before nobody."""
        line = self._lines.get(resource)
        if not line:
            return Position(0)
        own = next((place for place in line.values() if place.user_id == user_id), None)
        waiting = (place for place in line.values() if place.turn is None)
        return Position(sum(own is None or place.number < own.number for place in waiting), own)

    def ahead_of(self, resource: str, user_id: int) -> int:
        """How many others what becomes free for the resource is for, before it is this person's turn."""
        return self.position(resource, user_id).ahead
