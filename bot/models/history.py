"""What was handed out to whom, as admins look it up; credentials are not part of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.models.allocation import Allocation, State
from bot.models.proxy import address_of


class About(StrEnum):
    """What a question is about."""

    HOST = "host"
    RESOURCE = "resource"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Subject:
    """`word`: `host` or `host:port`, a resource's name, or a person's Telegram id; `name`: a person's `@name`."""

    about: About
    word: str
    name: str = ""

    @property
    def user_id(self) -> int:
        """The person's Telegram id."""
        return int(self.word)


@dataclass(frozen=True, slots=True)
class Named:
    """A person as the records know them."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One allocation, live or not; `changed_at` in seconds since the epoch."""

    allocation: Allocation
    changed_at: float

    @property
    def address(self) -> str:
        """`host:port` of its proxy."""
        return address_of(self.allocation.key)


@dataclass(frozen=True, slots=True)
class Share:
    """How many allocations one person has in one state."""

    user_id: int
    name: str
    state: State
    count: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the request number and the id of its last record."""

    request: int
    id: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Records newest first; `shares` count all that is live, `older` is where the next page goes on."""

    subject: Subject
    shares: tuple[Share, ...]
    records: tuple[Record, ...]
    older: Place | None
    first: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """How many proxies one person holds."""

    user_id: int
    name: str
    count: int
