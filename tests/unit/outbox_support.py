"""An outbox in memory, readers with wishes, and a courier who notes what he brings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from bot.errors import StorageError
from bot.models.delivery import Outcome, Parcel
from bot.models.notice import Kind, Notice
from bot.models.person import Preferences
from bot.models.role import Role
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.outbox import Outbox
from bot.services.relay import Courier, Relay

ANNA, BORIS, CHIEF = 7, 8, 1


@dataclass
class _Row:
    notice: Notice
    due_at: float
    created_at: float
    attempts: int = 0
    outcome: Outcome | None = None
    done_at: float | None = None


class MemoryOutbox:
    """The outbox table's twin; each of `failures` is raised instead of the next change, a look takes `looking`."""

    def __init__(self) -> None:
        self.looking: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.rows: dict[int, _Row] = {}
        self.memory: dict[str, Any] = {}
        self.failures: list[Exception] = []

    async def post(
        self, notices: Iterable[Notice], now: float, memory: Mapping[str, object] | None = None
    ) -> int:
        self._fail()
        self.memory.update(memory or {})
        known = {row.notice.key for row in self.rows.values() if row.notice.key}
        new = [notice for notice in notices if notice.key not in known]
        for number, notice in enumerate(new, start=max(self.rows, default=0) + 1):
            self.rows[number] = _Row(notice, now, now)
        return len(new)

    async def recall(self, name: str) -> Any:
        return self.memory.get(name)

    async def due(self, now: float, limit: int) -> list[Parcel]:
        self._fail()
        heads: dict[int, Parcel] = {}
        held_up = {row.notice.to for row in self._open().values() if row.attempts and row.due_at > now}
        for number, row in self._open().items():
            if row.due_at <= now and row.notice.to not in held_up:
                parcel = Parcel(number, row.notice.to, row.notice, row.created_at, row.attempts)
                heads.setdefault(row.notice.to, parcel)
        await self.looking()
        return list(heads.values())[:limit]

    async def next_due(self, after: float) -> float | None:
        return min((row.due_at for row in self._open().values() if row.due_at > after), default=None)

    async def postpone(self, number: int, until: float, attempts: int) -> None:
        self._fail()
        self.rows[number].due_at, self.rows[number].attempts = until, attempts

    async def hasten(self, to: int, now: float) -> None:
        for row in self._open().values():
            if row.notice.to == to and not row.attempts:
                row.due_at = min(row.due_at, now)

    async def done(self, number: int, outcome: Outcome, now: float) -> None:
        self._fail()
        self.rows[number].outcome, self.rows[number].done_at = outcome, now

    async def forget(self, before: float) -> int:
        old = [
            number for number, row in self.rows.items() if row.done_at is not None and row.done_at < before
        ]
        for number in old:
            del self.rows[number]
        return len(old)

    @property
    def outcomes(self) -> list[Outcome | None]:
        """What became of each, in their order; None: not done."""
        return [row.outcome for row in self.rows.values()]

    def _open(self) -> dict[int, _Row]:
        return {number: row for number, row in sorted(self.rows.items()) if row.done_at is None}

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class Readers:
    """Everybody is a user and likes it as it is; the chief is an admin."""

    roles: dict[int, Role | None] = field(default_factory=lambda: {CHIEF: Role.ADMIN})
    preferences: dict[int, Preferences] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)

    def admins(self) -> list[int]:
        return [user_id for user_id, role in self.roles.items() if role is Role.ADMIN]

    def role_of(self, user_id: int) -> Role | None:
        return self.roles.get(user_id, Role.USER)

    def preferences_of(self, user_id: int) -> Preferences:
        return self.preferences.get(user_id, Preferences())

    def is_blocked(self, user_id: int) -> bool:
        return user_id in self.blocked

    async def mark_blocked(self, user_id: int) -> None:
        self.blocked.add(user_id)


class NotingCourier:
    """Notes what is brought: when, to whom, what. `troubles` hold errors by chat, raised one after the other."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._began = clock.time()
        self.brought: list[tuple[float, int, object]] = []
        self.tried: list[tuple[float, int]] = []
        self.troubles: dict[int, list[Exception]] = {}
        self.doors: dict[int, asyncio.Event] = {}
        self.inside = 0
        self.most_inside = 0

    async def deliver(self, notice: Notice, number: int, created_at: float) -> None:
        self.tried.append((self._now, notice.to))
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            if notice.to in self.doors:
                await self.doors[notice.to].wait()
        finally:
            self.inside -= 1
        if troubles := self.troubles.get(notice.to):
            raise troubles.pop(0)
        self.brought.append((self._now, notice.to, notice.data.get("say")))

    @property
    def said(self) -> list[tuple[int, object]]:
        """To whom what was brought, in that order."""
        return [(to, what) for _, to, what in self.brought]

    @property
    def _now(self) -> float:
        return round(self._clock.time() - self._began, 3)


class OutboxBench:
    """The outbox and its relay over memory; `start` runs the relay until `close`."""

    def __init__(self, *, zone: tzinfo = UTC, webhook: Courier | None = None) -> None:
        self.clock = ManualClock()
        self.store = MemoryOutbox()
        self.people = Readers()
        self.courier = NotingCourier(self.clock)
        self.supervisor = Supervisor()
        self.relay = Relay(
            self.store,
            self.courier,
            webhook,
            self.supervisor,
            self.clock,
            random.Random(1),
            people=self.people,
            on_blocked=self.people.mark_blocked,
            zone=zone,
        )
        self.outbox = Outbox(self.store, self.people, self.clock, self.relay.wake)
        self.running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.running = self.supervisor.start(self.relay.run(), name="relay")

    async def say(self, to: int, what: str, kind: Kind = Kind.EXPIRES, **data: Any) -> None:
        """Put a notice into the outbox."""
        await self.outbox.tell(to, kind, {"say": what, **data})

    async def settle(self, seconds: float = 0.0) -> None:
        """Let time pass, and everybody do what they can."""
        await self.clock.tick(seconds)
        await self.clock.tick(0)

    async def close(self) -> None:
        await self.supervisor.close()


def broken(times: int = 1) -> list[Exception]:
    """A database that refuses so often."""
    return [StorageError("disk full") for _ in range(times)]
