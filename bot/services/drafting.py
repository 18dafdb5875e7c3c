"""What becomes of requests that come together: which proxies, or which rule of the desk is in the way.

Nothing here waits: the pool does not change while a batch is worked out.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from bot.models.allocation import TURN, Allocation, State
from bot.models.commit import Shelf
from bot.models.pool import Pool
from bot.models.request import Request, Settlement, params_hash
from bot.models.results import Failure, Reason
from bot.models.sheet import SheetRow
from bot.models.view import Reading
from bot.models.wish import ANY, Wish
from bot.resilience.clock import Clock


@dataclass(frozen=True, slots=True)
class Join:
    """One request on its way into the journal: the best `count`, exactly `rows`, or what is kept (`claims`, ids).

    A preview when `ttl` is set, for somebody in line when it is their `turn`. `instead`: one that is held goes
    for it, so that it does not count against what one may hold.
    """

    key: str
    user_id: int
    name: str
    resource: str
    count: int = 0
    rows: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()
    wish: Wish = ANY
    new_resource: bool = False
    ttl: float | None = None
    turn: bool = False
    instead: str = ""

    @property
    def params(self) -> str:
        """What a repetition of the key must match."""
        if self.instead:  # what for and of which kind follows from that one, as it stood at the time
            return params_hash(self.user_id, "instead", self.instead)
        asked = (self.user_id, self.resource, self.count, self.rows, self.ttl is not None)
        return params_hash(*asked, *(() if self.wish.is_open else self.wish))

    @property
    def size(self) -> int:
        """How many it asks for."""
        return self.count or len(self.rows) or len(self.claims)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one person may have at a time; `ahead`: how many stand in line for a resource before a user."""

    max_held: int
    max_reserved: int
    ahead: Callable[[str, int], int]


