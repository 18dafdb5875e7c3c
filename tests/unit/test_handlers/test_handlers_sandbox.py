"""The chat front against a Bot API that refuses what Telegram refuses, over real sockets."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiogram.types import BotCommandScopeChat
from aiohttp.test_utils import TestServer
from chat_support import POOL, MemoryDesk, MemoryOffers, OneJob, QuietIntake
from people_support import MemoryPeople, RecordingOutbox

from bot.errors import NotEnough, UnknownResource
from bot.gateways.telegram import make_bot
from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.handlers.menu import Menus
from bot.middlewares.metrics import CommandMetrics
from bot.models.notice import Kind
from bot.models.person import Standing
from bot.models.role import Role
from bot.resilience.clock import SystemClock
from bot.resilience.timings import Timings
from bot.services.admission import Admission
from bot.services.offers import Offers
from bot.services.people import People
from bot.views.commands import COMMANDS, commands_for
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body

ANNA, BORIS, DORA = 7, 8, 9


class World:
    """People, the bot, and a way to let the one talk to the other."""

    def __init__(self, url: str, client: aiohttp.ClientSession, telegram: TelegramWorld) -> None:
        self.url, self.client = url, client
        clock = SystemClock()
        self.desk, self.outbox = MemoryDesk(), RecordingOutbox()
        self.bot = make_bot(telegram.token, url, clock=clock)
        self.people = People({ANNA}, {BORIS}, MemoryPeople(), clock)
        self.menus = Menus(self.bot, self.people)
        ids = (f"offer{number:03}" for number in itertools.count())
        deps = ChatDeps(
            desk=self.desk,
            offers=Offers(MemoryOffers(), clock, lambda: next(ids), self.desk.known),
            roles=self.people,
            jobs=OneJob(),
            intake_stats=QuietIntake().stats,
            clock=clock,
            started_at=clock.time(),
            memory=lambda: 0,
            new_reference=lambda: "k3f9",
            metrics=CommandMetrics(Timings(clock)),
        )
        self.admission = Admission(self.people, self.outbox, self.menus)
        self.dispatcher = build_dispatcher(
            deps, admission=self.admission, people=self.people, outbox=self.outbox
        )
        self._offset = 0

    async def act(self, path: str, **fields: Any) -> dict[str, Any]:
        """Let somebody do something, and the bot see to it."""
        async with self.client.post(f"{self.url}/sandbox/{path}", json=fields) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
        for update in await self.bot.get_updates(offset=self._offset):
            self._offset = update.update_id + 1
            await self.dispatcher.feed_update(self.bot, update)
        return answer

    async def press(self, user: int, message: dict[str, Any], button: int = 0, **more: Any) -> dict[str, Any]:
        """Let somebody press a button of a message in their private chat; returns how it was answered."""
        keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
        fields = {"user": user, "chat": user, "message_id": message["message_id"]} | more
        pressed = await self.act(
            "press", **({"data": keys[button]["callback_data"]} if keys else {}) | fields
        )
        answer: dict[str, Any] = await self.see(f"callbacks/{pressed['callback_query_id']}")
        return answer

    async def see(self, path: str) -> Any:
        """Look at the world."""
        async with self.client.get(f"{self.url}/sandbox/{path}") as response:
            return await response.json()

    async def answers(self, chat: int) -> list[dict[str, Any]]:
        """What the bot has written in a chat."""
        messages = await self.see(f"chats/{chat}/messages")
        return [message for message in messages if message["from"]["is_bot"]]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    telegram = TelegramWorld()
    for user_id, name in ((ANNA, "Anna"), (BORIS, "Boris"), (DORA, "Dora")):
        telegram.add_user(name, user_id=user_id)
    app = create_telegram_app(telegram, Faults(error_body=telegram_error_body))
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        talk = World(str(server.make_url("")).rstrip("/"), client, telegram)
        yield talk
        await talk.bot.session.close()


async def test_fifty_proxies_arrive_readable(world):
    """Telegram's own parser finds each line as code, exactly as the credentials are."""
    await world.act("send", user=BORIS, text="/take beboo 50")

    answers = [answer for answer in await world.answers(BORIS) if answer["text"]]
    lines = [
        answer["text"]
        .encode("utf-16-le")[2 * e["offset"] : 2 * (e["offset"] + e["length"])]
        .decode("utf-16-le")
        for answer in answers
        for e in answer["entities"]
        if e["type"] == "code"
    ]
    assert lines == [f"192.0.2.{row}:8080:user{row}:p<{row}>" for row in range(2, 52)]
    assert "rows 2–51 · request #1042" in answers[-1]["text"]


