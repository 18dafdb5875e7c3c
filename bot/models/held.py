"""What a person holds: in which order it is listed, and which of it is meant by a few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.errors import OfferLapsed
from bot.models.offer import Argument
from bot.models.results import Held


@dataclass(frozen=True, slots=True)
class Tag:
    """One held proxy as buttons carry it; it can still be spoken of when it is not held any more.

    `page`: the page of the list that it was opened from.
    """

    allocation: str
    resource: str
    address: str
    page: int = 0

    @property
    def args(self) -> tuple[Argument, ...]:
        """As the first arguments of an action."""
        return (self.allocation, self.resource, self.address, self.page)

    @classmethod
    def of(cls, held: Held, page: int = 0) -> Tag:
        """The tag of this proxy; `page` as above."""
        return cls(held.allocation, held.resource, held.proxy.endpoint.address, page)

    @classmethod
    def read(cls, args: Sequence[Argument]) -> Tag:
        """The inverse of `args`; what follows them is left alone. Raises OfferLapsed where they are no such args."""
        match args:
            case (str(allocation), str(resource), str(address), int(page), *_rest):
                return cls(allocation, resource, address, page)
        raise OfferLapsed("the button is of another version")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proxy listens, as somebody wrote it: `host` in lower case; every port where it is None."""

    host: str
    port: int | None = None

    def fits(self, held: Held) -> bool:
        """Whether that proxy listens there."""
        endpoint = held.proxy.endpoint
        return endpoint.host == self.host and self.port in (None, endpoint.port)


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a number can mean: so many of one resource, or, with `number`, that one of the list."""

    held: tuple[Held, ...]
    number: int | None = None


def in_order(held: Iterable[Held]) -> list[Held]:
    """By resource, best first: most days left, unknown expiry last. People count the list from 1."""
    return sorted(held, key=_by_resource_best_first)


def settled(held: Iterable[Held]) -> list[Held]:
    """Those that the person can do something with: what is being checked may still become somebody else's."""
    return [each for each in held if each.settled]


def at(place: Place, held: Iterable[Held]) -> list[Held]:
    """Those that listen there, in order; where there are none, those for the resource of that name."""
    ordered = in_order(held)
    return [each for each in ordered if place.fits(each)] or [
        each for each in ordered if place.port is None and each.resource == place.host
    ]


def readings(count: int, held: Iterable[Held]) -> list[Reading]:
    """What `count` can mean: so many of each resource, those with the fewest days left; and one by its number.

    What means the same proxy twice is said once.
    """
    ordered = in_order(held)
    of_one = [list(group) for _, group in groupby(ordered, key=lambda each: each.resource)]
    found = [Reading(tuple(group[-count:])) for group in of_one if len(group) >= count]
    numbered = tuple(ordered[count - 1 : count])
    if numbered and all(each.held != numbered for each in found):
        found.append(Reading(numbered, count))
    return found


def _by_resource_best_first(held: Held) -> tuple[str, bool, int, int]:
    days_left = held.proxy.days_left
    return held.resource, days_left is None, -(days_left or 0), held.proxy.row