@dataclass(slots=True)
class Joined:
    """A request that is in the journal. `failures`: rows that could not even be asked for."""

    request: Request
    repeated: bool = False
    allocations: list[Allocation] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A join being worked out; `missing` proxies are still to be picked."""

    join: Join
    joined: Joined
    drafts: list[Allocation] = field(default_factory=list)
    claim: tuple[str, ...] = ()
    missing: int = 0
    picked_again: bool = False


class Drafter:
    """Works out one batch after the other; `begin` starts the next."""

    def __init__(
        self,
        pool: Pool,
        reading: Callable[[], Reading],
        clock: Clock,
        new_id: Callable[[], str],
        numbers: Iterator[int],
        rules: Rules,
        *,
        moves_remembered: float,
    ) -> None:
        """`moves_remembered`: for how many seconds a row that holds another proxy now fails who asks for it."""
        self._pool = pool
        self._reading = reading
        self._clock = clock
        self._new_id = new_id
        self._numbers = numbers
        self._moves_remembered = moves_remembered
        self._issued_on = ""
        self._asked: Counter[tuple[int, bool]] = Counter()
        self._shelves = Shelves(self._best)
        self.rules = rules

    def next_number(self) -> int:
        """A request number that nobody has had."""
        return next(self._numbers)

    def begin(self) -> None:
        """The next batch."""
        self._issued_on = self._reading().today.isoformat()
        self._asked.clear()
        self._shelves = Shelves(self._best)

    def draft(self, join: Join) -> Draft:
        """A new request, and what it is to get."""
        request = Request(
            next(self._numbers),
            join.key,
            "reserve" if join.ttl is not None else "take",
            join.params,
            join.user_id,
            join.resource,
            join.size,
        )
        draft = Draft(join, Joined(request))
        if refused := self._refusal(join):
            draft.joined.request = replace(request, settlement=Settlement(refused=refused))
        elif join.claims:
            draft.claim = join.claims
        elif join.rows:
            self._draft_rows(draft)
        elif not join.new_resource and join.resource not in self._pool.known_resources():
            draft.joined.request = replace(request, settlement=Settlement(unknown=True))
        else:
            self._draft_best(draft)
        if draft.joined.request.settlement is None:
            getting = len(draft.drafts) + len(draft.claim) - bool(join.instead)
            self._asked[join.user_id, join.ttl is not None] += getting
        return draft

    def _refusal(self, join: Join) -> tuple[str | int, ...]:
        """The rule of the desk that forbids it, with its figures; empty where none does."""
        if join.resource in self._pool.frozen:
            return ("frozen",)
        keeping, now = join.ttl is not None, self._clock.time()
        if keeping:
            limit, has = self.rules.max_reserved, self._pool.ledger.reserved(join.user_id, now)
        else:
            limit, has = self.rules.max_held, self._pool.ledger.held(join.user_id) - bool(join.instead)
        if has + self._asked[join.user_id, keeping] + join.size > limit and not join.turn:
            return ("reserved" if keeping else "held", limit, has)
        return ()

    def _draft_best(self, draft: Draft) -> None:
        join, ahead = draft.join, self._ahead(draft.join)
        has_room = self._has_room(join, join.count, ahead)
        rows = self._shelves.pick(join.resource, join.wish, join.count)
        if len(rows) == join.count and has_room:
            draft.drafts = [self._allocation(draft, row) for row in rows]
            return
        self._shelves.put_back(join.resource, join.wish, rows)
        enough = len(rows) == join.count
        refusal = (
            Settlement(refused=("line", ahead)) if enough else Settlement(available=max(0, len(rows) - ahead))
        )
        draft.joined.request = replace(draft.joined.request, settlement=refusal)

    def _ahead(self, join: Join) -> int:
        return 0 if join.turn else self.rules.ahead(join.resource, join.user_id)

    def _has_room(self, join: Join, count: int, ahead: int) -> bool:
        """Whether so many can be had without taking them from those who stand in line before."""
        if not ahead:
            return True
        left = self._pool.free(join.resource, self._clock.time()) - self._shelves.given(join.resource)
        return left - ahead >= count

    def _draft_rows(self, draft: Draft) -> None:
        """Rows resolve against the user's own reservation, else against the inventory."""
        now = self._clock.time()
        reserved = {
            allocation.row: allocation.id
            for allocation in self._pool.ledger.of_resource(draft.join.resource).values()
            if allocation.user_id == draft.join.user_id
            and allocation.state is State.RESERVED
            and not allocation.lapsed(now)
        }
        claimed = []
        for number in dict.fromkeys(draft.join.rows):
            row = self._pool.row_at(number)
            if number in reserved and draft.join.ttl is None:
                claimed.append(reserved[number])
            elif reason := self._row_obstacle(row, number, draft.join.resource, now):
                draft.joined.failures.append(Failure(number, reason))
            elif row is not None:
                draft.drafts.append(self._allocation(draft, row))
        draft.claim = tuple(claimed)
        ahead, fresh = self._ahead(draft.join), len(draft.drafts)
        if fresh and not self._has_room(draft.join, fresh, ahead):
            draft.drafts, draft.claim, draft.joined.failures = [], (), []
            refusal = Settlement(refused=("line", ahead))
            draft.joined.request = replace(draft.joined.request, settlement=refusal)

    def _row_obstacle(self, row: SheetRow | None, number: int, resource: str, now: float) -> Reason | None:
        if row is None:
            return Reason.UNREADABLE
        if self._pool.moved_since(number, now - self._moves_remembered):
            return Reason.MOVED
        if not row.usable(self._reading().today.toordinal()):
            return Reason.EXPIRED
        return None if self._pool.is_free(row.key, resource, now) else Reason.ALREADY_TAKEN

    def _allocation(self, draft: Draft, row: SheetRow) -> Allocation:
        join = draft.join
        reserving = join.ttl is not None
        return Allocation(
            id=self._new_id(),
            request=draft.joined.request.number,
            key=row.key,
            resource=join.resource,
            user_id=join.user_id,
            name=join.name,
            issued_on=self._issued_on,
            state=State.RESERVED if reserving else State.QUEUED,
            row=row.number,
            expires_at=self._clock.time() + join.ttl if join.ttl is not None else None,
            reason=TURN if join.turn else None,
        )

    def pick_again(self, draft: Draft) -> None:
        """Others for those that the journal has refused; what cannot be had fails."""
        best = self._best(draft.join.resource, draft.join.wish)
        rows = list(itertools.islice(best, draft.missing))
        draft.drafts = [self._allocation(draft, row) for row in rows]
        draft.joined.failures.extend([Failure(0, Reason.ALREADY_TAKEN)] * (draft.missing - len(rows)))
        draft.missing, draft.picked_again = 0, True

    def _best(self, resource: str, wish: Wish) -> Iterator[SheetRow]:
        return self._pool.best(resource, self._clock.time(), self._reading().today.toordinal(), wish)


class Shelves:
    """The free proxies of each kind, best first; what one request of a batch is given is gone for the others."""

    def __init__(self, best: Callable[[str, Wish], Iterator[SheetRow]]) -> None:
        self._best = best
        self._open: dict[Shelf, Iterator[SheetRow]] = {}
        self._given: dict[str, set[str]] = {}

    def given(self, resource: str) -> int:
        """How many have been given for a resource."""
        return len(self._given.get(resource, ()))

    def pick(self, resource: str, wish: Wish, count: int) -> list[SheetRow]:
        """The next best, `count` of them or as many as there are."""
        if (resource, wish) not in self._open:
            self._open[resource, wish] = self._best(resource, wish)
        given = self._given.setdefault(resource, set())
        left = (row for row in self._open[resource, wish] if row.key not in given)
        rows = list(itertools.islice(left, count))
        given.update(row.key for row in rows)
        return rows

    def put_back(self, resource: str, wish: Wish, rows: list[SheetRow]) -> None:
        """They were not wanted after all."""
        self._given[resource].difference_update(row.key for row in rows)
        self._open[resource, wish] = itertools.chain(rows, self._open[resource, wish])
