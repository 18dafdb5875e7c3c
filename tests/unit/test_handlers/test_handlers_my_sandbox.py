"""/my against a Bot API that refuses what Telegram refuses, over real sockets."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from chat_support import USER, MemoryOffers, MemoryRoles, OneJob, QuietIntake
from holding_support import HoldingDesk, NoStore, Told, a_held

from bot.gateways.telegram import make_bot
from bot.handlers.deps import ChatDeps
from bot.handlers.dispatcher import build_dispatcher
from bot.middlewares.metrics import CommandMetrics
from bot.models.person import Preferences
from bot.models.proxy import Endpoint
from bot.resilience.clock import SystemClock
from bot.resilience.timings import Timings
from bot.services.offers import Offers
from bot.services.people import People
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body

NASTY = Endpoint("socks5", "2001:db8::1", 1080, "a<b>&", "p'\"`</code>%😀:@")


class World:
    """Boris, what he holds, and the bot."""

    def __init__(self, url: str, client: aiohttp.ClientSession, token: str) -> None:
        self._url, self._client, clock = url, client, SystemClock()
        self.desk, self.people = HoldingDesk(), People([], [USER], NoStore(), clock)
        self.bot = make_bot(token, url, clock=clock)
        ids = (f"offer{number:03}" for number in itertools.count())
        deps = ChatDeps(
            desk=self.desk,
            offers=Offers(MemoryOffers(), clock, lambda: next(ids), self.desk.known),
            roles=MemoryRoles(),
            jobs=OneJob(),
            intake_stats=QuietIntake().stats,
            clock=clock,
            started_at=clock.time(),
            memory=lambda: 0,
            new_reference=lambda: "k3f9",
            metrics=CommandMetrics(Timings(clock)),
        )
        self._dispatcher = build_dispatcher(deps, people=self.people, outbox=Told())
        self._offset = 0

    async def write(self, text: str) -> None:
        """Boris writes."""
        await self._act("send", text=text)

    async def tap(self, label: str) -> None:
        """Boris presses a button of the last message that has any."""
        message = [each for each in await self.answers() if each.get("reply_markup")][-1]
        keys = [key for row in message["reply_markup"]["inline_keyboard"] for key in row]
        [data] = [key["callback_data"] for key in keys if key["text"] == label]
        await self._act("press", chat=USER, message_id=message["message_id"], data=data)

    async def answers(self) -> list[dict[str, Any]]:
        """What the bot has written, as it stands in the chat now."""
        async with self._client.get(f"{self._url}/sandbox/chats/{USER}/messages") as response:
            return [message for message in await response.json() if message["from"]["is_bot"]]

    async def _act(self, path: str, **fields: Any) -> None:
        async with self._client.post(f"{self._url}/sandbox/{path}", json={"user": USER} | fields) as response:
            assert response.status == 200, await response.text()
        for update in await self.bot.get_updates(offset=self._offset):
            self._offset = update.update_id + 1
            await self._dispatcher.feed_update(self.bot, update)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    telegram = TelegramWorld()
    telegram.add_user("Boris", user_id=USER)
    app = create_telegram_app(telegram, Faults(error_body=telegram_error_body))
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        world = World(str(server.make_url("")).rstrip("/"), client, telegram.token)
        yield world
        await world.bot.session.close()


def code_of(message: dict[str, Any]) -> list[str]:
    """What can be copied by a tap, as Telegram found it."""
    text = message["text"].encode("utf-16-le")
    spans = [
        (2 * each["offset"], 2 * each["length"]) for each in message["entities"] if each["type"] == "code"
    ]
    return [text[start : start + length].decode("utf-16-le") for start, length in spans]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("line", "[2001:db8::1]:1080:a<b>&:p'\"`</code>%😀:@"),
        ("url", "socks5://a%3Cb%3E%26:p%27%22%60%3C%2Fcode%3E%25%F0%9F%98%80%3A%40@[2001:db8::1]:1080"),
        (
            "curl",
            "curl -x 'socks5://[2001:db8::1]:1080' -U 'a<b>&:p'\"'\"'\"`</code>%😀:@' https://example.org",
        ),
    ],
)
async def test_credentials_arrive_as_they_are_in_every_form(world, form, text):
    """Telegram's own parser finds the proxy as code, whatever its password is made of."""
    await world.people.set_preferences(USER, Preferences(format=form))
    world.desk.holdings[USER] = [a_held(7, endpoint=NASTY, country="<b>", note="&amp; <i>")]
    await world.write("/my")
    await world.tap("1 · 2001:db8::1")

    [card] = await world.answers()
    assert code_of(card) == [text]
    assert " · <b> · 12 days\n" in card["text"]
    assert card["text"].endswith("Note: &amp; <i>")


async def test_a_conversation_stays_in_one_message(world):
    """Pages, one of them, how to give it back, and the way it went: no heap of old buttons."""
    world.desk.holdings[USER] = [a_held(row) for row in range(10, 30)]
    await world.write("/my")
    for label in ("Next ›", "Next ›", "20 · 192.0.2.29", "Give back", "Not used: free it", "My proxies"):
        await world.tap(label)

    [message] = await world.answers()
    assert message["text"].startswith("You hold 19 proxies. Page 3 of 3.")


async def test_a_file_arrives_beside_the_list(world):
    """A document of our name, in a message of its own."""
    world.desk.holdings[USER] = [a_held(row) for row in range(10, 30)]
    await world.write("/my")
    await world.tap("Get all as a file")

    documents = [answer["document"] for answer in await world.answers() if answer.get("document")]
    assert [document["file_name"] for document in documents] == ["beboo-20.txt"]


async def test_much_is_released_by_two_messages(world):
    """A proposal of a hundred, one tap, and nothing is held any more."""
    world.desk.holdings[USER] = [a_held(row) for row in range(10, 110)]
    await world.write("/release all")
    await world.tap("Give back 100")

    assert world.desk.holdings[USER] == []
    [answer] = await world.answers()
    assert answer["text"].startswith("Given back: 100 proxies. Others can have them now.")
