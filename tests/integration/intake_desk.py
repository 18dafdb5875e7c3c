"""A bot of one handler on a real socket, which gets its updates in one of two ways, life after life."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiogram import Dispatcher
from aiogram.types import Message
from aiohttp.test_utils import unused_port
from new_schema import upgrade
from telegram_bench import TelegramBench

from bot.errors import StorageError
from bot.gateways.telegram import TelegramUpdates, WebhookAddress
from bot.resilience.clock import Clock, ManualClock, SystemClock
from bot.resilience.tasks import Supervisor
from bot.services.intake import Intake, RawUpdate, Stored
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.inbox import Inbox
from bot.web.server import listening
from bot.web.webhook import update_app

Way = Literal["polling", "webhook"]

SECRET = "canary-Secret_of-the-webhook"
HOOK_PATH = "/updates"


@dataclass
class IntakeDesk:
    """A bot whose one handler waits at `gate` and then has its effect: the message's text, counted.

    `failures`: how many attempts to store fail, as on a full disk; `stored` is called after one that did not.
    """

    telegram: TelegramBench
    path: Path
    key: str
    way: Way
    effects: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    begun: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    gate: Callable[[str], Awaitable[object]] = field(default=lambda _: asyncio.sleep(0))
    failures: int = 0
    stored: Callable[[], None] = field(default=lambda: None)

    async def handle(self, message: Message) -> None:
        text = message.text or ""
        self.begun.put_nowait(text)
        await self.gate(text)
        async with self.changed:
            self.effects[text] += 1
            self.order.append(text)
            self.changed.notify_all()

    async def send(self, text: str, user: int = 7) -> int:
        """Somebody writes; the update's number."""
        number: int = (await self.telegram.act("send", user=user, text=text))["update_id"]
        return number

    async def begins(self, count: int) -> list[str]:
        return [await asyncio.wait_for(self.begun.get(), 10) for _ in range(count)]

    async def has(self, texts: set[str]) -> None:
        """Return when each of the texts had its effect."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: texts <= set(self.effects))

    async def pending(self) -> int:
        """How many updates Telegram still keeps for the bot."""
        count: int = (await self.telegram.see("state"))["pending"]
        return count

    async def confirmed(self) -> None:
        """Return when Telegram has heard that everything is taken."""
        async with asyncio.timeout(10):
            while await self.pending():
                pass

    async def ticked_until(self, clock: ManualClock, look: Callable[[], object]) -> None:
        """Let seconds pass until `look` is true."""
        async with asyncio.timeout(20):
            while not look():
                await clock.tick(1)
                await self.telegram.see("state")

    def life(self, clock: Clock | None = None) -> Life:
        return Life(self, clock or SystemClock())


class DeskInbox(Inbox):
    """Fails to store while its desk says so, and tells it when it did not."""

    def __init__(self, desk: IntakeDesk, db: Database) -> None:
        super().__init__(db, Cipher([desk.key]), desk.telegram.bot.id)
        self._desk = desk

    async def store(self, updates: list[RawUpdate], now: float) -> list[Stored]:  # type: ignore[override]
        if self._desk.failures:
            self._desk.failures -= 1
            raise StorageError("disk full")
        stored = await super().store(updates, now)
        self._desk.stored()
        return stored


class Life:
    """One start of the bot, until it is stopped or killed; a webhook is somewhere else each time."""

    def __init__(self, desk: IntakeDesk, clock: Clock) -> None:
        dispatcher = Dispatcher()
        dispatcher.message.register(desk.handle)
        self.supervisor = Supervisor()
        self.db = Database(f"sqlite:///{desk.path}")
        self.inbox = DeskInbox(desk, self.db)
        self.port = unused_port()
        self.url = f"http://127.0.0.1:{self.port}{HOOK_PATH}"
        self.pushed = desk.way == "webhook"
        webhook = WebhookAddress(self.url, SECRET) if self.pushed else None
        self.intake = Intake(
            TelegramUpdates(desk.telegram.bot, dispatcher, lambda _: True, webhook),
            self.inbox,
            clock=clock,
            supervisor=self.supervisor,
            jitter=random.Random(1),
            pushed=self.pushed,
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Life:
        await self.db.start()
        await self.db.migrate(upgrade)
        if self.pushed:
            app = update_app(self.intake, self.url, SECRET)
            await self._stack.enter_async_context(listening(app, "127.0.0.1", self.port))
        self.supervisor.start(self.intake.run(), name="intake")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Like a kill: whatever runs is cut off where it stands."""
        await self.supervisor.close()
        await self._stack.aclose()
        await self.db.close()

    async def left_open(self, count: int) -> None:
        """Return when that many stored updates are not done."""
        async with asyncio.timeout(10):
            while len(await self.inbox.open_updates(None, 100)) != count:
                pass

    async def health(self, desk: IntakeDesk) -> tuple[int, Any]:
        """What whoever watches over the bot is told."""
        async with desk.telegram.client.get(f"http://127.0.0.1:{self.port}/health") as answer:
            return answer.status, await answer.json()
