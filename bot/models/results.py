"""What the proxy service answers, as frozen data; chat, jobs and pages share it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.models.proxy import Proxy
from bot.models.wish import Wish


class Reason(StrEnum):
    """Why an allocation could not be had."""

    TAKEN_IN_SHEET = "taken in the sheet"  # a person marked it for the resource meanwhile
    ALREADY_TAKEN = "already taken"  # somebody here was faster
    EXPIRED = "expired"  # its last day has passed
    MOVED = "moved"  # that row holds another proxy now
    GONE = "gone"  # the sheet does not have it any more
    UNREADABLE = "unreadable"  # the row cannot be read as a proxy
    SHEET_UNAVAILABLE = "sheet unavailable"  # Google did not answer in time
    SHEET_REFUSED = "sheet refused"  # Google answered with a refusal
    CELL_FULL = "cell full"  # its `issued` cell has no room for another entry
    REPORTED_BAD = "reported as bad"  # somebody who has it for another resource says that it does not work
    NOT_RESERVED = "not reserved"  # the reservation lapsed, or was somebody else's


@dataclass(frozen=True, slots=True)
class Failure:
    """One proxy that was asked for and not got."""

    row: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a settled request cost and rests on; `repeated` when it was answered before.

    `read_at` is 0.0 where no reading came to an end.
    """

    request: int
    reads: int
    writes: int
    read_at: float
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """The outcome of taking: every proxy here is the user's, whatever happens next.

    `pending`: our journal has decided; the sheet does not show it yet (Google is away, or the mode is fast).
    """

    resource: str
    proxies: tuple[Proxy, ...]
    failures: tuple[Failure, ...]
    receipt: Receipt
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """The outcome of giving back: `released` are free again, `failures` are still held."""

    released: tuple[str, ...]
    failures: tuple[Failure, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Held:
    """One proxy that a user holds. `state` is `taken`, or what it is on its way to (`being checked`)."""

    allocation: str
    resource: str
    proxy: Proxy
    issued_on: str
    settled: bool
    pending: bool = False  # handed out, the sheet does not show it yet
    gone: bool = False  # the sheet does not have the proxy any more
    missing: bool = False  # its entry was deleted in the sheet: it is about to be freed


@dataclass(frozen=True, slots=True)
class ReservedProxies:
    """A preview: these are kept for the user until `expires_at` (seconds since the epoch)."""

    resource: str
    proxies: tuple[Proxy, ...]
    failures: tuple[Failure, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is shown of a proxy before it is taken."""

    country: str
    scheme: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The best ones, kept for one user until `expires_at` (epoch seconds); `request` names them from now on."""

    request: int
    resource: str
    wish: Wish
    proxies: tuple[Glimpse, ...]
    expires_at: float
    extended: bool = False


@dataclass(frozen=True, slots=True)
class ResourceStock:
    """One resource, how many could be handed out for it now, and who is in the way."""

    name: str
    free: int
    frozen: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What is free for a resource under a wish: in all, and by what else could be wished for, most first.

    `days`: how many have at least so many days left, for a few usual numbers. `age`: of the figures, in seconds.
    """

    resource: str
    wish: Wish
    free: int
    countries: tuple[tuple[str, int], ...]
    schemes: tuple[tuple[str, int], ...]
    days: tuple[tuple[int, int], ...]
    age: float | None = None


class BadReason(StrEnum):
    """Why a proxy is reported as bad."""

    DEAD = "dead"  # it does not answer
    BANNED = "banned"  # the site does not let it in
    SLOW = "slow"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be used, by number; the reason never quotes the cell.

    `mark` tells the cell from others wherever it moves: a keyed hash of it.
    """

    row: int
    reason: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Counts of the pool as last read. `available`: neither expired nor handed out for anything."""

    total_proxies: int
    available: int
    expired: int
    unknown_expiry: int
    duplicates: int
    pending_reservations: int
    being_checked: int
    taken: int
    cache_valid: bool
    cache_age_seconds: float | None
    free_by_resource: dict[str, int]
    problems: tuple[RowProblem, ...]
    commits: int
    mean_commit_rows: float
    reads: int
    writes: int
    reads_left: int
    writes_left: int
    needs_attention: tuple[str, ...]
    by_country: dict[str, int] = field(default_factory=dict)  # usable ones that nobody uses for anything
    held_by_resource: dict[str, int] = field(default_factory=dict)
    reserved_by_resource: dict[str, int] = field(default_factory=dict)
    waiting_by_resource: dict[str, int] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    repeated: tuple[tuple[int, ...], ...] = ()  # the rows of each proxy that stands in several
    pending: int = 0  # handed out, not in the sheet yet
    spent: int = 0
    bad: int = 0
    mode: str = "strict"  # fast; while Google is away: queue or refuse
    shared: bool = False
    away_since: float | None = None  # epoch seconds, while Google is away
    commit_p50: float | None = None  # seconds that the last commits took
    commit_p95: float | None = None
