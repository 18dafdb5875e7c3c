"""The inbox: raw updates, encrypted, from their arrival until they are done; their numbers a while longer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    bindparam,
    cast,
    delete,
    func,
    insert,
    null,
    select,
    update,
)

from bot.resilience.batching import Batcher
from bot.services.intake import RawUpdate, Stored
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.prepared import Prepared, Value
from bot.storage.tables import inbox

FORGET_CHUNK = 1_000
CALLS_AT_ONCE = 256
LARGEST_ID = 2**63 - 1

Tokens = dict[int, str]  # encrypted updates by their numbers

encoded = json.JSONEncoder(separators=(",", ":")).encode

_numbers = func.json_each(bindparam("numbers")).table_valued("value", name="numbers")
_brought = func.json_each(bindparam("brought")).table_valued("key", "value", name="brought")
_ours = (inbox.c.bot_id == bindparam("of_bot"), inbox.c.update_id.in_(select(_numbers.c.value)))

# One statement for all rows: after each that is sent to SQLite the writer waits for its turn among the threads.
KNOWN = Prepared(select(inbox.c.update_id).where(*_ours))
NEW = Prepared(
    insert(inbox).from_select(
        ["bot_id", "update_id", "payload", "received_at"],
        select(
            bindparam("of_bot"),
            cast(_brought.c.key, BigInteger),
            cast(_brought.c.value, LargeBinary),
            bindparam("now"),
        ),
    )
)
DONE = Prepared(
    update(inbox).where(*_ours, inbox.c.done_at.is_(None)).values(done_at=bindparam("now"), payload=null())
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a call asks for: to keep what was `brought`, or to wipe what is `done`."""

    now: float
    brought: Tokens = field(default_factory=dict)
    done: int | None = None


class Inbox:
    """The inbox of one bot; a call that raises StorageError had no effect."""

    def __init__(self, db: Database, cipher: Cipher, bot_id: int) -> None:
        self._db = db
        self._cipher = cipher
        self._bot_id = bot_id
        self._changes: Batcher[Change, set[int]] = Batcher(self._change_all, limit=CALLS_AT_ONCE)

    async def store(self, updates: Sequence[RawUpdate], now: float) -> list[Stored]:
        """Store them in one transaction; returns those that were not known, in their order. `now` is the same for those
        that come together, and so is that of `done`: the latest.
        """
        by_id = {raw["update_id"]: raw for raw in updates}
        if not by_id:
            return []
        if max(by_id) > LARGEST_ID:
            raise OverflowError("an update id that SQLite cannot hold")
        tokens = {update_id: self._closed(raw) for update_id, raw in by_id.items()}
        new = await self._changes.submit(Change(now, tokens))
        return [Stored(update_id, raw, now) for update_id, raw in by_id.items() if update_id in new]

    async def done(self, update_id: int, now: float) -> None:
        """Wipe the update's content; its number stays, so that a repeat is known as one."""
        await self._changes.submit(Change(now, done=update_id))

    async def open_updates(self, after: int | None, limit: int) -> list[Stored]:
        """The first `limit` not done, by update id, of those above `after` (None: from the start)."""
        statement = (
            select(inbox.c.update_id, inbox.c.payload, inbox.c.received_at)
            .where(inbox.c.bot_id == self._bot_id, inbox.c.done_at.is_(None))
            .order_by(inbox.c.update_id)
            .limit(limit)
        )
        if after is not None:
            statement = statement.where(inbox.c.update_id > after)
        rows = await self._db.read(lambda connection: connection.execute(statement).all())
        return [Stored(row.update_id, self._opened(row.payload), row.received_at) for row in rows]

    async def forget(self, before: float) -> int:
        """Delete what was done before that time, in chunks that let others write in between; how many."""
        chunk = (
            select(inbox.c.update_id)
            .where(inbox.c.bot_id == self._bot_id, inbox.c.done_at < before)
            .limit(FORGET_CHUNK)
        )
        statement = delete(inbox).where(inbox.c.bot_id == self._bot_id, inbox.c.update_id.in_(chunk))
        forgotten = 0
        while gone := await self._db.write(lambda connection: connection.execute(statement).rowcount):
            forgotten += gone
        return forgotten

    async def last_update_id(self) -> int | None:
        """The highest number that is remembered, done or not."""
        statement = select(func.max(inbox.c.update_id)).where(inbox.c.bot_id == self._bot_id)
        return await self._db.read(lambda connection: connection.execute(statement).scalar())

    async def _change_all(self, changes: Sequence[Change]) -> list[set[int]]:
        """Whoever was first with an update has it, and it is known to the others."""
        now = max(change.now for change in changes)
        tokens: Tokens = {}
        for change in reversed(changes):
            tokens |= change.brought
        done = [change.done for change in changes if change.done is not None]
        new = await self._db.write(lambda connection: self._write(connection, tokens, done, now))
        found = []
        for change in changes:
            found.append(new.intersection(change.brought))
            new -= found[-1]
        return found

    def _write(self, connection: Connection, tokens: Tokens, done: Sequence[int], now: float) -> set[int]:
        if done:
            DONE.run(connection, {"of_bot": self._bot_id, "numbers": json.dumps(done), "now": now})
        return self._insert(connection, tokens, now) if tokens else set()

    def _insert(self, connection: Connection, tokens: Tokens, now: float) -> set[int]:
        values: dict[str, Value] = {"of_bot": self._bot_id, "now": now}
        try:
            NEW.run(connection, values | {"brought": json.dumps(tokens)})
        except sqlite3.IntegrityError:
            numbers = json.dumps(list(tokens))
            known = {number for (number,) in KNOWN.run(connection, values | {"numbers": numbers})}
            tokens = {number: token for number, token in tokens.items() if number not in known}
            NEW.run(connection, values | {"brought": json.dumps(tokens)})
        return set(tokens)

    def _closed(self, raw: RawUpdate) -> str:
        return self._cipher.encrypt(encoded(raw).encode()).decode()

    def _opened(self, payload: bytes) -> RawUpdate:
        raw: RawUpdate = json.loads(self._cipher.decrypt(payload))
        return raw
