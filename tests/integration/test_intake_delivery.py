"""Intake, database and aiogram over a real socket: nothing lost, nothing twice, whatever happens between."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiogram import Dispatcher
from aiogram.types import Message
from cryptography.fernet import Fernet
from structlog.testing import capture_logs
from telegram_bench import TelegramBench, telegram_bench

from bot.gateways.telegram import TelegramUpdates
from bot.resilience.clock import Clock, ManualClock, SystemClock
from bot.resilience.tasks import Supervisor
from bot.services.intake import Intake
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.inbox import Inbox
from bot.storage.migrate import upgrade

CANARY = "canary-Xq7-secret"


@dataclass
class Desk:
    """A bot whose one handler waits at `gate` and then has its effect: the message's text, counted."""

    telegram: TelegramBench
    path: Path
    cipher: Cipher
    effects: Counter[str] = field(default_factory=Counter)
    begun: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    gate: Callable[[str], Awaitable[object]] = field(default=lambda _: asyncio.sleep(0))

    async def handle(self, message: Message) -> None:
        text = message.text or ""
        self.begun.put_nowait(text)
        await self.gate(text)
        async with self.changed:
            self.effects[text] += 1
            self.changed.notify_all()

    async def begins(self, count: int) -> list[str]:
        return [await asyncio.wait_for(self.begun.get(), 10) for _ in range(count)]

    async def has(self, texts: set[str]) -> None:
        """Return when each of the texts had its effect."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: texts <= set(self.effects))

    def life(self, clock: Clock | None = None) -> "Life":
        return Life(self, clock or SystemClock())


class Life:
    """One start of the bot, until it is stopped or killed."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        dispatcher = Dispatcher()
        dispatcher.message.register(desk.handle)
        self.supervisor = Supervisor()
        self.db = Database(f"sqlite:///{desk.path}")
        self.inbox = Inbox(self.db, desk.cipher, desk.telegram.bot.id)
        self.intake = Intake(
            TelegramUpdates(desk.telegram.bot, dispatcher, lambda _: True),
            self.inbox,
            clock=clock,
            supervisor=self.supervisor,
            jitter=random.Random(1),
        )

    async def __aenter__(self) -> "Life":
        await self.db.start()
        await self.db.migrate(upgrade)
        self.supervisor.start(self.intake.run(), name="intake")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Like a kill: whatever runs is cut off where it stands."""
        await self.supervisor.close()
        await self.db.close()

    async def left_open(self, count: int) -> None:
        """Return when that many stored updates are not done."""
        async with asyncio.timeout(10):
            while len(await self.inbox.open_updates(None, 100)) != count:
                pass


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with telegram_bench() as telegram:
        yield Desk(telegram, tmp_path / "bot.db", Cipher([Fernet.generate_key().decode()]))


async def test_a_kill_loses_nothing_and_repeats_nothing_that_was_done(desk: Desk) -> None:
    """Killed while half of the handlers wait: the next start does what was left, and only that."""
    forever = asyncio.Event()
    desk.gate = lambda text: forever.wait() if text.startswith("slow") else asyncio.sleep(0)
    sent = [f"{'slow' if n % 2 else 'quick'} {n}" for n in range(20)]
    for n, text in enumerate(sent):
        desk.telegram.world.add_user("Somebody", user_id=100 + n)
        await desk.telegram.act("send", user=100 + n, text=text)
    async with desk.life() as life:
        await desk.begins(20)
        await life.left_open(10)
    forever.set()
    async with desk.life() as life:
        assert sorted(await desk.begins(10)) == sorted(text for text in sent if text.startswith("slow"))
        await life.left_open(0)
        await life.intake.stop()
    assert desk.effects == Counter(sent)


async def test_a_kill_at_any_moment_loses_nothing(desk: Desk) -> None:
    """Ten lives, each killed after a random number of handlers began: every update has its effect."""
    chance = random.Random(5)
    sent = [f"update {n}" for n in range(60)]
    for n, text in enumerate(sent):
        await desk.telegram.act("send", user=7 + n % 2, text=text)
    for _ in range(10):
        async with desk.life() as life:
            if len(desk.effects) < len(sent) - 10:
                await desk.begins(chance.randrange(1, 8))
    async with desk.life() as life:
        await life.intake.replayed.wait()
        await desk.has(set(sent))
        await life.left_open(0)
        await life.intake.stop()
    assert set(desk.effects) == set(sent)


async def test_redelivery_has_no_second_effect(desk: Desk) -> None:
    """Every update delivered four times in all, in any order, to two lives of the bot: one effect each."""
    chance = random.Random(3)
    sent = [f"update {n}" for n in range(30)]
    ids = [(await desk.telegram.act("send", user=7, text=text))["update_id"] for text in sent]
    for last in ("last of one", "last of two"):
        async with desk.life() as life:
            await desk.has(set(sent))
            for update_id in chance.sample(ids * 3, 90):
                await desk.telegram.act("redeliver", update_id=update_id)
            await desk.telegram.act("send", user=8, text=last)
            await desk.has({last})
            await life.intake.stop()
            assert life.intake.stats().repeated >= 30
    assert desk.effects == Counter([*sent, "last of one", "last of two"])


async def test_an_undecodable_update_in_the_middle_is_skipped(desk: Desk) -> None:
    """What comes before and after it is handled; it is confirmed, done, and never quoted."""
    await desk.telegram.act("send", user=7, text="before")
    await desk.telegram.act("raw", message={"message_id": "x", "chat": {"id": 7}, "text": CANARY})
    await desk.telegram.act("raw", message_from_the_future={"text": CANARY})
    await desk.telegram.act("send", user=7, text="after")
    with capture_logs() as logs:
        async with desk.life() as life:
            assert await desk.begins(2) == ["before", "after"]
            await life.left_open(0)
            await life.intake.stop()
            assert life.intake.stats().undecodable == 2
    assert CANARY not in str(logs)


async def test_a_stop_drains_and_confirms_only_what_is_stored(desk: Desk) -> None:
    """A running handler ends after the stop; what is sent meanwhile waits at Telegram for the next start."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    await desk.telegram.act("send", user=7, text="running")
    async with desk.life() as life:
        await desk.begins(1)
        stopping = asyncio.create_task(life.intake.stop())
        await asyncio.sleep(0)
        await desk.telegram.act("send", user=7, text="later")
        gate.set()
        await asyncio.wait_for(stopping, 10)
        assert desk.effects == Counter(["running"])
        assert await life.inbox.open_updates(None, 10) == []
    assert (await desk.telegram.see("state"))["pending"] >= 1
    async with desk.life() as life:
        assert await desk.begins(1) == ["later"]
        await life.intake.stop()


