"""Taking: the best ones, exact rows, and previews that are kept for a while."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import PreviewLapsed
from bot.models.allocation import Allocation, State
from bot.models.proxy import Proxy
from bot.models.request import Request
from bot.models.resource import normalise_resource
from bot.models.results import (
    Choices,
    Glimpse,
    Issued,
    Preview,
    Reason,
    ReservedProxies,
    ResourceStock,
)
from bot.models.wish import ANY, Wish
from bot.resilience.timings import timed
from bot.services.desk_core import DeskCore
from bot.services.drafting import Join, Joined

USUAL_DAYS = (3, 7, 14, 30)


class Taking(DeskCore):
    """From what is free to what is somebody's."""

    async def get_available_proxies(self, resource: str) -> list[Proxy]:
        """Every proxy free for `resource`, best first: most days left, unknown expiry last."""
        await self._refresh.ensure()
        today = self._reading().today.toordinal()
        rows = self._pool.best(normalise_resource(resource), self._clock.time(), today)
        return [self._handover.shown(row) for row in rows]

    async def resources(self) -> list[ResourceStock]:
        """Every resource that somebody has used, most free first."""
        await self._refresh.ensure()
        now = self._clock.time()
        stock = [
            ResourceStock(
                name, self._pool.free(name, now), name in self._pool.frozen, self._joiner.waiting(name)
            )
            for name in self._pool.known_resources()
        ]
        return sorted(stock, key=lambda one: (-one.free, one.name))

    async def choices(self, resource: str, wish: Wish) -> Choices:
        """What is free for the resource under the wish, and by what else could be wished for, most first."""
        await self._refresh.ensure()
        resource = normalise_resource(resource)

        def free(country: str = wish.country, days: int = wish.min_days, scheme: str = wish.scheme) -> int:
            today = self._reading().today.toordinal()
            return self._pool.free(resource, self._clock.time(), today, Wish(country, days, scheme))

        countries = [(name, free(country=name)) for name in self._pool.countries()]
        schemes = [(name, free(scheme=name)) for name in self._pool.schemes()]
        days = [(least, free(days=least)) for least in USUAL_DAYS]
        return Choices(
            resource,
            wish,
            free(),
            tuple(sorted((one for one in countries if one[1]), key=lambda one: (-one[1], one[0]))),
            tuple(sorted((one for one in schemes if one[1]), key=lambda one: (-one[1], one[0]))),
            tuple(days),
            self._refresh.age,
        )

    @timed("take")
    async def issue(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str | None = None,
        request_key: str | None = None,
        new_resource: bool = False,
        wish: Wish = ANY,
    ) -> Issued:
        """Take the best `count` for the user in one step; returns when the sheet shows it.

        Raises UnknownResource unless `new_resource`, NotEnough, OverLimit, ResourceFrozen, OthersWait; none of
        them takes anything.
        """
        join = Join(
            key=request_key or self._new_key(),
            user_id=user_id,
            name=name or str(user_id),
            resource=normalise_resource(resource),
            count=count,
            wish=wish,
            new_resource=new_resource,
        )
        return await self._taken(await self._joined(join))

    @timed("preview")
    async def preview(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str,
        request_key: str,
        wish: Wish = ANY,
        new_resource: bool = False,
        ttl: float | None = None,
    ) -> Preview:
        """Keep the best `count` for the user; drops what was kept before, but for turns in a line.

        `ttl`: for so many seconds, for somebody whose turn it is; else for RESERVATION_TTL. Raises like `issue`,
        and PreviewLapsed when the same request comes again too late.
        """
        if ttl is None and not await self.known(request_key):
            # A second tap may come while the first is being journalled: what that keeps is not the former one.
            self._replaced_in_pool(await self._journal.cancel(user_id, turns=False, sparing=request_key))
        join = Join(
            key=request_key,
            user_id=user_id,
            name=name,
            resource=normalise_resource(resource),
            count=count,
            wish=wish,
            new_resource=new_resource,
            ttl=self._reservation_ttl if ttl is None else ttl,
            turn=ttl is not None,
        )
        joined = await self._joined(join)
        settlement = await self._settlement(joined.request)
        self._raise_refusal(joined.request, settlement)
        return self._preview(joined.request, user_id)

    @timed("take preview")
    async def take_preview(self, request: int, user_id: int, *, name: str, request_key: str) -> Issued:
        """Take what was kept; what a person has taken meanwhile is replaced by another that fits the wish.

        Raises PreviewLapsed, and OverLimit: then it is still kept.
        """
        preview, kept = await self._journal.request(request), self._kept(request, user_id)
        wish = preview.settlement.wish if preview and preview.settlement else ANY
        join = Join(
            key=request_key,
            user_id=user_id,
            name=name,
            resource=preview.resource if preview else "",
            claims=tuple(each.id for each in kept),
            wish=wish,
        )
        known = (await self._journal.find([request_key])).get(request_key)
        if known is not None and known.user_id == user_id:
            return _in_time(await self._taken(Joined(known, repeated=True)))
        if not kept:
            raise PreviewLapsed("it is not reserved any more")
        return _in_time(await self._taken(await self._joined(join)))

    async def extend_preview(self, request: int, user_id: int) -> Preview:
        """Keep it for another RESERVATION_TTL from now; works once. Raises PreviewLapsed."""
        kept = self._kept(request, user_id)
        if kept:
            until = self._clock.time() + self._reservation_ttl
            self._replaced_in_pool(await self._journal.extend(request, user_id, until))
        stored = await self._journal.request(request)
        if stored is None:
            raise PreviewLapsed("it is not reserved any more")
        return self._preview(stored, user_id)

    async def cancel_preview(self, request: int, user_id: int) -> int:
        """Drop what was kept; returns how many. 0 when it was taken or has lapsed."""
        return self._replaced_in_pool(await self._journal.cancel(user_id, request=request))

    async def reserve_proxies(
        self, row_indices: Iterable[int], resource: str, user_id: int, *, name: str | None = None
    ) -> ReservedProxies:
        """Keep the proxies in these rows for the user until the reservation's time is over."""
        join = Join(
            key=self._new_key(),
            user_id=user_id,
            name=name or str(user_id),
            resource=normalise_resource(resource),
            rows=tuple(row_indices),
            ttl=self._reservation_ttl,
        )
        joined = await self._joined(join)
        self._raise_refusal(joined.request, await self._settlement(joined.request))
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
        join = Join(
            key=request_id or self._new_key(),
            user_id=user_id,
            name=name or str(user_id),
            resource=normalise_resource(resource),
            rows=tuple(row_indices),
        )
        if not join.rows:
            return [], []
        issued = await self._taken(await self._joined(join))
        return list(issued.proxies), [failure.row for failure in issued.failures]

    async def try_take_proxy(self, row_index: int, resource: str, user_id: int) -> Proxy | None:
        """Take the proxy in that row; None when it could not be had."""
        taken, _ = await self.take_proxies_batch([row_index], resource, user_id)
        return taken[0] if taken else None

    async def cancel_all_reservations(self, user_id: int) -> int:
        """Drop the user's reservations; returns how many."""
        return self._replaced_in_pool(await self._journal.cancel(user_id))

    async def cleanup_expired_reservations(self) -> int:
        """End reservations whose time is over; returns how many. Touches nothing else."""
        return self._replaced_in_pool(await self._journal.expire())

    def _kept(self, request: int, user_id: int) -> list[Allocation]:
        now = self._clock.time()
        mine = self._pool.ledger.of_request(request, user_id)
        return [each for each in mine if each.state is State.RESERVED and not each.lapsed(now)]

    def _preview(self, request: Request, user_id: int) -> Preview:
        kept = self._kept(request.number, user_id)
        if not kept:
            raise PreviewLapsed("it is not reserved any more")
        settlement = request.settlement
        shown = [self._handover.shown(rows[0]) for each in kept if (rows := self._pool.rows_of(each.key))]
        shown.sort(key=lambda proxy: (proxy.days_left is None, -(proxy.days_left or 0), proxy.row))
        return Preview(
            request.number,
            request.resource,
            settlement.wish if settlement else ANY,
            tuple(Glimpse(proxy.country, proxy.endpoint.scheme, proxy.days_left) for proxy in shown),
            min(each.expires_at or 0.0 for each in kept),
            extended=settlement.extended if settlement else False,
        )


def _in_time(issued: Issued) -> Issued:
    """What was taken; raises PreviewLapsed where none of it was kept any more."""
    if not issued.proxies and all(failure.reason is Reason.NOT_RESERVED for failure in issued.failures):
        raise PreviewLapsed("it is not reserved any more")
    return issued
