"""Joins: requests become journal rows, all that arrive together in one transaction.

The pool picks, the journal's unique index decides; what the index refuses is picked again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Protocol

from bot.errors import RequestConflict, StorageError
from bot.models.allocation import TURN, Allocation, State
from bot.models.commit import Ask, Shelf
from bot.models.pool import Pool
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Request, Settlement, params_hash
from bot.models.results import Failure, Reason
from bot.models.sheet import SheetRow
from bot.models.view import Reading
from bot.models.wish import ANY, Wish
from bot.resilience.clock import Clock
from bot.services.committer import Committer

PICKS_AGAIN = 3
NOBODY = 0


class JoinJournal(Protocol):
    """Where requests are looked up and written down."""

    async def find(self, keys: Sequence[str]) -> dict[str, Request]: ...
    async def open(
        self,
        new: Sequence[Request],
        drafts: Sequence[Allocation],
        endpoints: Mapping[str, Endpoint],
        claims: Sequence[Claim] = (),
    ) -> tuple[set[str], list[Allocation]]: ...


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
        asked = (self.user_id, self.resource, self.count, self.rows, self.ttl is not None)
        kind = (*astuple(self.wish), self.instead) if not self.wish.is_open or self.instead else ()
        return params_hash(*asked, *kind)

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
class _Draft:
    """A join being worked out; `missing` proxies are still to be picked."""

    join: Join
    joined: Joined
    drafts: list[Allocation] = field(default_factory=list)
    claim: tuple[str, ...] = ()
    missing: int = 0
    picked_again: bool = False


class Joiner:
    """Works out a batch of joins at a time; one batch is under way at most."""

    def __init__(
        self,
        journal: JoinJournal,
        pool: Pool,
        committer: Committer,
        reading: Callable[[], Reading],
        clock: Clock,
        new_id: Callable[[], str],
        numbers: Iterator[int],
        rules: Rules,
        *,
        moves_remembered: float,
    ) -> None:
        self._journal = journal
        self._pool = pool
        self._committer = committer
        self._reading = reading
        self._clock = clock
        self._new_id = new_id
        self._numbers = numbers
        self._rules = rules
        self._asked: Counter[tuple[int, bool]] = Counter()
        self._moves_remembered = moves_remembered
        self._issued_on = ""

    @property
    def rules(self) -> Rules:
        """What one person may have."""
        return self._rules

    def waiting(self, resource: str) -> int:
        """How many stand in line for a resource."""
        return self._rules.ahead(resource, NOBODY)

    def next_number(self) -> int:
        """A request number that nobody has had."""
        return next(self._numbers)

    async def run(self, joins: Sequence[Join]) -> Sequence[Joined | Exception]:
        """One result a join, in order."""
        with self._committer.joining():
            self._issued_on = self._reading().today.isoformat()
            known = await self._journal.find([join.key for join in joins])
            drafts: dict[str, _Draft] = {}
            self._asked.clear()
            shelves = _Shelves(self._best)
            for join in joins:
                if join.key not in known and join.key not in drafts:
                    drafts[join.key] = self._draft(join, shelves)
            journalled = self._announce(drafts.values())
        try:
            await self._store(list(drafts.values()))
        except StorageError:
            self._withdraw(drafts.values())
            raise
        finally:
            journalled.set_result(None)
        return [_result(join, known, drafts) for join in joins]

    def _announce(self, drafts: Iterable[_Draft]) -> asyncio.Future[None]:
        """Let the commit begin to read for the best-N requests while the journal is being written."""
        journalled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for draft in drafts:
            if draft.join.count and draft.drafts:
                for allocation in draft.drafts:
                    self._pool.put(allocation)
                if draft.join.ttl is None:
                    asks = [Ask(each, replaceable=True, wish=draft.join.wish) for each in draft.drafts]
                    self._committer.submit(draft.joined.request.number, asks, journalled=journalled)
        return journalled

    def _withdraw(self, drafts: Iterable[_Draft]) -> None:
        for draft in drafts:
            if draft.join.count and draft.drafts and draft.join.ttl is None:
                self._committer.withdraw(draft.joined.request.number)
            for allocation in draft.drafts:
                self._pool.forget(allocation.id)

    def _best(self, resource: str, wish: Wish) -> Iterator[SheetRow]:
        return self._pool.best(resource, self._clock.time(), self._reading().today.toordinal(), wish)

    def _draft(self, join: Join, shelves: _Shelves) -> _Draft:
        request = Request(
            next(self._numbers),
            join.key,
            "reserve" if join.ttl is not None else "take",
            join.params,
            join.user_id,
            join.resource,
            join.size,
        )
        draft = _Draft(join, Joined(request))
        if refused := self._refusal(join):
            draft.joined.request = replace(request, settlement=Settlement(refused=refused))
        elif join.claims:
            draft.claim = join.claims
        elif join.rows:
            self._draft_rows(draft)
        elif not join.new_resource and join.resource not in self._pool.known_resources():
            draft.joined.request = replace(request, settlement=Settlement(unknown=True))
        else:
            self._draft_best(draft, shelves)
        return draft

    def _refusal(self, join: Join) -> tuple[str | int, ...]:
        """The rule of the desk that forbids it, with its figures; empty where none does."""
        if join.resource in self._pool.frozen:
            return ("frozen",)
        keeping, now = join.ttl is not None, self._clock.time()
        if keeping:
            limit, has = self._rules.max_reserved, self._pool.ledger.reserved(join.user_id, now)
        else:
            limit, has = self._rules.max_held, self._pool.ledger.held(join.user_id) - bool(join.instead)
        if has + self._asked[join.user_id, keeping] + join.size > limit and not join.turn:
            return ("reserved" if keeping else "held", limit, has)
        self._asked[join.user_id, keeping] += join.size
        return ()

    def _draft_best(self, draft: _Draft, shelves: _Shelves) -> None:
        join = draft.join
        ahead = 0 if join.turn else self._rules.ahead(join.resource, join.user_id)
        left = (
            self._pool.free(join.resource, self._clock.time()) - shelves.given(join.resource) if ahead else 0
        )
        rows = shelves.pick(join.resource, join.wish, join.count)
        if len(rows) == join.count and (not ahead or left - ahead >= join.count):
            draft.drafts = [self._allocation(draft, row) for row in rows]
            return
        shelves.put_back(join.resource, join.wish, rows)
        enough = len(rows) == join.count
        refusal = (
            Settlement(refused=("line", ahead)) if enough else Settlement(available=max(0, len(rows) - ahead))
        )
        draft.joined.request = replace(draft.joined.request, settlement=refusal)

    def _draft_rows(self, draft: _Draft) -> None:
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

    def _row_obstacle(self, row: SheetRow | None, number: int, resource: str, now: float) -> Reason | None:
        if row is None:
            return Reason.UNREADABLE
        if self._pool.moved_since(number, now - self._moves_remembered):
            return Reason.MOVED
        if not row.usable(self._reading().today.toordinal()):
            return Reason.EXPIRED
        return None if self._pool.is_free(row.key, resource, now) else Reason.ALREADY_TAKEN

    def _allocation(self, draft: _Draft, row: SheetRow) -> Allocation:
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

    async def _store(self, drafts: list[_Draft]) -> None:
        """Journal the batch; what the unique index refuses is picked again, exact rows fail."""
        for draft in drafts:
            if draft.join.ttl is not None and draft.joined.request.settlement is None:
                draft.joined.request = replace(
                    draft.joined.request, settlement=Settlement(wish=draft.join.wish)
                )
        new = [draft.joined.request for draft in drafts]
        for _ in range(PICKS_AGAIN):
            await self._open(drafts, new)
            new = []
            drafts = [draft for draft in drafts if draft.missing]
            if not drafts:
                return
            for draft in drafts:
                best = self._best(draft.join.resource, draft.join.wish)
                rows = list(itertools.islice(best, draft.missing))
                draft.drafts = [self._allocation(draft, row) for row in rows]
                draft.missing, draft.picked_again = 0, True
        for draft in drafts:
            draft.joined.failures.extend([Failure(0, Reason.ALREADY_TAKEN)] * draft.missing)

    async def _open(self, drafts: list[_Draft], new: list[Request]) -> None:
        every = [allocation for draft in drafts for allocation in draft.drafts]
        endpoints = {allocation.key: self._pool.rows_of(allocation.key)[0].endpoint for allocation in every}
        claims = [
            Claim(draft.joined.request.number, draft.join.user_id, draft.join.name, draft.claim)
            for draft in drafts
            if draft.claim
        ]
        won, claimed = await self._journal.open(new, every, endpoints, claims)
        for draft in drafts:
            self._accept(draft, won, claimed)

    def _accept(self, draft: _Draft, won: set[str], claimed: list[Allocation]) -> None:
        """Take over what the journal let through; what it refused is not ours."""
        number = draft.joined.request.number
        got = [allocation for allocation in draft.drafts if allocation.id in won]
        got += [allocation for allocation in claimed if allocation.request == number]
        lost = [allocation for allocation in draft.drafts if allocation.id not in won]
        self._note_failures(draft, lost, {allocation.id for allocation in got})
        draft.drafts, draft.claim = [], ()
        draft.joined.allocations += got
        if lost and draft.join.count and draft.join.ttl is None:
            self._committer.drop(number, [allocation.id for allocation in lost])
        for allocation in lost:
            self._pool.forget(allocation.id)
        if got and draft.join.ttl is None and (not draft.join.count or draft.picked_again):
            self._come_aboard(draft, got)
        elif draft.join.ttl is not None:
            for allocation in got:
                self._pool.put(allocation)

    def _come_aboard(self, draft: _Draft, got: list[Allocation]) -> None:
        for allocation in got:
            self._pool.put(allocation)
        replaceable = not draft.join.rows
        asks = [Ask(allocation, replaceable=replaceable, wish=draft.join.wish) for allocation in got]
        self._committer.submit(draft.joined.request.number, asks, failures=draft.joined.failures)

    def _note_failures(self, draft: _Draft, lost: list[Allocation], got: set[str]) -> None:
        if draft.join.count:
            draft.missing = len(lost)
        else:
            draft.joined.failures += [Failure(each.row, Reason.ALREADY_TAKEN) for each in lost]
        for missed in set(draft.claim) - got:
            allocation = self._pool.ledger.get(missed)
            draft.joined.failures.append(Failure(allocation.row if allocation else 0, Reason.NOT_RESERVED))


class _Shelves:
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


def _result(join: Join, known: Mapping[str, Request], drafts: Mapping[str, _Draft]) -> Joined | Exception:
    request = known.get(join.key)
    joined = Joined(request, repeated=True) if request else drafts[join.key].joined
    if joined.request.params != join.params:
        return RequestConflict("this request was made before, with other parameters")
    return joined
