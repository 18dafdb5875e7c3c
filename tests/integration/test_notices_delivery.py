"""Notices from the database to people's chats, over the wire of a local Telegram."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from new_schema import upgrade
from sqlalchemy import select
from telegram_bench import TelegramBench, telegram_bench

from bot.gateways.telegram import make_bot
from bot.handlers.buttons import read_button
from bot.handlers.courier import TelegramCourier
from bot.models.notice import Kind, Notice
from bot.models.offer import Action
from bot.models.person import Preferences
from bot.models.role import Role
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.offers import Offers
from bot.services.outbox import Outbox
from bot.services.relay import Relay
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.offers import OfferStore
from bot.storage.outbox import OutboxStore
from bot.storage.tables import outbox as table

ANNA, BORIS, NOBODY = 7, 8, 999_999
SEND = "sendMessage"


class Shown:
    """Which previews are still to be seen; all of them, but for those in `gone`."""

    def __init__(self) -> None:
        self.gone: set[int] = set()

    async def is_shown(self, request: int) -> bool:
        return request not in self.gone


class Everybody:
    """All are users who like it as it is; who cannot be written to is noted."""

    def __init__(self) -> None:
        self.blocked: set[int] = set()

    def admins(self) -> list[int]:
        return []

    def role_of(self, user_id: int) -> Role | None:
        return Role.USER

    def preferences_of(self, user_id: int) -> Preferences:
        return Preferences()

    def is_blocked(self, user_id: int) -> bool:
        return user_id in self.blocked

    async def mark_blocked(self, user_id: int) -> None:
        self.blocked.add(user_id)


@dataclass
class Desk:
    """The outbox of a bot on a local Telegram."""

    telegram: TelegramBench
    database: Database
    cipher: Cipher
    clock: ManualClock
    people: Everybody
    offers: Offers
    shown: Shown = field(default_factory=Shown)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Outbox]:
        """One process of it; what it is at when it ends is cut off."""
        supervisor, store = Supervisor(), OutboxStore(self.database, self.cipher)
        relay = Relay(
            store,
            TelegramCourier(self.telegram.bot, self.clock, self.offers, self.shown),
            None,
            supervisor,
            self.clock,
            random.Random(1),
            people=self.people,
            on_blocked=self.people.mark_blocked,
            zone=UTC,
        )
        supervisor.start(relay.run(), name="relay")
        try:
            yield Outbox(store, self.people, self.clock, relay.wake)
        finally:
            await supervisor.close()

    async def outcomes(self) -> list[str | None]:
        columns = select(table.c.outcome).order_by(table.c.number)
        return list(await self.database.read(lambda connection: connection.execute(columns).scalars().all()))

    async def attempts(self) -> list[int]:
        columns = select(table.c.attempts).order_by(table.c.number)
        return list(await self.database.read(lambda connection: connection.execute(columns).scalars().all()))

    async def has_told(self, user: int) -> bool:
        return bool(await self.telegram.texts(user))

    async def has_marked(self) -> bool:
        return bool(self.people.blocked)

    async def all_done(self) -> bool:
        return None not in await self.outcomes()


async def until(check: Callable[[], Awaitable[bool]], clock: ManualClock | None = None) -> None:
    """Ask again and again until it is so; a clock is moved on meanwhile, a second a time."""
    async with asyncio.timeout(20):
        while not await check():
            await asyncio.sleep(0.002)
            if clock is not None:
                await clock.tick(1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock, database = ManualClock(), Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    cipher = Cipher([Fernet.generate_key().decode()])

    async def known(_: str) -> bool:
        return False

    ids = (f"{number:08}" for number in itertools.count())
    offers = Offers(OfferStore(database), clock, lambda: next(ids), known)
    async with telegram_bench(clock) as telegram:
        for user_id in (ANNA, BORIS):
            await telegram.act("send", user=user_id, text="/start")
        yield Desk(telegram, database, cipher, clock, Everybody(), offers)
    await database.close()


def lost(resource: str) -> tuple[Kind, dict[str, Any]]:
    return Kind.LOST, {"resource": resource, "address": "192.0.2.7:8080"}


async def test_a_notice_arrives_with_buttons_that_work(desk: Desk) -> None:
    """Each button is the reader's own, and does what it says."""
    turn = {"number": 5, "resource": "beboo", "request": 42, "until": desk.clock.time() + 600}
    async with desk.running() as outbox:
        await outbox.tell(ANNA, Kind.TURN, turn)
        await until(desk.all_done)
    [message] = [each for each in await desk.telegram.see(f"chats/{ANNA}/messages") if each["from"]["is_bot"]]
    assert "It is your turn: one proxy for beboo" in message["text"]
    rows = message["reply_markup"]["inline_keyboard"]
    presses = [
        await desk.offers.open(*read_button(button["callback_data"]), ANNA) for row in rows for button in row
    ]
    assert [Action("take turn", (5, 42)), Action("leave line", (5,))] == [press.action for press in presses]


