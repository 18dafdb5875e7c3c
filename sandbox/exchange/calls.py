"""What an endpoint gets to see of a call, and how lists are cut into pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.exchange.errors import VenueError, bad_parameter
from sandbox.exchange.records import Account, ApiKey
from sandbox.exchange.world import ExchangeWorld

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the query of a GET, the body of a POST, and the key that has signed it."""

    world: ExchangeWorld
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    signed_by: ApiKey | None = None

    @property
    def key(self) -> ApiKey:
        """The key of a signed call."""
        if self.signed_by is None:
            raise VenueError(10003)
        return self.signed_by

    @property
    def account(self) -> Account:
        """The account of a signed call."""
        return self.world.accounts[self.key.uid]


def whole_number(query: Mapping[str, str], name: str, usual: int, most: int | None = None) -> int:
    """A number of the query; refused if it is none, cut to `most`."""
    given = query.get(name, "")
    if not given:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise bad_parameter(f"params error: {name} invalid")
    return int(given) if most is None else min(int(given), most)


def page(query: Mapping[str, str], entries: Sequence[JSON], *, usual: int, most: int) -> JSON:
    """A part of a list, as `limit` and `cursor` say, and the cursor of the next one ("" at its end)."""
    limit = whole_number(query, "limit", usual, most) or usual
    start = whole_number(query, "cursor", 0)
    end = start + limit
    return {"list": list(entries[start:end]), "nextPageCursor": str(end) if end < len(entries) else ""}
