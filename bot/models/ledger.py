"""The live allocations in memory: a mirror of the journal, changed only after the journal was."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.models.allocation import LIVE, Allocation, State


class Ledger:
    """Live allocations by id, by proxy and by resource; at most one a (proxy, resource)."""

    def __init__(self, allocations: Iterable[Allocation] = ()) -> None:
        self._by_id: dict[str, Allocation] = {}
        self._by_key: dict[str, dict[str, Allocation]] = {}
        self._by_resource: dict[str, dict[str, Allocation]] = {}
        self._by_user: dict[int, dict[str, Allocation]] = {}
        self._bad: dict[str, set[str]] = {}
        self._lapsing: list[tuple[float, str]] = []
        for allocation in allocations:
            self.put(allocation)

    @property
    def live(self) -> Mapping[str, Allocation]:
        """Every live allocation by id."""
        return self._by_id

    @property
    def resources(self) -> Iterator[str]:
        """Resources with at least one live allocation."""
        return (resource for resource, held in self._by_resource.items() if held)

    def get(self, allocation_id: str) -> Allocation | None:
        """The live allocation of that id."""
        return self._by_id.get(allocation_id)

    def of_proxy(self, key: str) -> list[Allocation]:
        """Live allocations of one proxy, oldest first."""
        return list(self._by_key.get(key, {}).values())

    def of_resource(self, resource: str) -> Mapping[str, Allocation]:
        """Live allocations for one resource, by proxy key."""
        return self._by_resource.get(resource, {})

    def of_user(self, user_id: int) -> list[Allocation]:
        """Live allocations of one user, oldest first."""
        return list(self._by_user.get(user_id, {}).values())

    def of_request(self, request: int, user_id: int) -> list[Allocation]:
        """Live allocations of a user's request."""
        return [each for each in self.of_user(user_id) if each.request == request]

    def held(self, user_id: int) -> int:
        """How many a user holds or is about to hold."""
        return sum(each.is_held for each in self._by_user.get(user_id, {}).values())

    def reserved(self, user_id: int, now: float) -> int:
        """How many are kept for a user."""
        mine = self._by_user.get(user_id, {}).values()
        return sum(each.state is State.RESERVED and not each.lapsed(now) for each in mine)

    def is_bad(self, key: str) -> bool:
        """Whether somebody has reported that the proxy does not work."""
        return key in self._bad

    @property
    def bad_keys(self) -> Collection[str]:
        """Proxies that were reported as not working."""
        return self._bad.keys()

    def put(self, allocation: Allocation) -> None:
        """Add the allocation, or replace its older version or a lapsed reservation of the same thing."""
        if allocation.state not in LIVE:
            self.drop(allocation.id)
            return
        former = self._by_key.get(allocation.key, {}).get(allocation.resource)
        if former is not None and former.id != allocation.id:
            self.drop(former.id)
        own = self._by_id.get(allocation.id)
        if own is not None and not _same_place(own, allocation):
            self.drop(allocation.id)
        elif own is not None:
            self._heal(own)
        self._by_id[allocation.id] = allocation
        self._by_key.setdefault(allocation.key, {})[allocation.resource] = allocation
        self._by_resource.setdefault(allocation.resource, {})[allocation.key] = allocation
        self._by_user.setdefault(allocation.user_id, {})[allocation.id] = allocation
        if allocation.state is State.BAD:
            self._bad.setdefault(allocation.key, set()).add(allocation.id)
        if allocation.state is State.RESERVED and allocation.expires_at is not None:
            heapq.heappush(self._lapsing, (allocation.expires_at, allocation.id))

    def drop(self, allocation_id: str) -> None:
        """Forget the allocation, if it is here."""
        allocation = self._by_id.pop(allocation_id, None)
        if allocation is None:
            return
        del self._by_resource[allocation.resource][allocation.key]
        of_key = self._by_key[allocation.key]
        del of_key[allocation.resource]
        if not of_key:
            del self._by_key[allocation.key]
        of_user = self._by_user[allocation.user_id]
        del of_user[allocation_id]
        if not of_user:
            del self._by_user[allocation.user_id]
        self._heal(allocation)

    def lapse(self, now: float) -> list[Allocation]:
        """Reservations whose time has come since the last call; they stay until the journal drops them."""
        lapsed: dict[str, Allocation] = {}
        while self._lapsing and self._lapsing[0][0] <= now:
            allocation = self._by_id.get(heapq.heappop(self._lapsing)[1])
            if allocation is not None and allocation.lapsed(now):
                lapsed[allocation.id] = allocation
        return list(lapsed.values())

    def _heal(self, allocation: Allocation) -> None:
        """As it was, it counts no more against its proxy."""
        if allocation.state is State.BAD:
            self._bad[allocation.key].discard(allocation.id)
            if not self._bad[allocation.key]:
                del self._bad[allocation.key]


def _same_place(one: Allocation, other: Allocation) -> bool:
    return (one.key, one.resource, one.user_id) == (other.key, other.resource, other.user_id)