async def test_what_one_process_wrote_the_next_one_says(desk: Desk) -> None:
    """Written down is as good as said: a crash in between loses nothing."""
    store = OutboxStore(desk.database, desk.cipher)
    await store.post([Notice(ANNA, *lost("beboo"))], desk.clock.time())
    async with desk.running():
        await until(desk.all_done)
    assert 1 == len(await desk.telegram.texts(ANNA))


@pytest.mark.parametrize("sign", ["blocked", "never started", "unknown chat"])
async def test_who_cannot_be_written_to_is_marked_and_nobody_else_suffers(desk: Desk, sign: str) -> None:
    """403 "blocked", 403 "can't initiate", 400 "chat not found": one call each, then never again."""
    reader = BORIS
    if sign == "blocked":
        await desk.telegram.act("block", user=BORIS, blocked=True)
    elif sign == "never started":
        await desk.telegram.act("users", first_name="Carla", id=9)
        reader = 9
    else:
        reader = NOBODY
    async with desk.running() as outbox:
        for resource in ("beboo", "tinder"):
            await outbox.tell(reader, *lost(resource))
        await outbox.tell(ANNA, *lost("beboo"))
        await until(lambda: desk.has_told(ANNA))
        await outbox.tell(reader, *lost("zalando"))
    assert {reader} == desk.people.blocked
    assert [None, None, "delivered", None] == await desk.outcomes()


async def test_who_comes_back_hears_from_us_again(desk: Desk) -> None:
    """The mark is taken away when they write; what they have missed since is said then."""
    await desk.telegram.act("block", user=BORIS, blocked=True)
    async with desk.running() as outbox:
        await outbox.tell(BORIS, *lost("beboo"))
        await until(desk.has_marked)
        await outbox.tell(BORIS, *lost("tinder"))
        await desk.telegram.act("block", user=BORIS, blocked=False)
        desk.people.blocked.clear()
        await outbox.hasten(BORIS)
        await until(desk.all_done)
    both = " ".join(await desk.telegram.texts(BORIS))
    assert (1, 1) == (both.count("beboo"), both.count("tinder"))


async def test_a_lapsed_preview_says_so_in_its_message(desk: Desk) -> None:
    """The message is edited, not sent; said twice, or to a message that is gone, it is done all the same."""
    preview = await desk.telegram.bot.send_message(ANNA, "5 proxies are kept for you")
    place = {"chat_id": ANNA, "message_id": preview.message_id, "request": 1}
    async with desk.running() as outbox:
        for _ in range(2):
            await outbox.tell(ANNA, Kind.PREVIEW_LAPSED, place)
        await until(desk.all_done)
        await desk.telegram.bot.delete_message(ANNA, preview.message_id)
        await outbox.tell(ANNA, Kind.PREVIEW_LAPSED, place)
        await until(desk.all_done)
        assert [] == await desk.telegram.texts(ANNA)
    history = await desk.telegram.see(f"chats/{ANNA}/history/{preview.message_id}")
    assert "These are not reserved for you any more" in str(history[-1])
    assert ["delivered"] * 3 == await desk.outcomes()


async def test_what_came_after_a_preview_is_not_written_over(desk: Desk) -> None:
    """A notice may have waited for another: by then the message shows what was taken."""
    taken = await desk.telegram.bot.send_message(ANNA, "3 proxies for beboo")
    desk.shown.gone.add(1)
    async with desk.running() as outbox:
        place = {"chat_id": ANNA, "message_id": taken.message_id, "request": 1}
        await outbox.tell(ANNA, Kind.PREVIEW_LAPSED, place)
        await until(desk.all_done)
    assert ["3 proxies for beboo"] == await desk.telegram.texts(ANNA)


