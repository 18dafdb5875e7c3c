"""The proxy desk: previews, takes, returns and counts. What is asked twice under one key happens once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from bot.errors import NotEnough, NotYours, RequestConflict, UnknownResource
from bot.models.allocation import Allocation
from bot.models.commit import Ask
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.proxy import Proxy
from bot.models.request import Request, Settlement, params_hash
from bot.models.resource import nearest, normalise_resource
from bot.models.results import Failure, Held, Issued, PoolStats, Receipt, ReservedProxies, Returned
from bot.models.view import Reading
from bot.resilience.batching import Batcher
from bot.resilience.clock import Clock
from bot.resilience.slots import resting
from bot.services.committer import Committer
from bot.services.handover import Handover
from bot.services.joining import Join, Joined, Joiner
from bot.services.pool_stats import StatsSource
from bot.services.recovery import Recovery
from bot.services.sheet_refresh import SheetRefresh

JOINS_AT_ONCE = 2_000
KEPT = 7 * 24 * 3600.0


class DeskJournal(Protocol):
    """What the desk asks of the journal besides joining and committing."""

    async def find(self, keys: Sequence[str]) -> dict[str, Request]: ...
    async def begin_release(self, request: Request, ids: Sequence[str]) -> list[Allocation]: ...
    async def settle(self, outcome: Outcome) -> None: ...
    async def expire(self) -> list[Allocation]: ...
    async def cancel(self, user_id: int) -> list[Allocation]: ...
    async def forget_requests(self, before: float) -> int: ...


class ProxyService:
    """Hands out the proxies of one sheet, each for each resource to one user.

    A method that takes a `request_key` (or `request_id`) does its work once for that key and gives the same
    answer again; the same key with other parameters raises RequestConflict. StorageError = nothing was done.
    """

    def __init__(
        self,
        pool: Pool,
        journal: DeskJournal,
        joiner: Joiner,
        committer: Committer,
        recovery: Recovery,
        refresh: SheetRefresh,
        handover: Handover,
        stats: StatsSource,
        reading: Callable[[], Reading],
        clock: Clock,
        new_id: Callable[[], str],
        *,
        reservation_ttl: float,
    ) -> None:
        self._pool = pool
        self._journal = journal
        self._joiner = joiner
        self._joins: Batcher[Join, Joined] = Batcher(joiner.run, limit=JOINS_AT_ONCE)
        self._committer = committer
        self._recovery = recovery
        self._refresh = refresh
        self._handover = handover
        self._stats = stats
        self._reading = reading
        self._clock = clock
        self._new_id = new_id
        self._reservation_ttl = reservation_ttl
        self._returning = asyncio.Lock()  # two taps on one button may come in the same moment

    async def get_available_proxies(self, resource: str) -> list[Proxy]:
        """Every proxy free for `resource`, best first: most days left, unknown expiry last."""
        await self._refresh.ensure()
        today = self._reading().today.toordinal()
        rows = self._pool.best(normalise_resource(resource), self._clock.time(), today)
        return [self._handover.shown(row) for row in rows]

    async def issue(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str | None = None,
        request_key: str | None = None,
        new_resource: bool = False,
    ) -> Issued:
        """Take the best `count` for the user in one step; returns when the sheet shows it.

        Raises UnknownResource unless `new_resource`, and NotEnough; neither takes anything.
        """
        resource = normalise_resource(resource)
        key = request_key or self._new_key()
        await self._look(key)
        join = Join(
            key=key,
            user_id=user_id,
            name=name or str(user_id),
            resource=resource,
            count=count,
            new_resource=new_resource,
        )
        return await self._taken(await self._joins.submit(join))

    async def reserve_proxies(
        self, row_indices: Iterable[int], resource: str, user_id: int, *, name: str | None = None
    ) -> ReservedProxies:
        """Keep the proxies in these rows for the user until the reservation's time is over."""
        key = self._new_key()
        await self._look(key)
        joined = await self._joins.submit(
            Join(
                key=key,
                user_id=user_id,
                name=name or str(user_id),
                resource=normalise_resource(resource),
                rows=tuple(row_indices),
                ttl=self._reservation_ttl,
            )
        )
        proxies = await self._handover.behind([allocation.id for allocation in joined.allocations])
        expires_at = self._clock.time() + self._reservation_ttl
        return ReservedProxies(joined.request.resource, proxies, tuple(joined.failures), expires_at)

    async def take_proxies_batch(
        self,
        row_indices: Iterable[int],
        resource: str,
        user_id: int,
        *,
        request_id: str | None = None,
        name: str | None = None,
    ) -> tuple[list[Proxy], list[int]]:
        """Take exactly the proxies in these rows; returns those taken, and the rows that failed.

        A row resolves against the user's own reservation where there is one, else against the inventory; what
        has moved since fails.
        """
        key = request_id or self._new_key()
        await self._look(key)
        join = Join(
            key=key,
            user_id=user_id,
            name=name or str(user_id),
            resource=normalise_resource(resource),
            rows=tuple(row_indices),
        )
        issued = await self._taken(await self._joins.submit(join)) if join.rows else None
        if issued is None:
            return [], []
        return list(issued.proxies), [failure.row for failure in issued.failures]

    async def try_take_proxy(self, row_index: int, resource: str, user_id: int) -> Proxy | None:
        """Take the proxy in that row; None when it could not be had."""
        taken, _ = await self.take_proxies_batch([row_index], resource, user_id)
        return taken[0] if taken else None

    async def give_back(
        self, allocation_ids: Sequence[str], user_id: int, *, request_key: str | None = None
    ) -> Returned:
        """Free what the user holds; returns when the sheet shows it. Raises NotYours when none of it is theirs."""
        key = request_key or self._new_key()
        params = params_hash("release", user_id, *sorted(allocation_ids))
        async with self._returning:
            known = (await self._journal.find([key])).get(key)
            request = known or Request(
                self._joiner.next_number(), key, "release", params, user_id, "", len(allocation_ids)
            )
            if known is None:
                await self._release(request, allocation_ids)
        if request.params != params:
            raise RequestConflict("this request was made before, with other parameters")
        settlement = await self._settlement(request)
        if not settlement.released and not settlement.failures:
            raise NotYours("none of these is held by the user")
        receipt = _receipt(request, settlement, repeated=known is not None)
        return Returned(settlement.released, settlement.failures, receipt)

    async def held_by(self, user_id: int) -> list[Held]:
        """What the user holds or is about to hold, settled or not, by resource and best first."""
        return await self._handover.held_by(user_id)

    async def cancel_all_reservations(self, user_id: int) -> int:
        """Drop the user's reservations; returns how many."""
        return self._dropped(await self._journal.cancel(user_id))

    async def cleanup_expired_reservations(self) -> int:
        """End reservations whose time is over; returns how many. Touches nothing else."""
        return self._dropped(await self._journal.expire())

    async def refresh(self, *, force: bool = False) -> PoolStats:
        """Read the sheet again (when it is stale, or always with `force`). Raises PeerError, SheetLayoutError."""
        if force or self._refresh.is_stale:
            await self._refresh.refresh()
        return await self.get_stats()

    async def get_stats(self) -> PoolStats:
        """Counts of the pool as last read; never waits for Google."""
        return self._stats.collect()

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key was accepted before."""
        return bool(await self._journal.find([request_key]))

    async def settle_orphans(self) -> int:
        """Fail what was queued by a former process and never asked for again; returns how many."""
        return await self._recovery.settle_orphans()

    async def forget_old(self) -> int:
        """Drop answers that nobody can ask for any more; returns how many."""
        return await self._journal.forget_requests(self._clock.time() - KEPT)

    async def _look(self, key: str) -> None:
        """Have an inventory; a request that was made before gets its answer without one."""
        if not self._refresh.must_wait:
            await self._refresh.ensure()
        elif not await self.known(key):
            async with resting():
                await self._refresh.ensure()

    async def _taken(self, joined: Joined) -> Issued:
        request = joined.request
        settlement = await self._settlement(request, joined.failures)
        if settlement.unknown:
            raise UnknownResource(request.resource, nearest(request.resource, self._pool.known_resources()))
        if settlement.available is not None:
            raise NotEnough(request.resource, request.wanted, settlement.available)
        return Issued(
            request.resource,
            await self._handover.behind(settlement.taken),
            settlement.failures,
            _receipt(request, settlement, repeated=joined.repeated),
        )

    async def _settlement(self, request: Request, failures: Sequence[Failure] = ()) -> Settlement:
        """The request's end: at once where it has one, else when the committer has brought it there."""
        if request.settlement is not None:
            return request.settlement
        waiting = self._committer.waiting_for(request.number)
        if waiting is None and self._recovery.resume(request.number):
            waiting = self._committer.waiting_for(request.number)
        if waiting is not None:
            async with resting():
                return await asyncio.shield(waiting)
        settled = (await self._journal.find([request.key])).get(request.key)
        if settled is not None and settled.settlement is not None:
            return settled.settlement
        settlement = Settlement(failures=tuple(failures))
        await self._journal.settle(Outcome(settlements={request.number: settlement}))
        return settlement

    async def _release(self, request: Request, allocation_ids: Sequence[str]) -> None:
        with self._committer.joining():
            leaving = await self._journal.begin_release(request, allocation_ids)
            for allocation in leaving:
                self._pool.put(allocation)
            if leaving:
                self._committer.submit(request.number, [Ask(allocation) for allocation in leaving])

    def _dropped(self, allocations: Collection[Allocation]) -> int:
        for allocation in allocations:
            self._pool.put(allocation)
        return len(allocations)

    def _new_key(self) -> str:
        return self._new_id() + self._new_id()


def _receipt(request: Request, settlement: Settlement, *, repeated: bool) -> Receipt:
    return Receipt(request.number, settlement.reads, settlement.writes, settlement.read_at, repeated=repeated)
