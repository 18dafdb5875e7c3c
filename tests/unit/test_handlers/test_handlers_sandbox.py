"""The chat front against a Bot API that refuses what Telegram refuses, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from chat_support import POOL, MemoryDesk, OneJob, QuietIntake

from bot.errors import NotEnough, UnknownResource
from bot.gateways.telegram import make_bot
from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.handlers.menu import publish_commands
from bot.resilience.clock import SystemClock
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body

ANNA, BORIS, DORA = 7, 8, 9


class World:
    """People, the bot, and a way to let the one talk to the other."""

    def __init__(self, url: str, client: aiohttp.ClientSession, telegram: TelegramWorld) -> None:
        self.url, self.client = url, client
        clock = SystemClock()
        self.desk = MemoryDesk()
        self.bot = make_bot(telegram.token, url, clock=clock)
        deps = ChatDeps(
            desk=self.desk,
            jobs=OneJob(),
            intake_stats=QuietIntake().stats,
            clock=clock,
            admin_ids=frozenset({ANNA}),
            allowed_ids=frozenset({BORIS}),
            started_at=clock.time(),
            memory=lambda: 0,
            new_reference=lambda: "k3f9",
        )
        self.dispatcher = build_dispatcher(deps)
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

    answers = await world.answers(BORIS)
    lines = [
        answer["text"]
        .encode("utf-16-le")[2 * e["offset"] : 2 * (e["offset"] + e["length"])]
        .decode("utf-16-le")
        for answer in answers
        for e in answer["entities"]
        if e["type"] == "code"
    ]
    assert lines == [f"192.0.2.{row}:8080:user{row}:p<{row}>" for row in range(2, 52)]
    assert "rows 2–51 · 1 read + 1 write · request #1042" in answers[-1]["text"]


async def test_a_button_is_replaced_by_its_proxies(world):
    """Offer, press, answer: one message all the way, its buttons gone, the press acknowledged."""
    world.desk.refusals = [NotEnough("beboo", 10, 3)]
    await world.act("send", user=BORIS, text="/take beboo 10")
    [offered] = await world.answers(BORIS)
    pressed = await world.act(
        "press", user=BORIS, chat=BORIS, message_id=offered["message_id"], data="offer:offer0"
    )

    [answer] = await world.answers(BORIS)
    assert answer["text"].startswith("3 proxies for beboo.")
    assert not answer["reply_markup"]
    assert (await world.see(f"callbacks/{pressed['callback_query_id']}"))["answered"]


async def test_a_forged_press_is_met_with_an_alert(world):
    """Another person pressing with a copied id gets the alert and no proxies."""
    world.desk.refusals = [UnknownResource("bebo", ("beboo",))]
    await world.act("send", user=BORIS, text="/take bebo")
    await world.act("send", user=ANNA, text="/help")
    [helped] = await world.answers(ANNA)
    pressed = await world.act(
        "press", user=ANNA, chat=ANNA, message_id=helped["message_id"], data="offer:offer0", forged=True
    )

    alert = await world.see(f"callbacks/{pressed['callback_query_id']}")
    assert (alert["text"], alert["show_alert"]) == (
        "This button isn't yours or has lapsed. Send the command again.",
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
    """Telegram takes the lists; a second start changes nothing."""
    await world.act("send", user=ANNA, text="/start")
    await publish_commands(world.bot, {ANNA})
    await publish_commands(world.bot, {ANNA})

    assert [command.command for command in await world.bot.get_my_commands()] == [
        "take",
        "my",
        "help",
        "start",
    ]
    assert (await world.see("calls"))["setMyCommands"] == {"200": 2}


async def test_every_text_of_an_admin_parses(world):
    """No answer is refused for its markup."""
    world.desk.pool = replace(POOL, needs_attention=("a <tag> & more",))
    for text in ("/start", "/help", "/stats", "/refresh", "/my", "/take <b>", "/nonsense", "&<i>"):
        await world.act("send", user=ANNA, text=text)

    assert len(await world.answers(ANNA)) == 8
    assert set((await world.see("calls"))["sendMessage"]) == {"200"}