async def test_updates_are_confirmed_once_they_are_stored(desk: Desk) -> None:
    """While a handler still works its update is not Telegram's any more: it is ours, on the disk, encrypted."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    update_id = (await desk.telegram.act("send", user=7, text=CANARY))["update_id"]
    async with desk.life() as life:
        await desk.begins(1)
        async with asyncio.timeout(10):
            while (await desk.telegram.see("state"))["confirmed_offset"] <= update_id:
                pass
        assert [stored.update_id for stored in await life.inbox.open_updates(None, 10)] == [update_id]
        files = list(desk.path.parent.glob(f"{desk.path.name}*"))
        assert not [file for file in files if CANARY.encode() in file.read_bytes()]
        gate.set()
        await life.intake.stop()


async def test_polling_survives_a_telegram_that_fails(desk: Desk) -> None:
    """Errors of every kind, one after the other, only delay what is sent; told once, and without the token."""
    kinds = ("reset", "html", "lose_answer", "cut")
    desk.telegram.faults.set({"rules": [{"kind": kind, "path": "getUpdates", "times": 1} for kind in kinds]})
    await desk.telegram.act("send", user=7, text="hello")
    clock = ManualClock()
    with capture_logs() as logs:
        async with desk.life(clock) as life:
            while not desk.effects:
                await clock.tick(5)
                await desk.telegram.see("state")
            await life.intake.stop()
    assert [rule["hits"] for rule in desk.telegram.faults.snapshot()["rules"]] == [1, 1, 1, 1]
    assert desk.effects == Counter(["hello"])
    assert [entry["event"] for entry in logs] == ["peer is failing", "peer is back"]
    assert desk.telegram.bot.token not in str(logs)