async def test_a_button_is_replaced_by_its_proxies(world):
    """Offer, press, answer: one message all the way, its buttons gone, the press acknowledged."""
    world.desk.refusals = [NotEnough("beboo", 10, 3)]
    await world.act("send", user=BORIS, text="/take beboo 10")
    [offered] = await world.answers(BORIS)
    pressed = await world.press(BORIS, offered)

    [answer] = await world.answers(BORIS)
    assert answer["text"].startswith("3 proxies for beboo.")
    assert not answer["reply_markup"]
    assert pressed["answered"]


async def test_a_forged_press_is_met_with_an_alert(world):
    """Another person pressing with a copied id gets the alert and no proxies."""
    world.desk.refusals = [UnknownResource("bebo", ("beboo",))]
    await world.act("send", user=BORIS, text="/take bebo")
    [offered] = await world.answers(BORIS)
    await world.act("send", user=ANNA, text="/start")
    [greeting] = await world.answers(ANNA)
    data = offered["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    alert = await world.press(ANNA, greeting, data=data, forged=True)

    assert (alert["text"], alert["show_alert"]) == (
        "This button is not yours or has lapsed. Send the command again.",
        True,
    )
    assert len(world.desk.asked) == 1


async def test_a_group_never_sees_credentials(world):
    """Who has not opened a private chat is asked to; who has gets the proxies there."""
    group = (await world.act("chats", type="supergroup", title="Team", members=[ANNA, BORIS, DORA]))["id"]
    await world.act("send", user=BORIS, chat=group, text="/take beboo 2")
    assert world.desk.asked == []

    await world.act("send", user=BORIS, text="/start")
    await world.act("send", user=BORIS, chat=group, text="/take beboo 2")
    await world.act("send", user=DORA, chat=group, text="/take beboo 2")

    assert [answer["text"] for answer in await world.answers(group)] == [
        "Open a private chat with me first: t.me/quartermaster_bot",
        "Sent to you privately.",
    ]
    assert "2 proxies for beboo" in (await world.answers(BORIS))[-1]["text"]


async def test_the_menus_are_accepted(world):
    """Telegram takes the lists, for strangers and in each chat; what it has already is not set again."""
    for person in (ANNA, BORIS):
        await world.act("send", user=person, text="/start")
    await world.menus.catch_up()
    for person in (ANNA, BORIS):
        world.menus.refresh(person)
    await world.menus.catch_up()

    menus = {}
    for person in (ANNA, BORIS):
        scope = BotCommandScopeChat(chat_id=person)
        menus[person] = [each.command for each in await world.bot.get_my_commands(scope=scope)]
    assert menus == {
        ANNA: [info.name for info in COMMANDS],
        BORIS: [info.name for info in commands_for(Role.USER)],
    }
    assert (await world.see("calls"))["setMyCommands"] == {"200": 2}


async def test_a_stranger_asks_and_is_let_in(world):
    """From the first word to the first proxies, over Telegram's own wire."""
    await world.act("send", user=DORA, text="hello")
    [at_the_door] = await world.answers(DORA)
    assert (await world.press(DORA, at_the_door))["answered"]
    assert world.outbox.told == [("admins", Kind.ACCESS, {"user_id": DORA, "name": "Dora"})]
    assert world.admission.standing(DORA) is Standing.ASKED

    await world.act("send", user=ANNA, text="/users")
    users = (await world.answers(ANNA))[-1]
    await world.press(ANNA, users)
    assert (await world.answers(ANNA))[-1]["text"] == "Dora (id 9) has access now, as user."

    await world.menus.catch_up()
    await world.act("send", user=DORA, text="/take beboo")
    assert "1 proxy for beboo" in (await world.answers(DORA))[-1]["text"]


async def test_every_text_of_an_admin_parses(world):
    """No answer is refused for its markup."""
    world.desk.pool = replace(POOL, needs_attention=("a <tag> & more",))
    for text in ("/start", "/help", "/refresh", "/take <b>", "&<i>", "/users", "/role <b> user", "/deny 7"):
        await world.act("send", user=ANNA, text=text)

    assert len(await world.answers(ANNA)) == 8
    assert set((await world.see("calls"))["sendMessage"]) == {"200"}
