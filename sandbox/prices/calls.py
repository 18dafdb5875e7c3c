"""What a source gets to see of a request, and how it says no."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.prices.world import PricesWorld, View

JSON = dict[str, Any]


class Refusal(Exception):
    """A source's refusal: a status and a body, a text or an object."""

    def __init__(self, status: int, body: str | JSON) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body if isinstance(body, str) else json.dumps(body)
        self.content_type = "text/plain" if isinstance(body, str) else "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a source: the names in its path, its query, its headers."""

    world: PricesWorld
    source: str
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def view(self) -> View:
        """The prices as this source sees them."""
        return self.world.told_by(self.source)

    def demand_only(self, *known: str, refuse: Callable[[str], Refusal]) -> None:
        """Refuse a parameter that is not known, as a source would not: a client should not rely on it."""
        for name in self.query:
            if name not in known:
                raise refuse(name)

    def number(self, name: str, usual: int, least: int, most: int, refuse: Callable[[str], Refusal]) -> int:
        """A whole number of the query."""
        given = self.query.get(name, str(usual))
        if not (given.isascii() and given.isdigit() and len(given) < 9 and least <= int(given) <= most):
            raise refuse(name)
        return int(given)


def iso(seconds: float) -> str:
    """A time as most sources write it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
