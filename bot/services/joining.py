"""Joins: requests become journal rows, all that arrive together in one transaction.

The pool picks, the journal's unique index decides; what the index refuses is picked again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.errors import RequestConflict, StorageError
from bot.models.allocation import Allocation, State
from bot.models.commit import Ask
from bot.models.pool import Pool
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Request, Settlement, params_hash
from bot.models.results import Failure, Reason
from bot.models.sheet import SheetRow
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.services.committer import Committer

PICKS_AGAIN = 3


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
    """One request on its way into the journal: the best `count`, or exactly `rows`; a preview when `ttl` is set."""

    key: str
    user_id: int
    name: str
    resource: str
    count: int = 0
    rows: tuple[int, ...] = ()
    new_resource: bool = False
    ttl: float | None = None

    @property
    def params(self) -> str:
        """What a repetition of the key must match."""
        return params_hash(self.user_id, self.resource, self.count, self.rows, self.ttl is not None)


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
        self._moves_remembered = moves_remembered
        self._issued_on = ""

    def next_number(self) -> int:
        """A request number that nobody has had."""
        return next(self._numbers)

    async def run(self, joins: Sequence[Join]) -> Sequence[Joined | Exception]:
        """One result a join, in order."""
        with self._committer.joining():
            self._issued_on = self._reading().today.isoformat()
            known = await self._journal.find([join.key for join in joins])
            drafts: dict[str, _Draft] = {}
            shelves = self._shelves(joins, known)
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
                asks = [Ask(allocation, replaceable=True) for allocation in draft.drafts]
                self._committer.submit(draft.joined.request.number, asks, journalled=journalled)
        return journalled

    def _withdraw(self, drafts: Iterable[_Draft]) -> None:
        for draft in drafts:
            if draft.join.count and draft.drafts:
                self._committer.withdraw(draft.joined.request.number)
            for allocation in draft.drafts:
                self._pool.forget(allocation.id)

    def _shelves(self, joins: Sequence[Join], known: Mapping[str, Request]) -> dict[str, list[SheetRow]]:
        """The best free proxies for each resource, as many as the whole batch asks for; worst first."""
        wanted: dict[str, int] = {}
        for join in joins:
            if join.key not in known and join.count:
                wanted[join.resource] = wanted.get(join.resource, 0) + join.count
        return {resource: self._best(resource, count)[::-1] for resource, count in wanted.items()}

    def _best(self, resource: str, count: int) -> list[SheetRow]:
        today = self._reading().today.toordinal()
        return list(itertools.islice(self._pool.best(resource, self._clock.time(), today), count))

    def _draft(self, join: Join, shelves: Mapping[str, list[SheetRow]]) -> _Draft:
        request = Request(
            next(self._numbers),
            join.key,
            "reserve" if join.ttl is not None else "take",
            join.params,
            join.user_id,
            join.resource,
            join.count or len(join.rows),
        )
        draft = _Draft(join, Joined(request))
        if join.rows:
            self._draft_rows(draft)
        elif not join.new_resource and join.resource not in self._pool.known_resources():
            draft.joined.request = replace(request, settlement=Settlement(unknown=True))
        else:
            self._draft_best(draft, shelves[join.resource])
        return draft

    def _draft_best(self, draft: _Draft, shelf: list[SheetRow]) -> None:
        count = draft.join.count
        if len(shelf) < count:
            settlement = Settlement(available=len(shelf))
            draft.joined.request = replace(draft.joined.request, settlement=settlement)
            return
        draft.drafts = [self._allocation(draft, shelf.pop()) for _ in range(count)]

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
        )

    async def _store(self, drafts: list[_Draft]) -> None:
        """Journal the batch; what the unique index refuses is picked again, exact rows fail."""
        for draft in drafts:
            if draft.join.ttl is not None and draft.joined.request.settlement is None:
                draft.joined.request = replace(draft.joined.request, settlement=Settlement())
        new = [draft.joined.request for draft in drafts]
        for _ in range(PICKS_AGAIN):
            await self._open(drafts, new)
            new = []
            drafts = [draft for draft in drafts if draft.missing]
            if not drafts:
                return
            for draft in drafts:
                rows = self._best(draft.join.resource, draft.missing)
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
        if lost and draft.join.count:
            self._committer.drop(number, [allocation.id for allocation in lost])
        for allocation in lost:
            self._pool.forget(allocation.id)
        if got and draft.join.ttl is None and (draft.join.rows or draft.picked_again):
            self._come_aboard(draft, got)
        elif draft.join.ttl is not None:
            for allocation in got:
                self._pool.put(allocation)

    def _come_aboard(self, draft: _Draft, got: list[Allocation]) -> None:
        for allocation in got:
            self._pool.put(allocation)
        asks = [Ask(allocation, replaceable=bool(draft.join.count)) for allocation in got]
        self._committer.submit(draft.joined.request.number, asks, failures=draft.joined.failures)

    def _note_failures(self, draft: _Draft, lost: list[Allocation], got: set[str]) -> None:
        if draft.join.count:
            draft.missing = len(lost)
        else:
            draft.joined.failures += [Failure(each.row, Reason.ALREADY_TAKEN) for each in lost]
        for missed in set(draft.claim) - got:
            allocation = self._pool.ledger.get(missed)
            draft.joined.failures.append(Failure(allocation.row if allocation else 0, Reason.NOT_RESERVED))


def _result(join: Join, known: Mapping[str, Request], drafts: Mapping[str, _Draft]) -> Joined | Exception:
    request = known.get(join.key)
    joined = Joined(request, repeated=True) if request else drafts[join.key].joined
    if joined.request.params != join.params:
        return RequestConflict("this request was made before, with other parameters")
    return joined
