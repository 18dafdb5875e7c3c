"""The contract of the intake over a real socket, polled or through a webhook.

Nothing is lost and nothing happens twice, whatever happens between.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest
from cryptography.fernet import Fernet
from intake_desk import IntakeDesk, Way
from structlog.testing import capture_logs
from telegram_bench import telegram_bench

from bot.resilience.clock import ManualClock
from sandbox.telegram.delivery import Sleep

CANARY = "canary-Xq7-secret"


@pytest.fixture(params=get_args(Way))
def way(request: pytest.FixtureRequest) -> Way:
    """How updates come."""
    chosen: Way = request.param
    return chosen


@asynccontextmanager
async def new_desk(way: Way, folder: Path, sleep: Sleep = asyncio.sleep) -> AsyncIterator[IntakeDesk]:
    """A desk that nobody has started yet; `sleep` waits before Telegram tries a webhook again."""
    async with telegram_bench(sleep=sleep) as telegram:
        yield IntakeDesk(telegram, folder / "bot.db", Fernet.generate_key().decode(), way)


@pytest.fixture
async def desk(way: Way, tmp_path: Path) -> AsyncIterator[IntakeDesk]:
    """A desk in the world's own time."""
    async with new_desk(way, tmp_path) as desk:
        yield desk


async def test_a_kill_loses_nothing_and_repeats_nothing_that_was_done(desk: IntakeDesk) -> None:
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


async def test_a_kill_at_any_moment_loses_nothing(desk: IntakeDesk) -> None:
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


async def test_redelivery_has_no_second_effect(desk: IntakeDesk) -> None:
    """Every update delivered four times in all, in any order, to two lives of the bot: one effect each."""
    chance = random.Random(3)
    sent = [f"update {n}" for n in range(30)]
    ids = [await desk.send(text) for text in sent]
    for last in ("last of one", "last of two"):
        async with desk.life() as life:
            await desk.has(set(sent))
            for update_id in chance.sample(ids * 3, 90):
                await desk.telegram.act("redeliver", update_id=update_id)
            await desk.send(last, user=8)
            await desk.has({last})
            async with asyncio.timeout(10):
                while life.intake.stats().repeated < 30:
                    await desk.pending()
            await life.intake.stop()
    assert desk.effects == Counter([*sent, "last of one", "last of two"])


async def test_delivered_three_times_at_once_an_update_has_one_effect(desk: IntakeDesk) -> None:
    """Also while its first delivery is still being carried out."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    update_id = await desk.send("once")
    async with desk.life() as life:
        await desk.begins(1)
        for count in (1, 2):
            await desk.telegram.act("redeliver", update_id=update_id)
            async with asyncio.timeout(10):
                while life.intake.stats().repeated < count:
                    await desk.pending()
        gate.set()
        await life.intake.stop()
        assert await life.inbox.open_updates(None, 10) == []
    assert desk.effects == Counter(["once"])


async def test_an_undecodable_update_in_the_middle_is_skipped(desk: IntakeDesk) -> None:
    """What comes before and after it is handled; it is confirmed, done, and never quoted."""
    await desk.telegram.act("send", user=7, text="before")
    await desk.telegram.act("raw", message={"message_id": "x", "chat": {"id": 7}, "text": CANARY})
    await desk.telegram.act("raw", message_from_the_future={"text": CANARY})
    await desk.telegram.act("send", user=7, text="after")
    with capture_logs() as logs:
        async with desk.life() as life:
            assert await desk.begins(2) == ["before", "after"]
            await desk.confirmed()
            await life.left_open(0)
            await life.intake.stop()
            assert life.intake.stats().undecodable == 2
    assert CANARY not in str(logs)


async def test_a_stop_drains_and_confirms_only_what_is_stored(desk: IntakeDesk) -> None:
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
    assert await desk.pending() >= 1
    async with desk.life() as life:
        assert await desk.begins(1) == ["later"]
        await life.intake.stop()


async def test_updates_are_confirmed_once_they_are_stored(desk: IntakeDesk) -> None:
    """While a handler still works its update is not Telegram's any more: it is ours, on the disk, encrypted."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    update_id = (await desk.telegram.act("send", user=7, text=CANARY))["update_id"]
    async with desk.life() as life:
        await desk.begins(1)
        await desk.confirmed()
        assert [stored.update_id for stored in await life.inbox.open_updates(None, 10)] == [update_id]
        files = list(desk.path.parent.glob(f"{desk.path.name}*"))
        assert not [file for file in files if CANARY.encode() in file.read_bytes()]
        gate.set()
        await life.intake.stop()


