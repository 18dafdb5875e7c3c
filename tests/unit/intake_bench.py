"""An intake on the real database, with a Telegram made of a dict and a clock ticked by hand."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from new_schema import upgrade

from bot.errors import StorageError
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.intake import Intake, Stored
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.inbox import Inbox

Handler = Callable[[dict[str, Any]], Awaitable[None]]


def message(update_id: int, user: int = 7, words: str = "hello") -> dict[str, Any]:
    body = {"chat": {"id": user}, "from": {"id": user}, "text": words}
    return {"update_id": update_id, "message": body}


class FakeTelegram:
    """Gives updates as Telegram does: again and again, until a later offset confirms them."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.asked_at: list[float] = []
        self.empty_answers = 0
        self.registered: asyncio.Queue[int] = asyncio.Queue()
        self.refusals: list[Exception] = []
        self.pending: dict[int, dict[str, Any]] = {}
        self.errors: list[Exception] = []
        self.offsets: asyncio.Queue[int | None] = asyncio.Queue()
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.ended: list[int] = []
        self.signs: list[tuple[int, bool]] = []
        self.handlers: dict[int, Handler] = {}
        self._arrived = asyncio.Event()

    def send(self, *updates: dict[str, Any]) -> None:
        self.pending.update((update["update_id"], update) for update in updates)
        self._arrived.set()

    async def register(self) -> None:
        self.registered.put_nowait(len(self.asked_at))
        if self.refusals:
            raise self.refusals.pop(0)

    async def fetch(self, offset: int | None, timeout: int) -> Sequence[dict[str, Any]]:
        self.offsets.put_nowait(offset)
        self.asked_at.append(self._clock.time())
        if self.errors:
            raise self.errors.pop(0)
        for update_id in [known for known in self.pending if known < (offset or 0)]:
            del self.pending[update_id]
        if not self.pending and self.empty_answers:
            self.empty_answers -= 1
            return []
        if not self.pending:
            self._arrived.clear()
            await self._arrived.wait()
        return [self.pending[update_id] for update_id in sorted(self.pending)][:100]

    async def handle(self, update: dict[str, Any]) -> None:
        update_id = update["update_id"]
        self.begun.put_nowait(update_id)
        if update_id in self.handlers:
            await self.handlers[update_id](update)
        self.ended.append(update_id)

    async def show_waiting(self, update: dict[str, Any], *, late: bool) -> None:
        self.signs.append((update["update_id"], late))

    async def begins(self, count: int = 1) -> list[int]:
        """The next `count` updates that reach their handler."""
        return [await asyncio.wait_for(self.begun.get(), 5) for _ in range(count)]

    async def confirmed(self, offset: int | None) -> None:
        """Return when the intake asks with that offset."""
        while await asyncio.wait_for(self.offsets.get(), 5) != offset:
            pass


@dataclass
class Bench:
    """An intake and its surroundings."""

    db: Database
    inbox: Inbox
    clock: ManualClock = field(default_factory=ManualClock)
    supervisor: Supervisor = field(default_factory=Supervisor)

    def __post_init__(self) -> None:
        self.telegram = FakeTelegram(self.clock)

    def intake(self, *, inbox: Any = None, **bounds: int) -> Intake:
        return Intake(
            self.telegram,
            inbox or self.inbox,
            clock=self.clock,
            supervisor=self.supervisor,
            jitter=random.Random(1),
            **bounds,
        )

    def start(self, **options: Any) -> tuple[Intake, asyncio.Task[None]]:
        intake = self.intake(**options)
        return intake, self.supervisor.start(intake.run(), name="intake")

    async def open_ids(self) -> list[int]:
        return [stored.update_id for stored in await self.inbox.open_updates(None, 100)]


def waiting_for(gate: asyncio.Event) -> Handler:
    """A handler that ends when the gate is opened."""

    async def wait(_: dict[str, Any]) -> None:
        await gate.wait()

    return wait


@asynccontextmanager
async def intake_bench(folder: Path) -> AsyncIterator[Bench]:
    """A bench on a new database in `folder`; whatever runs is ended with it."""
    db = Database(f"sqlite:///{folder / 'bot.db'}")
    await db.start()
    await db.migrate(upgrade)
    bench = Bench(db, Inbox(db, Cipher([Fernet.generate_key().decode()]), bot_id=1))
    yield bench
    await bench.supervisor.close()
    await db.close()


class FailingInbox(Inbox):
    """Fails `failures` times to store, as a full disk does."""

    failures = 0

    async def store(self, updates: Sequence[dict[str, Any]], now: float) -> list[Stored]:
        if self.failures:
            self.failures -= 1
            raise StorageError("disk full")
        return await super().store(updates, now)


def failing_inbox(bench: Bench, failures: int) -> FailingInbox:
    inbox = FailingInbox(bench.db, Cipher([Fernet.generate_key().decode()]), bot_id=1)
    inbox.failures = failures
    return inbox
