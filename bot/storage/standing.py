"""What the desk has to know whatever becomes of single requests: the keys' salt, what is frozen, what is in doubt."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import sqlite

from bot.models.audit import Act
from bot.resilience.clock import Clock
from bot.storage import audit
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.tables import meta

SALT = "proxy_key_salt"
FROZEN = "frozen_resources"
DOUBTS = "doubted_since"
RUNNING = "running"


class Standing:
    """The part of the journal that is kept in the `meta` table, by name."""

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

    async def frozen(self) -> set[str]:
        """The resources that nothing is handed out for."""
        stored = await self._database.read(
            lambda connection: connection.scalar(select(meta.c.value).where(meta.c.name == FROZEN))
        )
        return set(json.loads(stored)) if stored else set()

    async def freeze(self, resources: Collection[str], acts: Sequence[Act]) -> None:
        """From now on nothing is handed out for exactly these."""
        now, value = self._clock.time(), json.dumps(sorted(resources)).encode()
        statement = sqlite.insert(meta).values(name=FROZEN, value=value)
        statement = statement.on_conflict_do_update(index_elements=[meta.c.name], set_={"value": value})

        def unit(connection: Connection) -> None:
            connection.execute(statement)
            audit.append(connection, acts, now)

        await self._database.write(unit)

    async def begin_run(self) -> bool:
        """A process begins to write to the sheet; returns whether the one before it ended in the middle of that."""

        def unit(connection: Connection) -> bool:
            interrupted = connection.scalar(select(meta.c.value).where(meta.c.name == RUNNING)) is not None
            if not interrupted:
                connection.execute(insert(meta).values(name=RUNNING, value=b"1"))
            return interrupted

        return await self._database.write(unit)

    async def end_run(self) -> None:
        """Nothing that this process has written to the sheet is under way any more."""
        await self._database.write(
            lambda connection: connection.execute(delete(meta).where(meta.c.name == RUNNING)) and None
        )

    async def doubted_since(self) -> float | None:
        """Since when writes are in doubt (epoch seconds), as was noted last."""
        stored = await self._database.read(
            lambda connection: connection.scalar(select(meta.c.value).where(meta.c.name == DOUBTS))
        )
        return float(json.loads(stored)) if stored else None

    async def note_doubts(self, since: float | None) -> None:
        """Since when writes are in doubt; None: every one of them is settled."""

        def unit(connection: Connection) -> None:
            connection.execute(delete(meta).where(meta.c.name == DOUBTS))
            if since is not None:
                connection.execute(insert(meta).values(name=DOUBTS, value=json.dumps(since).encode()))

        await self._database.write(unit)
