"""Holding: what becomes of a proxy that is somebody's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import structlog

from bot.errors import NotYours, OverLimit, StillPending, StorageError
from bot.models.allocation import ENDED_USE, SPENT_REASON, Allocation, State
from bot.models.audit import Act, Deed
from bot.models.commit import Ask
from bot.models.notice import Kind
from bot.models.proxy import address_of
from bot.models.request import Request, params_hash
from bot.models.results import BadReason, Held, Issued, Receipt, Returned
from bot.models.wish import Wish
from bot.resilience.timings import timed
from bot.services.desk_core import DeskCore, receipt_of
from bot.services.drafting import Join
from bot.services.joining import NOBODY
from bot.services.settling import JOURNAL_RETRY

SETTLED = frozenset({State.TAKEN})
UNSHOWN = frozenset({State.QUEUED, State.TAKING})
LISTED = 10
MARK_TRIES = 3

log = structlog.get_logger(__name__)


class Holding(DeskCore):
    """Giving back, marking, replacing and handing over."""

    async def held_by(self, user_id: int) -> list[Held]:
        """What the user holds or is about to hold, settled or not, by resource and best first."""
        return await self._handover.held_by(user_id)

    async def held(self, allocation: str, user_id: int) -> Held:
        """One that the user holds. Raises NotYours."""
        return await self._handover.one(self._own(allocation, user_id))

    @timed("give back")
    async def give_back(
        self, allocation_ids: Sequence[str], user_id: int, *, request_key: str | None = None
    ) -> Returned:
        """Free what the user holds; returns when the sheet shows it. Raises NotYours when none of it is theirs."""

        def act(one: Allocation) -> Act:
            return _given_back(one, user_id, one.name)

        params = params_hash("release", user_id, *sorted(allocation_ids))
        return await self._leave(allocation_ids, user_id, request_key, params, since=SETTLED, act=act)

    async def release_for(
        self, allocation_ids: Sequence[str], user_id: int, admin_id: int, *, request_key: str
    ) -> Returned:
        """Free what somebody else holds, on an admin's word; they are told. Raises NotYours when they hold none."""
        admin = self._name_of(admin_id)

        def act(one: Allocation) -> Act:
            return _given_back(one, admin_id, admin)

        params = params_hash("release", user_id, *sorted(allocation_ids))
        returned = await self._leave(allocation_ids, user_id, request_key, params, since=SETTLED, act=act)
        if user_id != admin_id:
            await self._tell_freed(returned.released, user_id, admin)
        return returned

    async def revive(self, allocation: str, admin_id: int, *, request_key: str) -> Returned:
        """A proxy that was reported as bad, or spent, may be handed out again. Raises NotYours when it is neither."""
        former, admin = self._pool.ledger.get(allocation), self._name_of(admin_id)

        def act(one: Allocation) -> Act:
            return Act(admin_id, admin, Deed.REVIVE, address_of(one.key), one.state, "free")

        # Whose it was is no part of the request: when that comes again nobody's name may stand beside it.
        params, owner = params_hash("revive", admin_id, allocation), former.user_id if former else NOBODY
        return await self._leave([allocation], owner, request_key, params, since=ENDED_USE, act=act)

    async def spend(self, allocation_ids: Sequence[str], user_id: int, *, request_key: str) -> Returned:
        """Used up: nobody holds them, nobody gets them for the same resource again. Raises NotYours."""
        return await self._mark(allocation_ids, user_id, State.SPENT, SPENT_REASON, request_key)

    @timed("report bad")
    async def mark_bad(
        self, allocation_ids: Sequence[str], user_id: int, reason: BadReason, *, request_key: str
    ) -> Returned:
        """They do not work: nobody holds them, nobody gets them for anything. Raises NotYours."""
        return await self._mark(allocation_ids, user_id, State.BAD, reason, request_key)

    @timed("replace")
    async def replace(
        self,
        allocation: str,
        user_id: int,
        reason: BadReason,
        *,
        name: str,
        request_key: str,
        any_kind: bool = False,
    ) -> Issued:
        """Mark one as bad and take a fresh one of the same country and protocol (of any, with `any_kind`).

        Raises NotYours, and whatever `issue` raises: then nothing was marked either.
        """
        if not await self.known(request_key):
            self._refuse_pending([allocation], user_id, {*UNSHOWN, State.RELEASING})
            self._own(allocation, user_id)
        former = self._pool.ledger.get(allocation)
        join = Join(
            key=request_key,
            user_id=user_id,
            name=name,
            resource=former.resource if former else "",
            count=1,
            wish=Wish() if any_kind or former is None else self._kind_of(former),
            instead=allocation,
        )
        issued = await self._taken(await self._joined(join))
        if issued.proxies:
            await self._mark_replaced(allocation, user_id, reason, f"{request_key}:bad")
        return issued

    async def transfer(
        self, allocation: str, user_id: int, to_user: int, to_name: str, *, request_key: str
    ) -> Held:
        """Hand one over to a colleague; returns it as theirs. Raises NotYours, OverLimit (theirs)."""
        params = params_hash("transfer", user_id, allocation, to_user)
        async with self._acting:
            request = self._request(request_key, "transfer", params, user_id, 1)
            known = await self._once(request, params)
            if known is None:
                self._refuse_pending([allocation], user_id)
                former = self._own(allocation, user_id)
                if (has := self._pool.ledger.held(to_user)) >= (limit := self._joiner.rules.max_held):
                    raise OverLimit("held", limit, has)
                act = Act(user_id, former.name, Deed.TRANSFER, address_of(former.key), former.name, to_name)
                moved = await self._journal.hand_over(request, allocation, to_user, to_name, [act])
                self._replaced_in_pool(moved)
                self._committer.project({each.key for each in moved})
        if known is not None and known.settlement and allocation in known.settlement.taken:
            return await self._handover.one((await self._journal.endpoints([allocation]))[allocation][0])
        return await self._handover.one(self._own(allocation, to_user))

    async def _leave(
        self,
        allocation_ids: Sequence[str],
        user_id: int,
        request_key: str | None,
        params: str,
        *,
        since: Collection[State],
        act: Callable[[Allocation], Act],
    ) -> Returned:
        """Out of the sheet; returns when it shows that."""
        request = self._request(
            request_key or self._new_key(), "release", params, user_id, len(allocation_ids)
        )
        async with self._acting:
            known = await self._once(request, params)
            if known is None:
                self._refuse_pending(allocation_ids, user_id)
                acts = [act(each) for each in self._mine(allocation_ids, user_id, since)]
                await self._release(request, allocation_ids, since, acts)
        settlement = await self._settlement(known or request)
        if not settlement.released and not settlement.failures:
            raise NotYours("none of these is held by the user")
        receipt = receipt_of(known or request, settlement, repeated=known is not None)
        return Returned(settlement.released, settlement.failures, receipt)

    async def _release(
        self, request: Request, ids: Sequence[str], since: Collection[State], acts: Sequence[Act]
    ) -> None:
        with self._committer.joining():
            leaving = await self._journal.begin_release(request, ids, since=since, acts=acts)
            self._replaced_in_pool(leaving)
            if leaving:
                self._committer.submit(request.number, [Ask(allocation) for allocation in leaving])

    async def _tell_freed(self, ids: Sequence[str], user_id: int, admin: str) -> None:
        """Told once, also when the request comes again after a crash; told of what stood in the journal."""
        stored = await self._journal.endpoints(ids)
        freed = [stored[each][0] for each in ids if each in stored]
        if freed:
            listed = [{"resource": each.resource, "address": address_of(each.key)} for each in freed[:LISTED]]
            data = {"proxies": listed, "more": len(freed) - len(listed), "by": admin}
            await self._announcer.tell(user_id, Kind.FREED, data, f"freed:{freed[0].id}")

    async def _mark(
        self, allocation_ids: Sequence[str], user_id: int, state: State, reason: str, request_key: str
    ) -> Returned:
        params = params_hash(state, user_id, *sorted(allocation_ids))
        request = self._request(request_key, str(state), params, user_id, len(allocation_ids))
        async with self._acting:
            known = await self._once(request, params)
            repeated = known is not None
            if known is None:
                self._refuse_pending(allocation_ids, user_id)
                mine = self._mine(allocation_ids, user_id)
                acts = [_marked(each, state, reason) for each in mine]
                marked = await self._journal.mark(request, allocation_ids, state, reason, acts)
                self._replaced_in_pool(marked)
                self._committer.project({each.key for each in marked})
                known = (await self._journal.find([request_key]))[request_key]
        ids = known.settlement.released if known.settlement else ()
        if not ids:
            raise NotYours("none of these is held by the user")
        return Returned(ids, (), Receipt(known.number, 0, 0, 0.0, repeated=repeated))

    async def _mark_replaced(
        self, allocation: str, user_id: int, reason: BadReason, request_key: str
    ) -> None:
        """The fresh one is theirs already, so a database that refuses for a moment must not fail this."""
        for left in reversed(range(MARK_TRIES)):
            if not self._is_settled_of(allocation, user_id):
                return
            try:
                await self._mark([allocation], user_id, State.BAD, reason, request_key)
            except NotYours:  # it was given back meanwhile
                return
            except StorageError as error:
                if not left:
                    raise
                log.warning("what was replaced cannot be marked yet", error=str(error))
                await self._clock.sleep(JOURNAL_RETRY)
            else:
                return

    def _request(self, key: str, kind: str, params: str, user_id: int, wanted: int) -> Request:
        return Request(self._joiner.next_number(), key, kind, params, user_id, "", wanted)

    def _refuse_pending(self, ids: Sequence[str], user_id: int, unshown: Collection[State] = UNSHOWN) -> None:
        """Raises StillPending where the sheet shows none of them yet; the same may be asked again later."""
        pending = self._mine(ids, user_id, unshown)
        if pending and not self._mine(ids, user_id, SETTLED | ENDED_USE):
            raise StillPending("the sheet does not show it yet")

    def _own(self, allocation_id: str, user_id: int) -> Allocation:
        allocation = self._pool.ledger.get(allocation_id)
        if allocation is None or allocation.user_id != user_id or not allocation.is_held:
            raise NotYours("it is not held by the user")
        return allocation

    def _mine(
        self, allocation_ids: Sequence[str], user_id: int, states: Collection[State] = SETTLED
    ) -> list[Allocation]:
        found = (self._pool.ledger.get(each) for each in dict.fromkeys(allocation_ids))
        return [each for each in found if each and each.user_id == user_id and each.state in states]

    def _is_settled_of(self, allocation_id: str, user_id: int) -> bool:
        return bool(self._mine([allocation_id], user_id))

    def _kind_of(self, allocation: Allocation) -> Wish:
        rows = self._pool.rows_of(allocation.key)
        return Wish(country=rows[0].country, scheme=rows[0].scheme) if rows else Wish()


def _given_back(one: Allocation, actor: int, name: str) -> Act:
    return Act(actor, name, Deed.GIVE_BACK, address_of(one.key), f"{one.resource} of {one.name}", "free")


def _marked(one: Allocation, state: State, reason: str) -> Act:
    after = f"{state} ({reason})" if state is State.BAD else str(state)
    deed = Deed.BAD if state is State.BAD else Deed.SPENT
    return Act(one.user_id, one.name, deed, address_of(one.key), f"{one.resource} of {one.name}", after)
