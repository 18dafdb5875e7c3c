"""Joins: requests become journal rows, all that arrive together in one transaction.

The pool picks, the journal's unique index decides; what the index refuses is picked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bot.errors import RequestConflict, StorageError
from bot.models.allocation import Allocation
from bot.models.commit import Ask
from bot.models.pool import Pool
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Request, Settlement
from bot.models.results import Failure, Reason
from bot.services.committer import Committer
from bot.services.drafting import Draft, Drafter, Join, Joined, Rules

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


class Joiner:
    """Works out a batch of joins at a time; one batch is under way at most."""

    def __init__(self, journal: JoinJournal, pool: Pool, committer: Committer, drafter: Drafter) -> None:
        self._journal = journal
        self._pool = pool
        self._committer = committer
        self._drafter = drafter

    @property
    def rules(self) -> Rules:
        """What one person may have."""
        return self._drafter.rules

    def waiting(self, resource: str) -> int:
        """How many stand in line for a resource."""
        return self.rules.ahead(resource, NOBODY)

    def next_number(self) -> int:
        """A request number that nobody has had."""
        return self._drafter.next_number()

    async def run(self, joins: Sequence[Join]) -> Sequence[Joined | Exception]:
        """One result a join, in order."""
        with self._committer.joining():
            known = await self._journal.find([join.key for join in joins])
            drafts: dict[str, Draft] = {}
            self._drafter.begin()
            for join in joins:
                if join.key not in known and join.key not in drafts:
                    drafts[join.key] = self._drafter.draft(join)
            journalled = self._announce(drafts.values())
        try:
            await self._store(list(drafts.values()))
        except StorageError:
            self._withdraw(drafts.values())
            raise
        finally:
            journalled.set_result(None)
        return [_result(join, known, drafts) for join in joins]

    def _announce(self, drafts: Iterable[Draft]) -> asyncio.Future[None]:
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

    def _withdraw(self, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if draft.join.count and draft.drafts and draft.join.ttl is None:
                self._committer.withdraw(draft.joined.request.number)
            for allocation in draft.drafts:
                self._pool.forget(allocation.id)

    async def _store(self, drafts: list[Draft]) -> None:
        """Journal the batch; what the unique index refuses is picked again, exact rows fail."""
        for draft in drafts:
            if draft.join.ttl is not None and draft.joined.request.settlement is None:
                draft.joined.request = replace(
                    draft.joined.request, settlement=Settlement(wish=draft.join.wish)
                )
        new = [draft.joined.request for draft in drafts if not _may_be_asked_again(draft)]
        for _ in range(PICKS_AGAIN):
            await self._open(drafts, new)
            new = []
            drafts = [draft for draft in drafts if draft.missing]
            if not drafts:
                return
            for draft in drafts:
                self._drafter.pick_again(draft)
        for draft in drafts:
            draft.joined.failures.extend([Failure(0, Reason.ALREADY_TAKEN)] * draft.missing)

    async def _open(self, drafts: list[Draft], new: list[Request]) -> None:
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

    def _accept(self, draft: Draft, won: set[str], claimed: list[Allocation]) -> None:
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

    def _come_aboard(self, draft: Draft, got: list[Allocation]) -> None:
        for allocation in got:
            self._pool.put(allocation)
        replaceable = not draft.join.rows
        asks = [Ask(allocation, replaceable=replaceable, wish=draft.join.wish) for allocation in got]
        self._committer.submit(draft.joined.request.number, asks, failures=draft.joined.failures)

    def _note_failures(self, draft: Draft, lost: list[Allocation], got: set[str]) -> None:
        if draft.join.count:
            draft.missing = len(lost)
        else:
            draft.joined.failures += [Failure(each.row, Reason.ALREADY_TAKEN) for each in lost]
        for missed in set(draft.claim) - got:
            allocation = self._pool.ledger.get(missed)
            draft.joined.failures.append(Failure(allocation.row if allocation else 0, Reason.NOT_RESERVED))


def _may_be_asked_again(draft: Draft) -> bool:
    """A refusal that leaves what is kept or held as it was: the same button may work later, so nothing is stored."""
    return draft.joined.request.settlement is not None and bool(draft.join.claims or draft.join.instead)


def _result(join: Join, known: Mapping[str, Request], drafts: Mapping[str, Draft]) -> Joined | Exception:
    request = known.get(join.key)
    joined = Joined(request, repeated=True) if request else drafts[join.key].joined
    if joined.request.params != join.params:
        return RequestConflict("this request was made before, with other parameters")
    return joined
