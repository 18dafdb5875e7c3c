"""Pictures against a Bot API that keeps files as Telegram does, over real sockets."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from chart_support import Pencil, Records
from chat_support import MemoryOffers

from bot.gateways.telegram import make_bot
from bot.handlers.outlet import Outlet
from bot.models.chart import Drawn, LineChart, Span
from bot.resilience.clock import SystemClock
from bot.services.offers import Offers
from bot.views import charts as views
from bot.views.reply import Reply, one
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_telegram_app, telegram_error_body

BORIS = 8


class Room:
    """A private chat that pictures are delivered into."""

    def __init__(self, url: str, client: aiohttp.ClientSession, telegram: TelegramWorld) -> None:
        self.url, self.client, self.telegram = url, client, telegram
        self.clock, self.records, self.pencil = SystemClock(), Records(), Pencil()
        self.bot = make_bot(telegram.token, url, clock=self.clock)
        ids = (f"offer{number:03}" for number in itertools.count())
        self.offers = Offers(MemoryOffers(), self.clock, lambda: next(ids), lambda _: None)
        self.painted = 0

    async def paint(self) -> bytes:
        self.painted += 1
        return self.pencil.picture

    def outlet(self, message_id: int | None = None) -> Outlet:
        return Outlet(self.bot, self.clock, self.offers, BORIS, message_id, self.records)

    async def picture(self, span: Span = Span.DAY) -> Reply:
        """A chart's answer, by the id that is remembered of it."""
        chart, key = LineChart(Drawn.PRICE, "BTC", span, ()), f"key of {span}"
        picture = views.picture_of(key, await self.records.file_id(key), partial(self.paint))
        return views.chart(chart, "binance", 1.0, series="BTC", picture=picture)

    async def messages(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/sandbox/chats/{BORIS}/messages") as response:
            return [each for each in await response.json() if each["from"]["is_bot"]]


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    telegram = TelegramWorld()
    telegram.add_user("Boris", user_id=BORIS)
    app = create_telegram_app(telegram, Faults(error_body=telegram_error_body))
    async with TestServer(app) as server, aiohttp.ClientSession() as client:
        made = Room(str(server.make_url("")).rstrip("/"), client, telegram)
        async with client.post(f"{made.url}/sandbox/send", json={"user": BORIS, "text": "/start"}) as sent:
            assert 200 == sent.status
        yield made
        await made.bot.session.close()


async def test_a_picture_is_uploaded_once_and_then_goes_by_its_id(room: Room) -> None:
    """Two messages show one file."""
    for _ in range(2):
        await room.outlet().deliver(await room.picture())

    first, second = await room.messages()
    assert first["media"]["file_id"] == second["media"]["file_id"]
    assert "There are no past prices of BTC." == first["text"] == second["text"]
    assert 4 == len(second["reply_markup"]["inline_keyboard"][0])
    assert 1 == room.painted


async def test_a_lost_file_is_sent_again(room: Room) -> None:
    """The new id takes the place of the one that Telegram does not know."""
    room.records.sent["key of 1d"] = "AgACAgIAAxkgone"
    await room.outlet().deliver(await room.picture())

    [message] = await room.messages()
    assert {"key of 1d": message["media"]["file_id"]} == room.records.sent
    assert 1 == room.painted


async def test_one_picture_takes_anothers_place(room: Room) -> None:
    """Uploaded, by its id, by one that is lost, and where nothing changes: it stays one message."""
    number = await room.outlet().deliver(await room.picture())
    shown = []
    for span in (Span.WEEK, Span.DAY, Span.DAY):
        assert number == await room.outlet(number).deliver(await room.picture(span))
        [message] = await room.messages()
        shown.append(message["media"]["file_id"])
    assert [room.records.sent[f"key of {span}"] for span in ("7d", "1d", "1d")] == shown

    room.records.sent["key of 7d"] = "AgACAgIAAxkgone"
    await room.outlet(number).deliver(await room.picture(Span.WEEK))
    [message] = await room.messages()
    assert message["media"]["file_id"] == room.records.sent["key of 7d"]


async def test_a_picture_whose_place_is_gone_is_a_new_message(room: Room) -> None:
    """Deleted meanwhile; and a text that follows a picture is one as well."""
    number = await room.outlet().deliver(await room.picture())
    await room.bot.delete_message(BORIS, number)
    again = await room.outlet(number).deliver(await room.picture(Span.WEEK))
    await room.outlet(again).deliver(one("Nothing to draw."))

    picture, text = await room.messages()
    assert (again, "Nothing to draw.") == (picture["message_id"], text["text"])
