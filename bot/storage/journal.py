"""The journal: what was promised to whom, written before the sheet is. Each method is one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from sqlalchemy import Connection, insert, select

from bot.models.allocation import Allocation, State
from bot.models.outcome import Outcome
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Request
from bot.resilience.clock import Clock
from bot.storage import allocations, requests
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.tables import meta

SALT = "proxy_key_salt"


class Journal:
    """Requests and allocations; credentials are encrypted before they reach the database."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    async def salt(self) -> bytes:
        """The salt of the proxy keys; made on first use and never changed."""
        fresh = secrets.token_bytes(32)
        token = self._cipher.encrypt(fresh)

        def unit(connection: Connection) -> bytes:
            stored = connection.scalar(select(meta.c.value).where(meta.c.name == SALT))
            if stored is None:
                connection.execute(insert(meta).values(name=SALT, value=token))
            return stored or token

        return self._cipher.decrypt(await self._database.write(unit))

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
            claimed = [each for claim in claims for each in _claim(connection, claim, now)]
            return added, claimed

        return await self._database.write(unit)

    async def begin_release(self, request: Request, ids: Sequence[str]) -> list[Allocation]:
        """`taken` → `releasing` for what the user holds; returns those that changed."""
        now = self._clock.time()

        def unit(connection: Connection) -> list[Allocation]:
            requests.add(connection, [request], now)
            return allocations.move(
                connection,
                ids,
                State.RELEASING,
                since={State.TAKEN},
                now=now,
                user_id=request.user_id,
                release_request=request.number,
            )

        return await self._database.write(unit)

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
        now = self._clock.time()

        def unit(connection: Connection) -> None:
            allocations.take(connection, outcome.taken, outcome.moved, now)
            allocations.move(
                connection, outcome.failed, State.FAILED, since={State.QUEUED, State.TAKING}, now=now
            )
            allocations.move(connection, outcome.released, State.RELEASED, since={State.RELEASING}, now=now)
            allocations.move(connection, outcome.kept, State.TAKEN, since={State.RELEASING}, now=now)
            requests.settle(connection, outcome.settlements, now)

        await self._database.write(unit)

    async def released_by(self, request: int) -> list[str]:
        """The ids that a request to give back has released so far."""
        return await self._database.read(lambda connection: allocations.released_by(connection, request))

    async def expire(self) -> list[Allocation]:
        """End the reservations whose time is over; returns them."""
        now = self._clock.time()
        return await self._database.write(lambda connection: allocations.expire(connection, now))

    async def cancel(self, user_id: int) -> list[Allocation]:
        """Drop a user's reservations; returns them."""
        now = self._clock.time()
        return await self._database.write(lambda connection: allocations.cancel(connection, user_id, now))

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

    def _encrypted(self, endpoints: Mapping[str, Endpoint]) -> dict[str, bytes]:
        return {
            key: self._cipher.encrypt(json.dumps(astuple(endpoint)).encode())
            for key, endpoint in endpoints.items()
        }


def _claim(connection: Connection, claim: Claim, now: float) -> list[Allocation]:
    return allocations.move(
        connection,
        claim.ids,
        State.QUEUED,
        since={State.RESERVED},
        now=now,
        user_id=claim.user_id,
        unlapsed=True,
        request=claim.request,
        name=claim.name,
        expires_at=None,
    )