async def test_what_cannot_be_stored_is_not_confirmed_and_comes_again(way: Way, tmp_path: Path) -> None:
    """A full disk delays it; Telegram keeps it, told once when it begins and once when it ends."""
    clock = ManualClock()
    async with new_desk(way, tmp_path, clock.sleep) as desk:
        desk.failures = 4
        await desk.send("patience")
        with capture_logs() as logs:
            async with desk.life(clock) as life:
                await desk.ticked_until(clock, lambda: desk.failures <= 1)
                assert (1, []) == (await desk.pending(), await life.inbox.open_updates(None, 10))
                await desk.ticked_until(clock, lambda: desk.effects)
                await desk.confirmed()
                await life.intake.stop()
        assert desk.effects == Counter(["patience"])
        told = [entry["event"] for entry in logs if entry.get("peer") == "inbox"]
        assert ["peer is failing", "peer is back"] == told


async def test_a_chat_keeps_its_order_whatever_fails(way: Way, tmp_path: Path) -> None:
    """Twenty messages of one person, while every other attempt to store fails for a while."""
    clock, sent = ManualClock(), [f"update {n:02}" for n in range(20)]
    async with new_desk(way, tmp_path, clock.sleep) as desk:
        desk.failures = 7
        for text in sent:
            await desk.send(text)
            await desk.send(f"beside {text}", user=8)
        async with desk.life(clock) as life:
            await desk.ticked_until(clock, lambda: len(desk.order) == 2 * len(sent))
            await life.intake.stop()
    assert sent == [text for text in desk.order if not text.startswith("beside")]
    assert [f"beside {text}" for text in sent] == [text for text in desk.order if text.startswith("beside")]


async def test_killed_between_commit_and_confirmation_it_has_one_effect(way: Way, tmp_path: Path) -> None:
    """`kill -9` when the update is on the disk and Telegram has not heard of it: the next start does it once."""
    clock = ManualClock()
    async with new_desk(way, tmp_path, clock.sleep) as desk:
        await desk.send("once")
        assert -signal.SIGKILL == await run_doomed(desk)
        assert (Counter(), 1) == (desk.effects, await desk.pending())
        async with desk.life() as life:
            await desk.has({"once"})
            await desk.confirmed()
            await desk.send("after", user=8)
            await desk.has({"after"})
            await life.intake.stop()
            assert 1 == life.intake.stats().repeated
    assert desk.effects == Counter(["once", "after"])


async def run_doomed(desk: IntakeDesk) -> int:
    """A process that takes updates in, and is killed by itself as soon as it has stored some; its exit code."""
    script = Path(__file__).with_name("doomed_intake.py")
    command = (sys.executable, str(script), desk.way, desk.telegram.url, str(desk.path), desk.key)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(script.parents[up]) for up in (2, 1, 0))}
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    async with asyncio.timeout(120):  # its imports take long on a busy machine
        return await process.wait()


async def test_a_stop_with_updates_in_hand_leaves_none_behind(desk: IntakeDesk) -> None:
    """What waits behind a running handler stays open and is done by the next start, in order."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    sent = [f"update {n}" for n in range(5)]
    for text in sent:
        await desk.send(text)
    async with desk.life() as life:
        await desk.begins(1)
        await desk.confirmed()
        stopping = asyncio.create_task(life.intake.stop())
        await asyncio.sleep(0)
        gate.set()
        await asyncio.wait_for(stopping, 10)
        assert 4 == len(await life.inbox.open_updates(None, 10))
    async with desk.life() as life:
        await desk.has(set(sent))
        await life.left_open(0)
        await life.intake.stop()
    assert sent == desk.order


async def test_the_way_can_be_changed_with_updates_on_their_way(desk: IntakeDesk) -> None:
    """What waits at Telegram comes the new way, none of it twice."""
    ways: list[Way] = ["polling", "webhook", "polling"] if desk.way == "polling" else ["webhook", "polling"]
    for number, way in enumerate(ways):
        desk.way = way
        await desk.send(f"update {number}")
        async with desk.life() as life:
            await desk.has({f"update {number}"})
            await life.intake.stop()
    assert desk.effects == Counter(f"update {number}" for number in range(len(ways)))


@pytest.mark.parametrize("way", ["polling"])
async def test_polling_survives_a_telegram_that_fails(desk: IntakeDesk) -> None:
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
