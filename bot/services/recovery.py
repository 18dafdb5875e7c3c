"""What a former process left behind: writes that may still land, requests without an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from bot.models.allocation import Allocation, State
from bot.models.commit import Ask
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.proxy import Endpoint
from bot.models.request import Request, Settlement
from bot.models.results import Failure, Reason
from bot.resilience.clock import Clock
from bot.services.committer import Committer
from bot.services.doubts import Doubt

SENT = frozenset({State.TAKING, State.RELEASING})
NONE: Mapping[str, str] = MappingProxyType({})
NEVER_SENT = frozenset({State.RESERVED, State.QUEUED, State.EXPIRED})


class RecoveryJournal(Protocol):
    """What has to be known of the time before the start."""

    async def changed_since(self, moment: float) -> list[Allocation]: ...
    async def released_by(self, request: int) -> list[str]: ...
    async def request(self, number: int) -> Request | None: ...
    async def endpoints(self, ids: Sequence[str]) -> dict[str, tuple[Allocation, Endpoint]]: ...
    async def begin_run(self) -> bool: ...
    async def doubted_since(self) -> float | None: ...
    async def note_doubts(self, since: float | None) -> None: ...
    async def settle(self, outcome: Outcome) -> None: ...


class Recovery:
    """Settles at the start what was under way at the end."""

    def __init__(
        self, journal: RecoveryJournal, pool: Pool, committer: Committer, clock: Clock, horizon: float
    ) -> None:
        self._journal = journal
        self._pool = pool
        self._committer = committer
        self._clock = clock
        self._horizon = horizon

    async def begin(self) -> None:
        """Project again what was perhaps sent; nothing of it is failed or released before the horizon."""
        interrupted = await self._journal.begin_run()
        now, noted = self._clock.time(), await self._journal.doubted_since()
        since = now if noted is None else min(now, noted)  # what a former start doubted may be open still
        recent = await self._journal.changed_since(since - self._horizon)
        sent = [each for each in self._pool.ledger.live.values() if each.state in SENT]
        suspects = {each.id: each for each in (*recent, *sent) if each.state not in NEVER_SENT}
        if suspects or interrupted:
            self._committer.doubt(self._doubt(suspects.values(), since, interrupted=interrupted))
            await self._journal.note_doubts(since)
        promised = [each for each in self._pool.ledger.live.values() if _is_promised(each)]
        for number in dict.fromkeys(_request(each) for each in (*sent, *promised)):
            released, lost = await self._journal.released_by(number), await self._lost(number)
            self.resume(number, released=released, lost=lost)

    async def _lost(self, number: int) -> dict[str, str]:
        """The keys of proxies that somebody was shown and that were lost since, each by the spare in its place."""
        stored = await self._journal.request(number)
        if stored is None or stored.settlement is None or not stored.settlement.pending:
            return {}
        shown, live = stored.settlement.taken, self._pool.ledger.live
        gone = [each for each in shown if each not in live or live[each].replaced]
        spares = [each.id for each in live.values() if _request(each) == number and each.id not in shown]
        known = await self._journal.endpoints(gone) if spares else {}
        return dict(zip(spares, (known[each][0].key for each in gone if each in known), strict=False))

    def resume(self, request: int, *, released: Iterable[str] = (), lost: Mapping[str, str] = NONE) -> bool:
        """Hand the open allocations of a request to the committer; False where there are none.

        `lost`: what was shown to its holder and lost, by the spare that is to take its place.
        """
        mine = [each for each in self._pool.ledger.live.values() if _request(each) == request]
        asks = [_ask(each, lost.get(each.id, "")) for each in mine if each.state in {*SENT, State.QUEUED}]
        if asks:
            taken = [each.id for each in mine if each.state is State.TAKEN]
            self._committer.submit(request, asks, taken=taken, released=released)
        if any(_is_promised(each) for each in mine):
            self._committer.promise(request)
        return bool(asks)

    async def settle_orphans(self) -> int:
        """Fail what was never sent and nobody asks for any more; returns how many."""
        orphans = [
            each
            for each in self._pool.ledger.live.values()
            if each.state is State.QUEUED and not each.promised and not self._committer.carries(each.id)
        ]
        if not orphans:
            return 0
        await self._journal.settle(self._failed(orphans))
        for orphan in orphans:
            self._pool.forget(orphan.id)
        return len(orphans)

    def _failed(self, orphans: Iterable[Allocation]) -> Outcome:
        """What their requests come to: what they have got, and what failed."""
        outcome = Outcome()
        for orphan in orphans:
            outcome.failed.append(orphan.id)
            if self._committer.waiting_for(orphan.request) is None:
                former = outcome.settlements.get(orphan.request) or self._got(orphan.request)
                lost = () if orphan.replaced else (Failure(orphan.row, Reason.SHEET_UNAVAILABLE),)
                outcome.settlements[orphan.request] = replace(former, failures=(*former.failures, *lost))
        return outcome

    def _got(self, request: int) -> Settlement:
        live = self._pool.ledger.live.values()
        taken = (each.id for each in live if each.request == request and each.state is State.TAKEN)
        return Settlement(taken=tuple(taken))

    def _doubt(self, suspects: Iterable[Allocation], since: float, *, interrupted: bool) -> Doubt:
        suspects = list(suspects)
        return Doubt(
            until=self._clock.monotonic() + self._horizon,
            rows={each.row: None for each in suspects},
            keys=frozenset(each.key for each in suspects),
            ids=frozenset(each.id for each in suspects),
            since=since,
            may_hit_more=interrupted,
        )


def _ask(allocation: Allocation, instead_of: str = "") -> Ask:
    """One that was replaced stays lost: its entry only has to go. Who has it in hand already may get another."""
    if allocation.replaced:
        return Ask(allocation, lost=Reason.MOVED, replaced=True)
    return Ask(allocation, replaceable=_is_promised(allocation), instead_of=instead_of)


def _is_promised(allocation: Allocation) -> bool:
    return allocation.promised and allocation.state in {State.QUEUED, State.TAKING}


def _request(allocation: Allocation) -> int:
    """The request that waits for the allocation's end."""
    if allocation.state is State.RELEASING and allocation.release_request is not None:
        return allocation.release_request
    return allocation.request
