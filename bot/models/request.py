"""A request: what a person asked for once, and the answer that every repetition gets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bot.models.results import Failure, Reason
from bot.models.wish import ANY, Wish


@dataclass(frozen=True, slots=True)
class Settlement:
    """A request's end. `taken` and `released` are allocation ids.

    `available` is set where too few were free, `unknown` where nobody used the resource yet, `refused` where a
    rule of the desk forbade it (its name and figures): nothing was done. `wish` and `extended` are a preview's.
    `pending`: what was taken was handed out before the sheet showed it.
    """

    taken: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    available: int | None = None
    unknown: bool = False
    reads: int = 0
    writes: int = 0
    read_at: float = 0.0
    refused: tuple[str | int, ...] = ()
    wish: Wish = ANY
    extended: bool = False
    pending: bool = False

    def to_json(self) -> str:
        """As it is stored."""
        return json.dumps(
            {
                "taken": self.taken,
                "released": self.released,
                "failures": [[failure.row, failure.reason] for failure in self.failures],
                "available": self.available,
                "unknown": self.unknown,
                "reads": self.reads,
                "writes": self.writes,
                "read_at": self.read_at,
                "refused": self.refused,
                "wish": self.wish,
                "extended": self.extended,
                "pending": self.pending,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, stored: str) -> Settlement:
        """The inverse of `to_json`."""
        data = json.loads(stored)
        return cls(
            taken=tuple(data["taken"]),
            released=tuple(data["released"]),
            failures=tuple(Failure(row, Reason(reason)) for row, reason in data["failures"]),
            available=data["available"],
            unknown=data["unknown"],
            reads=data["reads"],
            writes=data["writes"],
            read_at=data["read_at"],
            refused=tuple(data.get("refused", ())),
            wish=Wish(*data.get("wish", ())),
            extended=data.get("extended", False),
            pending=data.get("pending", False),
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One request as journalled; `settlement` is None while it is open."""

    number: int
    key: str
    kind: str
    params: str
    user_id: int
    resource: str
    wanted: int
    settlement: Settlement | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A user turns reservations (by id) into takes under a new request."""

    request: int
    user_id: int
    name: str
    ids: tuple[str, ...]


def params_hash(*params: object) -> str:
    """What a repetition must match: a hash of the parameters, in order."""
    return hashlib.sha256(json.dumps(params, default=str).encode()).hexdigest()[:32]
