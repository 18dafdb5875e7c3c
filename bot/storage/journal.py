"""The journal: what was promised to whom, written before the sheet is. Each method is one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, replace

from sqlalchemy import Connection

from bot.models.allocation import Allocation, State
from bot.models.audit import Act
from bot.models.notice import Notice
from bot.models.outcome import Outcome
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Request, Settlement
from bot.resilience.clock import Clock
from bot.storage import allocations, audit, outbox, requests
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore, Prepared
from bot.storage.standing import Standing


class Journal(Standing):
    """Requests and allocations; credentials are encrypted before they reach the database."""

    def __init__(
        self, database: Database, cipher: Cipher, clock: Clock, posted: Callable[[], None] = lambda: None
    ) -> None:
        """`posted` is called when notices were written."""
        super().__init__(database, cipher, clock)
        self._posted = posted
        self._outbox = OutboxStore(database, cipher)

    async def last_number(self) -> int:
        """The highest request number so far."""
        return await self._database.read(requests.last_number)

    async def live(self) -> list[Allocation]:
        """Every live allocation, oldest first."""
        return await self._database.read(allocations.live)

    async def changed_since(self, moment: float) -> list[Allocation]:
        """Allocations that changed after `moment`, live or not."""
        return await self._database.read(lambda connection: allocations.changed_since(connection, moment))

    async def resources(self) -> set[str]:
        """Every resource that was ever allocated."""
        return await self._database.read(allocations.resources)

    async def open_requests(self) -> list[Request]:
        """Requests without an answer, oldest first."""
        return await self._database.read(requests.open_requests)

    async def find(self, keys: Sequence[str]) -> dict[str, Request]:
        """The requests with these keys."""
        return await self._database.read(lambda connection: requests.by_keys(connection, keys))

    async def open(
        self,
        new: Sequence[Request],
        drafts: Sequence[Allocation],
        endpoints: Mapping[str, Endpoint],
        claims: Sequence[Claim] = (),
    ) -> tuple[set[str], list[Allocation]]:
        """Store requests with their allocations (endpoints by proxy key), and turn reservations into takes.

        Returns the ids of the drafts that conflict with nothing, and the claimed reservations.
        """
        now = self._clock.time()

        def unit(connection: Connection) -> tuple[set[str], list[Allocation]]:
            requests.add(connection, new, now)
            added = allocations.add(connection, drafts, self._encrypted(endpoints), now)
            claimed = [each for claim in claims for each in allocations.claim(connection, claim, now)]
            return added, claimed

        return await self._database.write(unit)

    async def begin_release(
        self,
        request: Request,
        ids: Sequence[str],
        *,
        since: Iterable[State] = (State.TAKEN,),
        acts: Sequence[Act] = (),
    ) -> list[Allocation]:
        """To `releasing` what the user has in one of the states `since`; returns those that changed."""
        now = self._clock.time()

        def unit(connection: Connection) -> list[Allocation]:
            requests.add(connection, [request], now)
            leaving = allocations.move(
                connection,
                ids,
                State.RELEASING,
                since=since,
                now=now,
                user_id=request.user_id,
                release_request=request.number,
            )
            audit.append(connection, acts if leaving else (), now)
            return leaving

        return await self._database.write(unit)

    async def mark(
        self, request: Request, ids: Sequence[str], state: State, reason: str, acts: Sequence[Act]
    ) -> list[Allocation]:
        """`taken` → `spent` or `bad` for what the user holds; returns those that changed."""
        now = self._clock.time()

        def unit(connection: Connection) -> list[Allocation]:
            requests.add(connection, [request], now)
            marked = allocations.move(
                connection, ids, state, since={State.TAKEN}, now=now, user_id=request.user_id, reason=reason
            )
            audit.append(connection, acts if marked else (), now)
            settlement = Settlement(released=tuple(each.id for each in marked))
            requests.settle(connection, {request.number: settlement}, now)
            return marked

        return await self._database.write(unit)

    async def hand_over(
        self, request: Request, allocation_id: str, to_user: int, to_name: str, acts: Sequence[Act]
    ) -> list[Allocation]:
        """What the user holds is a colleague's from now on; returns it, if it was the user's."""
        now = self._clock.time()

        def unit(connection: Connection) -> list[Allocation]:
            requests.add(connection, [request], now)
            moved = allocations.hand_over(connection, allocation_id, request.user_id, to_user, to_name, now)
            audit.append(connection, acts if moved else (), now)
            settlement = Settlement(taken=tuple(each.id for each in moved))
            requests.settle(connection, {request.number: settlement}, now)
            return moved

        return await self._database.write(unit)

    async def extend(self, number: int, user_id: int, until: float) -> list[Allocation]:
        """Keep a preview until `until`, once; returns what was kept longer."""
        now = self._clock.time()

        def unit(connection: Connection) -> list[Allocation]:
            request = requests.by_number(connection, number)
            if request is None or request.settlement is None or request.settlement.extended:
                return []
            kept = allocations.extend(connection, number, user_id, until, now)
            if kept:
                requests.resettle(connection, number, replace(request.settlement, extended=True))
            return kept

        return await self._database.write(unit)

    async def promise(
        self, number: int, ids: Sequence[str], settlement: Settlement
    ) -> tuple[Settlement, list[str]]:
        """Hand out, before the sheet shows them, those of the ids that have not failed; settle the request.

        Returns its settlement (the former one where it had one) and the ids that were handed out now.
        """
        now = self._clock.time()

        def unit(connection: Connection) -> tuple[Settlement, list[str]]:
            request = requests.by_number(connection, number)
            if request is None or request.settlement is not None:
                return (request.settlement if request and request.settlement else settlement), []
            promised = allocations.promise(connection, ids, now)
            answer = replace(settlement, taken=(*settlement.taken, *promised))
            requests.settle(connection, {number: answer}, now)
            return answer, promised

        return await self._database.write(unit)

    async def of_request(self, number: int) -> list[str]:
        """The ids that a request has come to, those that failed left out."""
        return await self._database.read(lambda connection: allocations.of_request(connection, number))

    async def request(self, number: int) -> Request | None:
        """The request of that number."""
        return await self._database.read(lambda connection: requests.by_number(connection, number))

    async def begin(
        self,
        queued: Sequence[str],
        spares: Mapping[str, Allocation],
        endpoints: Mapping[str, Endpoint],
    ) -> set[str]:
        """Before a write: `queued` → `taking`, and spares straight to `taking`; returns the ids that are now.

        `spares`: each by the id of the allocation whose place it takes.
        """
        now = self._clock.time()

        def unit(connection: Connection) -> set[str]:
            begun = allocations.begin(connection, queued, now)
            added = allocations.add(connection, list(spares.values()), self._encrypted(endpoints), now)
            allocations.replace(connection, [lost for lost, spare in spares.items() if spare.id in added])
            return begun | added

        return await self._database.write(unit)

    async def settle(self, outcome: Outcome) -> None:
        """After a write: what the sheet confirmed, and the answers of the requests that are complete."""
        now, notices = self._clock.time(), self._outbox.prepare(outcome.notices)

        def unit(connection: Connection) -> None:
            allocations.take(connection, outcome.taken, outcome.moved, now)
            allocations.move(
                connection, outcome.failed, State.FAILED, since={State.QUEUED, State.TAKING}, now=now
            )
            allocations.move(connection, outcome.released, State.RELEASED, since={State.RELEASING}, now=now)
            allocations.keep(connection, outcome.kept, now)
            requests.settle(connection, outcome.settlements, now)
            audit.append(connection, outcome.acts, now)
            outbox.add(connection, notices, now)

        await self._database.write(unit)
        self._tell(notices)

    async def note_missing(
        self, missing: Sequence[str], back: Sequence[str], since: float, acts: Sequence[Act] = ()
    ) -> None:
        """A reading of the sheet, begun at `since`, did not find the entries of these; those of others are back."""

        def unit(connection: Connection) -> None:
            audit.append(connection, acts, self._clock.time())
            allocations.note_missing(connection, missing, since)
            allocations.note_missing(connection, back, None)

        await self._database.write(unit)

    async def free(
        self, ids: Sequence[str], acts: Mapping[str, Act], notices: Sequence[Notice]
    ) -> list[Allocation]:
        """People have deleted the entries of these: they are free; returns them. `acts`: one for each id."""
        now, told = self._clock.time(), self._outbox.prepare(notices)

        def unit(connection: Connection) -> list[Allocation]:
            since = {State.TAKEN, State.SPENT, State.BAD}
            freed = allocations.move(connection, ids, State.RELEASED, since=since, now=now)
            audit.append(connection, [acts[each.id] for each in freed], now)
            outbox.add(connection, told, now)
            return freed

        freed = await self._database.write(unit)
        self._tell(told)
        return freed

    async def rekey(
        self, old: str, key: str, endpoint: Endpoint, acts: Sequence[Act], notices: Sequence[Notice]
    ) -> list[Allocation]:
        """A proxy's password was changed: what is held of it is held under its new key; returns that."""
        now, told = self._clock.time(), self._outbox.prepare(notices)
        token = self._encrypted({key: endpoint})[key]

        def unit(connection: Connection) -> list[Allocation]:
            moved = allocations.rekey(connection, old, key, token, now)
            audit.append(connection, acts if moved else (), now)
            outbox.add(connection, told, now)
            return moved

        moved = await self._database.write(unit)
        self._tell(told)
        return moved

    async def released_by(self, request: int) -> list[str]:
        """The ids that a request to give back has released so far."""
        return await self._database.read(lambda connection: allocations.released_by(connection, request))

    async def expire(self) -> list[Allocation]:
        """End the reservations whose time is over; returns them."""
        now = self._clock.time()
        return await self._database.write(lambda connection: allocations.expire(connection, now))

    async def cancel(
        self, user_id: int, *, request: int | None = None, turns: bool = True, sparing: str = ""
    ) -> list[Allocation]:
        """Drop a user's reservations, of one request or all, turns in a line too or not; returns them.

        `sparing`: but those of the request with that key.
        """
        now = self._clock.time()
        return await self._database.write(
            lambda connection: allocations.cancel(
                connection, user_id, now, request=request, turns=turns, sparing=sparing
            )
        )

    async def endpoints(self, ids: Sequence[str]) -> dict[str, tuple[Allocation, Endpoint]]:
        """Allocations with their decrypted endpoints, by id, in whatever state they are."""
        found = await self._database.read(lambda connection: allocations.with_credentials(connection, ids))
        return {
            key: (allocation, Endpoint(*json.loads(self._cipher.decrypt(token))))
            for key, (allocation, token) in found.items()
        }

    async def forget_requests(self, before: float) -> int:
        """Delete requests that were settled before `before`; returns how many."""
        return await self._database.write(lambda connection: requests.forget(connection, before))

    def _tell(self, notices: Sequence[Prepared]) -> None:
        if notices:
            self._posted()

    def _encrypted(self, endpoints: Mapping[str, Endpoint]) -> dict[str, bytes]:
        return {
            key: self._cipher.encrypt(json.dumps(astuple(endpoint)).encode())
            for key, endpoint in endpoints.items()
        }
