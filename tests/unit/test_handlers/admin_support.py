"""An admin's chat: the records and the audit in a database, people and the desk's rulings from memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat_support import ADMIN, POOL, USER, ChatDesk, Undemanding, a_proxy
from new_schema import upgrade

from bot.errors import NotYours
from bot.models.allocation import Allocation, State
from bot.models.results import Held, Receipt, ResourceStock, Returned
from bot.resilience.clock import ManualClock
from bot.resilience.slots import resting
from bot.services.audit import Audit
from bot.services.history import History
from bot.storage import allocations
from bot.storage.audit import AuditStore
from bot.storage.database import Database
from bot.storage.history import HistoryStore

NOW = 1_800_000_000.0


@dataclass(frozen=True)
class Someone:
    user_id: int
    name: str
    asked_at: float | None = None
    blocked_at: float | None = None


class MemoryPeople(Undemanding):
    """Two who are in, one who asks."""

    def everybody(self) -> tuple[Someone, ...]:
        return Someone(ADMIN, "@admin"), Someone(USER, "@boris"), Someone(1003, "@new", asked_at=NOW)


@dataclass
class MemoryRulings:
    """Frees and freezes; `refusals` are raised instead, one after the other; `gate` holds answers back."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    refusals: list[Exception] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def release_for(self, allocation_ids, user_id, admin_id, *, request_key):
        return await self._done("release", (tuple(allocation_ids), user_id, admin_id, request_key))

    async def revive(self, allocation, admin_id, *, request_key):
        return await self._done("revive", ((allocation,), admin_id, request_key))

    async def freeze(self, resource, admin_id):
        self.asked.append(("freeze", resource, admin_id))
        before = len(self.frozen)
        self.frozen.add(resource)
        return len(self.frozen) > before

    async def thaw(self, resource, admin_id):
        self.asked.append(("thaw", resource, admin_id))
        changed = resource in self.frozen
        self.frozen.discard(resource)
        return changed

    async def _done(self, what: str, arguments: tuple[Any, ...]) -> Returned:
        self.asked.append((what, *arguments))
        async with resting():
            await self.gate.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        if not arguments[0]:
            raise NotYours("none")
        return Returned(arguments[0], (), Receipt(1042, 1, 1, NOW))


class AdminChat(ChatDesk):
    """What an admin's commands need is passed in, as the composition root does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rulings = MemoryRulings()
        self.audit = Audit(AuditStore(database), ManualClock(NOW))
        history = History(HistoryStore(database), self.audit)
        super().__init__(people=MemoryPeople(), audit=self.audit, history=history, rulings=self.rulings)
        self.desk.pool = POOL
        self.stock = [ResourceStock("beboo", 55, False, 0), ResourceStock("avito", 3, True, 0)]
        self.desk.resources = self.resources

    async def resources(self) -> list[ResourceStock]:
        return self.stock

    async def tap(self, label: str, user: int = ADMIN) -> None:
        """Press the button under the last message whose label begins like this."""
        [data] = [data for text, data in self.buttons if text.startswith(label)]
        await self.press(data, user)

    async def given(self, *records: Allocation) -> None:
        """What was handed out before."""
        tokens = {each.key: b"SECRET" for each in records}
        await self.database.write(lambda connection: allocations.add(connection, records, tokens, NOW))


@asynccontextmanager
async def open_admin_chat(folder: Path) -> AsyncIterator[AdminChat]:
    """The chat over a new database."""
    database = Database(f"sqlite:///{folder / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    try:
        yield AdminChat(database)
    finally:
        await database.close()


def allocation(number: int, state: State = State.TAKEN, **changes: Any) -> Allocation:
    """One that Boris has; id, proxy, row and request follow from the number."""
    fields: dict[str, Any] = {
        "id": f"id{number:06}",
        "request": number,
        "key": f"192.0.2.{number}:8080:login:mac",
        "resource": "beboo",
        "user_id": USER,
        "name": "@boris",
        "issued_on": "2026-11-22",
        "state": state,
        "row": number,
    }
    return Allocation(**{**fields, **changes})


def held(number: int, **changes: Any) -> Held:
    """The same as the desk tells of it."""
    fields: dict[str, Any] = {
        "allocation": f"id{number:06}",
        "resource": "beboo",
        "proxy": a_proxy(number),
        "issued_on": f"2026-11-{number:02}",
        "settled": True,
    }
    return Held(**{**fields, **changes})
