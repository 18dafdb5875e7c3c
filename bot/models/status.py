"""What the bot tells of itself: figures for /stats, as frozen data. Times in seconds, moments since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bot.models.history import Holder
from bot.models.results import PoolStats
from bot.models.role import Role

BUTTON = "button "  # how the name of what a button set off begins


@dataclass(frozen=True, slots=True)
class CommandFigures:
    """How often a command was asked or a button pressed, how often it failed by our fault, how long it took."""

    name: str
    count: int
    errors: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """How often one kind of error was met, and when last; `refused`: a person asked for what cannot be."""

    name: str
    count: int
    last_at: float
    refused: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """An error nobody foresaw: the number its person was given, which the log has too."""

    number: str
    name: str
    at: float


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What is kept so that it need not be worked out or asked for again.

    `loads`: how often that was done, None where it is done at each miss; `stale`: how often an old value had to do.
    """

    name: str
    entries: int
    hits: int
    misses: int
    loads: int | None = None
    stale: int = 0


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One scheduled job; `misses` are runs that were due and did not happen."""

    id: str
    last_run_at: float | None
    last_duration_s: float | None
    misses: int
    errors: int
    next_run_at: float | None


@dataclass(frozen=True, slots=True)
class PeopleFigures:
    """How many there are of each role, how many ask for access, and how many do not want to hear from us."""

    by_role: dict[Role, int]
    asking: tuple[str, ...]
    blocked: tuple[str, ...]


class IntakeFigures(Protocol):
    """Counts of Telegram's updates since the start; `oldest_age` of those that wait, None where none does."""

    @property
    def received(self) -> int: ...
    @property
    def repeated(self) -> int: ...
    @property
    def handled(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def undecodable(self) -> int: ...
    @property
    def postponed(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest_age(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Calls of one kind to one exchange: how many, how many failed, how long they take, whether they are left alone."""

    name: str
    calls: int
    failures: int
    p95: float | None
    is_away: bool


class TimingFigures(Protocol):
    """How long one thing takes: `kind` is `peer`, `call` or `handler`; p50 and p95 of the last 256, in seconds.

    `within`: a bound that none has exceeded since the start, infinite where there is none.
    """

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def p50(self) -> float: ...
    @property
    def p95(self) -> float: ...
    @property
    def within(self) -> float: ...


@dataclass(frozen=True, slots=True)
class DoubtfulOrder:
    """An order of which nobody knows yet whether it was done."""

    number: int
    symbol: str
    since: float


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """Orders since the day began by their state, what was traded since, and what is open by symbol.

    `doubtful` are the oldest that are in doubt, `doubts` counts all of them.
    """

    orders: Mapping[str, int]
    doubtful: tuple[DoubtfulOrder, ...]
    doubts: int
    trades: int
    traded: Decimal
    positions: Mapping[str, int]
    pending: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TradingFigures:
    """How the trading desk is doing; `clients` are open, `in_use` of them just now."""

    desk: DeskFigures
    calls: tuple[CallFigures, ...] = ()
    clients: int = 0
    in_use: int = 0


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Everything /stats shows; `now` is when it was put together, `memory` is in bytes."""

    now: float
    pool: PoolStats
    intake: IntakeFigures
    commands: tuple[CommandFigures, ...]
    jobs: tuple[JobStatus, ...]
    uptime: float
    memory: int
    people: PeopleFigures = PeopleFigures({}, (), ())
    holders: tuple[Holder, ...] = ()
    errors: tuple[ErrorFigures, ...] = ()
    references: tuple[Reference, ...] = ()
    caches: tuple[CacheFigures, ...] = ()
    trading: TradingFigures | None = None
    timings: tuple[TimingFigures, ...] = ()


class PersonLike(Protocol):
    """What is counted of a person."""

    @property
    def user_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def asked_at(self) -> float | None: ...
    @property
    def blocked_at(self) -> float | None: ...


class Roles(Protocol):
    """Who is who."""

    def role_of(self, user_id: int) -> Role | None: ...


def count_people(everybody: Iterable[PersonLike], roles: Roles) -> PeopleFigures:
    """Count them; who has a role does not ask any more."""
    by_role, asking, blocked = dict.fromkeys(Role, 0), [], []
    for person in everybody:
        role = roles.role_of(person.user_id)
        if role is not None:
            by_role[role] += 1
        elif person.asked_at is not None:
            asking.append(person.name)
        if person.blocked_at is not None:
            blocked.append(person.name)
    return PeopleFigures(by_role, tuple(asking), tuple(blocked))
