"""What is shown to people: the proxies behind allocations, from the pool, or from the journal where they are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bot.models.allocation import Allocation, State
from bot.models.pool import Pool
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import Held
from bot.models.sheet import SheetRow
from bot.models.view import Reading


class EndpointSource(Protocol):
    """Where credentials are kept."""

    async def endpoints(self, ids: Sequence[str]) -> dict[str, tuple[Allocation, Endpoint]]: ...


class Handover:
    """Puts proxies together for people; nothing is changed."""

    def __init__(self, pool: Pool, journal: EndpointSource, reading: Callable[[], Reading]) -> None:
        self._pool = pool
        self._journal = journal
        self._reading = reading

    def shown(self, row: SheetRow) -> Proxy:
        """A row of the sheet as a proxy."""
        days_left = None if row.expires is None else row.expires - self._reading().today.toordinal()
        return Proxy(row.number, row.key, row.endpoint, row.country, days_left, row.note)

    async def behind(self, ids: Sequence[str]) -> tuple[Proxy, ...]:
        """The proxies of these allocations, best first, in whatever state they are by now."""
        live = self._pool.ledger.live
        found = await self._found([live[each] for each in ids if each in live])
        if gone := [each for each in ids if each not in found]:
            stored = await self._journal.endpoints(gone)
            found |= {each: _as_stored(*each_stored) for each, each_stored in stored.items()}
        proxies = (found[each] for each in ids if each in found)
        return tuple(sorted(proxies, key=lambda proxy: (proxy.days_left is None, -(proxy.days_left or 0))))

    async def held_by(self, user_id: int) -> list[Held]:
        """What the user holds or is about to hold, by resource and best first."""
        mine = [each for each in self._pool.ledger.of_user(user_id) if each.is_held]
        proxies = await self._found(mine)
        held = [self._held(each, proxy) for each in mine if (proxy := proxies.get(each.id))]
        return sorted(held, key=lambda one: (one.resource, -(one.proxy.days_left or 0), one.proxy.row))

    async def one(self, allocation: Allocation) -> Held:
        """One that is held."""
        return self._held(allocation, (await self._found([allocation]))[allocation.id])

    def _held(self, allocation: Allocation, proxy: Proxy) -> Held:
        under_way = allocation.state in {State.QUEUED, State.TAKING}
        return Held(
            allocation.id,
            allocation.resource,
            proxy,
            allocation.issued_on,
            settled=allocation.state is State.TAKEN or (under_way and allocation.promised),
            pending=under_way and allocation.promised,
            gone=not self._pool.rows_of(allocation.key),
            missing=allocation.missing_since is not None,
        )

    async def _found(self, allocations: Collection[Allocation]) -> dict[str, Proxy]:
        here = {
            each.id: self.shown(rows[0]) for each in allocations if (rows := self._pool.rows_of(each.key))
        }
        gone = [each.id for each in allocations if each.id not in here]
        stored = await self._journal.endpoints(gone) if gone else {}
        return here | {each: _as_stored(*each_stored) for each, each_stored in stored.items()}


def _as_stored(allocation: Allocation, endpoint: Endpoint) -> Proxy:
    """A proxy that the sheet does not have any more, as it was when it was handed out."""
    return Proxy(allocation.row, allocation.key, endpoint, "", None)
