"""The proxy desk: previews, takes, returns and counts. What is asked twice under one key happens once."""

from __future__ import annotations

from bot.models.audit import Act, Deed
from bot.models.resource import normalise_resource
from bot.models.results import PoolStats
from bot.resilience.timings import timed
from bot.services.holding import Holding
from bot.services.taking import Taking

KEPT = 7 * 24 * 3600.0
HANDED_OUT, FROZEN = "handed out", "frozen"
FREEZING, THAWING = (Deed.FREEZE, HANDED_OUT, FROZEN), (Deed.THAW, FROZEN, HANDED_OUT)


class ProxyService(Taking, Holding):
    """Hands out the proxies of one sheet, each for each resource to one user.

    A method that takes a `request_key` (or `request_id`) does its work once for that key and gives the same
    answer again; the same key with other parameters raises RequestConflict. StorageError = nothing was done.
    """

    @timed("read sheet")
    async def refresh(self, *, force: bool = False) -> PoolStats:
        """Read the sheet again (when it is stale, or always with `force`). Raises PeerError, SheetLayoutError.

        What waits for Google is tried at once.
        """
        if force or self._refresh.is_stale:
            await self._refresh.refresh()
            self._committer.hurry()
        return await self.get_stats()

    async def get_stats(self) -> PoolStats:
        """Counts of the pool as last read; never waits for Google."""
        return self._stats.collect()

    def free(self, resource: str) -> int:
        """How many could be handed out for the resource now; none while it is frozen."""
        name = normalise_resource(resource)
        return 0 if name in self._pool.frozen else self._pool.free(name, self._clock.time())

    @property
    def age(self) -> float | None:
        """Seconds since the sheet was read; None before the first time."""
        return self._refresh.age

    async def freeze(self, resource: str, admin_id: int) -> bool:
        """Hand out nothing for the resource from now on; returns whether that is new."""
        return await self._set_frozen(resource, admin_id, frozen=True)

    async def thaw(self, resource: str, admin_id: int) -> bool:
        """Hand out for the resource again; returns whether that is new."""
        return await self._set_frozen(resource, admin_id, frozen=False)

    async def settle_orphans(self) -> int:
        """Fail what was queued by a former process and never asked for again; returns how many."""
        return await self._recovery.settle_orphans()

    async def forget_old(self) -> int:
        """Drop answers that nobody can ask for any more; returns how many."""
        return await self._journal.forget_requests(self._clock.time() - KEPT)

    async def _set_frozen(self, resource: str, admin_id: int, *, frozen: bool) -> bool:
        async with self._acting:
            name = normalise_resource(resource)
            is_new = (name in self._pool.frozen) is not frozen
            if is_new:
                now_frozen = self._pool.frozen ^ {name}
                deed, before, after = FREEZING if frozen else THAWING
                act = Act(admin_id, self._name_of(admin_id), deed, name, before, after)
                await self._journal.freeze(now_frozen, [act])
                self._pool.frozen = now_frozen
            return is_new