async def test_a_long_flood_wait_is_waited_out(desk: Desk) -> None:
    """Parked for an hour, as asked: not one call earlier. Others get theirs at once."""
    rule = {"kind": "status", "status": 429, "retry_after": 3600, "path": f"/{SEND}", "times": 1}
    desk.telegram.faults.add(rule)

    async def parked() -> bool:
        return [1] == await desk.attempts()

    async with desk.running() as outbox:
        await outbox.tell(ANNA, *lost("beboo"))
        await until(parked)
        await outbox.tell(BORIS, *lost("beboo"))
        await until(lambda: _has_text(desk, BORIS))
        await desk.clock.tick(3598)
        assert [] == await desk.telegram.texts(ANNA)
        await desk.clock.tick(2)
        await until(desk.all_done)
    assert 1 == len(await desk.telegram.texts(ANNA))


@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 502}, {"kind": "html"}, {"kind": "reset"}, {"kind": "cut"}],
    ids=["502", "a page of HTML", "reset", "cut off"],
)
async def test_a_telegram_in_trouble_is_asked_again(desk: Desk, fault: dict[str, Any]) -> None:
    """Seven failures in a row, and it arrives."""
    desk.telegram.faults.add({**fault, "path": f"/{SEND}", "times": 7})
    async with desk.running() as outbox:
        await outbox.tell(ANNA, *lost("beboo"))
        await until(desk.all_done, desk.clock)
    assert "beboo" in (await desk.telegram.texts(ANNA))[-1]


async def test_a_lost_answer_is_met_by_saying_it_again(desk: Desk) -> None:
    """At least once: twice is better than not at all."""
    desk.telegram.faults.add({"kind": "lose_answer", "path": f"/{SEND}", "times": 1})
    async with desk.running() as outbox:
        await outbox.tell(ANNA, *lost("beboo"))
        await until(desk.all_done, desk.clock)
    assert 2 == len(await desk.telegram.texts(ANNA))


async def test_fifty_people_get_all_of_theirs_in_order(desk: Desk) -> None:
    """Three each, under Telegram's own flood control."""
    crowd = range(100, 150)
    for user_id in crowd:
        await desk.telegram.act("users", first_name=f"P{user_id}", id=user_id)
        await desk.telegram.act("send", user=user_id, text="/start")
    async with desk.running() as outbox:
        for resource in ("beboo", "tinder", "zalando"):
            await outbox.post([Notice(user_id, *lost(resource)) for user_id in crowd])
        await until(desk.all_done, desk.clock)
    for user_id in crowd:
        texts = await desk.telegram.texts(user_id)
        assert ["beboo", "tinder", "zalando"] == [text.split(" for ")[1].split(" ")[0] for text in texts]


async def test_a_group_that_moved_is_followed(tmp_path: Path) -> None:
    """Telegram names the chat's new id; the message goes there."""
    written: list[int] = []

    async def send(request: web.Request) -> web.Response:
        chat = int((await request.post())["chat_id"])  # type: ignore[arg-type]
        written.append(chat)
        if chat == -5:
            moved = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded"}
            return web.json_response({**moved, "parameters": {"migrate_to_chat_id": -1005}}, status=400)
        message = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "supergroup"}, "text": "x"}
        return web.json_response({"ok": True, "result": message})

    app = web.Application()
    app.router.add_post("/{token}/sendMessage", send)
    async with TestServer(app) as server:
        clock = ManualClock()
        bot = make_bot("1000000000:token", str(server.make_url("")), clock=clock)
        courier = TelegramCourier(bot, clock, None, Shown())  # type: ignore[arg-type]  # no buttons, no offers
        await courier.deliver(Notice(-5, *lost("beboo")), 1, clock.time())
        await bot.session.close()
    assert [-5, -1005] == written


async def _has_text(desk: Desk, user_id: int) -> bool:
    return bool(await desk.telegram.texts(user_id))
