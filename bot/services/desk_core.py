"""What every part of the proxy service works with, and how a request comes to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.errors import (
    NotEnough,
    OthersWait,
    OverLimit,
    PeerUnavailable,
    PreviewLapsed,
    RequestConflict,
    ResourceFrozen,
    StorageError,
    UnknownResource,
)
from bot.models.allocation import Allocation, State
from bot.models.audit import Act
from bot.models.notice import Kind
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.proxy import Endpoint
from bot.models.request import Request, Settlement
from bot.models.resource import nearest
from bot.models.results import Failure, Issued, Receipt
from bot.models.view import Reading
from bot.resilience.batching import Batcher
from bot.resilience.clock import Clock
from bot.resilience.slots import resting
from bot.resilience.timings import Timings
from bot.services.committer import Committer
from bot.services.drafting import Join, Joined
from bot.services.handover import Handover
from bot.services.joining import Joiner
from bot.services.outage import Outage
from bot.services.pool_stats import StatsSource
from bot.services.recovery import Recovery
from bot.services.sheet_refresh import SheetRefresh

JOINS_AT_ONCE = 2_000
SHEET = "Google Sheets"


class DeskJournal(Protocol):
    """What the desk asks of the journal besides joining and committing."""

    async def find(self, keys: Sequence[str]) -> dict[str, Request]: ...
    async def request(self, number: int) -> Request | None: ...
    async def begin_release(
        self,
        request: Request,
        ids: Sequence[str],
        *,
        since: Collection[State] = (State.TAKEN,),
        acts: Sequence[Act] = (),
    ) -> list[Allocation]: ...
    async def mark(
        self, request: Request, ids: Sequence[str], state: State, reason: str, acts: Sequence[Act]
    ) -> list[Allocation]: ...
    async def hand_over(
        self, request: Request, allocation_id: str, to_user: int, to_name: str, acts: Sequence[Act]
    ) -> list[Allocation]: ...
    async def extend(self, number: int, user_id: int, until: float) -> list[Allocation]: ...
    async def promise(
        self, request: int, ids: Sequence[str], settlement: Settlement
    ) -> tuple[Settlement, list[str]]: ...
    async def of_request(self, request: int) -> list[str]: ...
    async def endpoints(self, ids: Sequence[str]) -> dict[str, tuple[Allocation, Endpoint]]: ...
    async def freeze(self, resources: Collection[str], acts: Sequence[Act]) -> None: ...
    async def settle(self, outcome: Outcome) -> None: ...
    async def expire(self) -> list[Allocation]: ...
    async def cancel(
        self, user_id: int, *, request: int | None = None, turns: bool = True, sparing: str = ""
    ) -> list[Allocation]: ...
    async def forget_requests(self, before: float) -> int: ...


class Announcer(Protocol):
    """Tells people what was done to what they hold."""

    async def tell(
        self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Modes:
    """How the desk hands out: `fast` never waits for the sheet; `queue`: nor while Google is away."""

    fast: bool = False
    queue: bool = True


class DeskCore:
    """The parts, and the way of a request from its join to its settlement."""

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
        outage: Outage,
        reading: Callable[[], Reading],
        clock: Clock,
        new_id: Callable[[], str],
        *,
        reservation_ttl: float,
        modes: Modes,
        announcer: Announcer,
        name_of: Callable[[int], str],
        timings: Timings,
    ) -> None:
        self.timings = timings
        self._pool = pool
        self._journal = journal
        self._joiner = joiner
        self._joins: Batcher[Join, Joined] = Batcher(joiner.run, limit=JOINS_AT_ONCE)
        self._committer = committer
        self._recovery = recovery
        self._refresh = refresh
        self._handover = handover
        self._stats = stats
        self._outage = outage
        self._reading = reading
        self._clock = clock
        self._new_id = new_id
        self._reservation_ttl = reservation_ttl
        self._modes = modes
        self._announcer = announcer
        self._name_of = name_of
        self._acting = asyncio.Lock()  # two taps on one button may come in the same moment

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key was accepted before."""
        return bool(await self._journal.find([request_key]))

    async def _look(self, key: str) -> None:
        """Have an inventory; a request that was made before gets its answer without one."""
        if not self._refresh.must_wait:
            await self._refresh.ensure()
        elif not await self.known(key):
            async with resting():
                await self._refresh.ensure()

    async def _joined(self, join: Join) -> Joined:
        """Into the journal; refused where the sheet would have to be waited for, and is known to be away."""
        await self._look(join.key)
        waits_for_the_sheet = join.ttl is None and not self._modes.fast and not self._modes.queue
        is_away = self._outage.away and self._outage.retry_in > 0
        if waits_for_the_sheet and is_away and not await self.known(join.key):
            raise PeerUnavailable(SHEET, "it is away, and nothing is handed out meanwhile")
        return await self._joins.submit(join)

    async def _taken(self, joined: Joined) -> Issued:
        """The outcome of a request that takes; raises what its settlement says was in the way."""
        request = joined.request
        settlement = await self._settlement(request, joined.failures)
        self._raise_refusal(request, settlement)
        taken: Sequence[str] = settlement.taken
        if settlement.pending and joined.repeated:  # handed out early, and perhaps replaced since
            taken = await self._journal.of_request(request.number)
        return Issued(
            request.resource,
            await self._handover.behind(taken),
            settlement.failures,
            receipt_of(request, settlement, repeated=joined.repeated),
            pending=settlement.pending,
        )

    def _raise_refusal(self, request: Request, settlement: Settlement) -> None:
        if settlement.unknown:
            raise UnknownResource(request.resource, nearest(request.resource, self._pool.known_resources()))
        if settlement.available is not None:
            raise NotEnough(request.resource, request.wanted, settlement.available)
        match settlement.refused:
            case ("frozen",):
                raise ResourceFrozen(request.resource)
            case ("line", int(waiting)):
                raise OthersWait(request.resource, waiting)
            case ("lapsed",):
                raise PreviewLapsed("it is not reserved any more")
            case (str(what), int(limit), int(has)):
                raise OverLimit(what, limit, has)

    async def _settlement(self, request: Request, failures: Sequence[Failure] = ()) -> Settlement:
        """The request's end: at once where it has one, else when the committer has brought it there.

        Where the sheet is not waited for, what the journal has decided is handed out before.
        """
        if request.settlement is not None:
            return request.settlement
        waiting = self._committer.waiting_for(request.number)
        if waiting is None and self._recovery.resume(request.number):
            waiting = self._committer.waiting_for(request.number)
        if waiting is not None:
            async with resting():
                early = await self._promised(request.number) if self._goes_early(request) else None
                return early if early is not None else await asyncio.shield(waiting)
        settled = (await self._journal.find([request.key])).get(request.key)
        if settled is not None and settled.settlement is not None:
            return settled.settlement
        settlement = Settlement(failures=tuple(failures))
        await self._journal.settle(Outcome(settlements={request.number: settlement}))
        return settlement

    def _goes_early(self, request: Request) -> bool:
        """Whether it is not to wait for the sheet."""
        is_away = self._modes.queue and self._outage.away
        return request.kind == "take" and (self._modes.fast or is_away)

    async def promise_waiting(self) -> None:
        """Google has gone away: whoever waits for it with a take is served by the journal, as far as that can be
        written."""
        if self._modes.queue:
            numbers = self._committer.takes_waiting()
            await asyncio.gather(*map(self._answer_early, numbers), return_exceptions=True)

    async def _answer_early(self, number: int) -> None:
        if (settlement := await self._promised(number)) is not None:
            self._committer.answer(number, settlement)

    async def _promised(self, number: int) -> Settlement | None:
        """Hand out what the journal has decided; the committer brings it into the sheet when it can."""
        ticket = self._committer.promise(number)
        if ticket is None:
            return None
        inventory = self._pool.inventory
        draft = Settlement(
            taken=tuple(ticket.taken),
            failures=tuple(ticket.failures),
            read_at=inventory.read_at if inventory else 0.0,
            pending=True,
        )
        try:
            settlement, promised = await self._journal.promise(number, list(ticket.asks), draft)
        except StorageError:
            ticket.promised, ticket.give_up_at = False, self._clock.monotonic()
            raise
        for allocation_id in promised:
            if (current := self._pool.ledger.get(allocation_id)) is not None:
                self._pool.put(replace(current, promised=True))
        return settlement

    def _replaced_in_pool(self, allocations: Collection[Allocation]) -> int:
        for allocation in allocations:
            self._pool.put(allocation)
        return len(allocations)

    async def _once(self, request: Request, params: str) -> Request | None:
        """The request as it was made before; raises RequestConflict where the key meant another thing."""
        known = (await self._journal.find([request.key])).get(request.key)
        if known is not None and known.params != params:
            raise RequestConflict("this request was made before, with other parameters")
        return known

    def _new_key(self) -> str:
        return self._new_id() + self._new_id()


def receipt_of(request: Request, settlement: Settlement, *, repeated: bool) -> Receipt:
    """What the request has cost, and what it rests on."""
    return Receipt(request.number, settlement.reads, settlement.writes, settlement.read_at, repeated=repeated)
