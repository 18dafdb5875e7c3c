"""The Telegram gateway over a real socket: raw updates, translated errors, what the client sends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from aiohttp.test_utils import unused_port
from telegram_bench import TelegramBench, telegram_bench

from bot.errors import PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.gateways.telegram import TelegramUpdates, make_bot
from bot.resilience.clock import ManualClock, SystemClock
from bot.services.intake import Undecodable

ANNA, BORIS = 7, 8
PRIVATE, GROUP = {"id": 7, "type": "private"}, {"id": -100, "type": "supergroup"}
CANARY = "canary-Xq7-secret"


@pytest.fixture
async def bench() -> AsyncIterator[TelegramBench]:
    async with telegram_bench() as bench:
        yield bench


@pytest.fixture
def updates(bench: TelegramBench) -> TelegramUpdates:
    return TelegramUpdates(bench.bot, echoing_dispatcher(), is_anna)


def is_anna(user_id: int) -> bool:
    """The one whom this bot answers in groups."""
    return user_id == ANNA


def echoing_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()

    async def echo(message: Message) -> None:
        await message.answer(f"<b>{message.text}</b>")

    async def press(query: CallbackQuery) -> None:
        await query.answer(f"pressed {query.data}")

    dispatcher.message.register(echo)
    dispatcher.callback_query.register(press)
    return dispatcher


async def test_an_update_that_nobody_can_decode_does_not_hide_the_others(
    bench: TelegramBench, updates: TelegramUpdates
) -> None:
    """A batch with a broken update in the middle comes whole, as Telegram sent it."""
    await bench.act("send", user=7, text="before")
    await bench.act("raw", message={"message_id": "not a number", "text": CANARY})
    await bench.act("send", user=7, text="after")
    batch = await updates.fetch(None, 0)
    assert [raw["message"]["text"] for raw in batch] == ["before", CANARY, "after"]


class Typing:
    """Stands where aiogram's client does, and notes where it was shown to type."""

    def __init__(self) -> None:
        self.chats: list[int] = []

    async def me(self) -> User:
        return User(id=1, is_bot=True, first_name="Desk", username="Desk_bot")

    async def send_chat_action(self, chat: int, *_: Any, **__: Any) -> None:
        self.chats.append(chat)

    async def answer_callback_query(self, *_: Any, **__: Any) -> None:
        raise AssertionError("nothing here is late")


def said(text: str, by: int, chat: dict[str, Any]) -> dict[str, Any]:
    return {"message": {"text": text, "from": {"id": by}, "chat": chat}}


def tapped(by: int, chat: dict[str, Any]) -> dict[str, Any]:
    return {"callback_query": {"id": "5", "from": {"id": by}, "message": {"chat": chat}}}


@pytest.mark.parametrize(
    ("update", "shown"),
    [
        (said("hello", BORIS, PRIVATE), True),
        (said("/take beboo", ANNA, GROUP), True),
        (said("/take@desk_BOT beboo", ANNA, GROUP), True),
        (said("/take@other_bot beboo", ANNA, GROUP), False),
        (said("/take beboo", BORIS, GROUP), False),
        (said("hello", ANNA, GROUP), False),
        (tapped(ANNA, GROUP), True),
        (tapped(BORIS, GROUP), False),
        (tapped(BORIS, PRIVATE), True),
        ({"message": {"chat": GROUP, "text": "/take"}}, False),
        ({"message": "nothing"}, False),
        ({}, False),
    ],
)
async def test_typing_is_shown_where_an_answer_comes(update: dict[str, Any], shown: bool) -> None:
    """In a group neither for another bot's command nor for a stranger's; what is odd is left alone."""
    bot = Typing()
    await TelegramUpdates(cast(Bot, bot), Dispatcher(), is_anna).show_waiting(update, late=False)
    assert shown is bool(bot.chats)


async def test_a_higher_offset_confirms(bench: TelegramBench, updates: TelegramUpdates) -> None:
    """Without an offset the same updates come again, with one the confirmed ones do not."""
    ids = [(await bench.act("send", user=7, text="hello"))["update_id"] for _ in range(3)]
    for offset, expected in ((None, ids), (None, ids), (ids[0] + 1, ids[1:]), (ids[2] + 1, [])):
        assert [raw["update_id"] for raw in await updates.fetch(offset, 0)] == expected


async def test_a_poll_waits_for_what_comes(bench: TelegramBench, updates: TelegramUpdates) -> None:
    """A poll of 25 s returns when somebody writes."""
    polling = asyncio.create_task(updates.fetch(None, 25))
    while not (await bench.see("state"))["polling"]:
        pass
    await bench.act("send", user=7, text="hello")
    assert len(await asyncio.wait_for(polling, 5)) == 1


async def test_handlers_get_the_update_with_its_bot(bench: TelegramBench, updates: TelegramUpdates) -> None:
    """A message is answered in HTML by its handler, a button by its own."""
    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]])
    await bench.act("send", user=7, text="hello")
    message = await bench.bot.send_message(7, "Ready?", reply_markup=keys)
    press = await bench.act("press", user=7, chat=7, message_id=message.message_id, data="go")
    for raw in await updates.fetch(None, 0):
        await updates.handle(raw)
    assert await bench.texts(7) == ["Ready?", "hello"]
    answer = await bench.see(f"callbacks/{press['callback_query_id']}")
    assert answer["text"] == "pressed go"


@pytest.mark.parametrize(
    "event",
    [
        {"message": {"message_id": "x", "text": CANARY}},
        {"teleport": {"to": CANARY}},
        {"message": CANARY},
        {},
    ],
)
async def test_what_cannot_be_decoded_is_named_and_not_quoted(
    updates: TelegramUpdates, event: dict[str, Any]
) -> None:
    """A broken update and one of a kind that does not exist yet are Undecodable; neither is quoted."""
    with pytest.raises(Undecodable) as caught:
        await updates.handle({"update_id": 5, **event})
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("token", "status"), [("1000000000:another-token", 401), ("1:x", 404)])
async def test_a_wrong_token_is_refused(bench: TelegramBench, token: str, status: int) -> None:
    """A revoked token and a malformed one are refusals with their status."""
    stranger = Bot(token, session=bench.bot.session)
    with pytest.raises(PeerRefused) as caught:
        await TelegramUpdates(stranger, Dispatcher(), is_anna).fetch(None, 0)
    assert caught.value.status == status


async def test_the_first_of_two_pollers_is_told(bench: TelegramBench, updates: TelegramUpdates) -> None:
    """A second instance makes the first one's poll end with 409."""
    first = asyncio.create_task(updates.fetch(None, 25))
    while not (await bench.see("state"))["polling"]:
        pass
    await updates.fetch(None, 0)
    with pytest.raises(PeerRefused, match="only one bot instance") as caught:
        await asyncio.wait_for(first, 5)
    assert caught.value.status == 409


async def test_too_many_requests_say_how_long(bench: TelegramBench, updates: TelegramUpdates) -> None:
    """429 is PeerBusy with the seconds that Telegram named."""
    bench.faults.add({"kind": "status", "status": 429, "retry_after": 7})
    with pytest.raises(PeerBusy) as caught:
        await updates.fetch(None, 0)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502},
        {"kind": "html"},
        {"kind": "reset"},
        {"kind": "hang", "seconds": 0},
        {"kind": "cut"},
        {"kind": "lose_answer"},
    ],
)
async def test_a_poll_without_an_answer_may_be_repeated(
    bench: TelegramBench, updates: TelegramUpdates, fault: dict[str, Any]
) -> None:
    """However the answer gets lost: PeerUnavailable, without token or content, and nothing is confirmed."""
    await bench.act("send", user=7, text=CANARY)
    bench.faults.add(fault)
    with pytest.raises(PeerUnavailable) as caught:
        await updates.fetch(None, 0)
    assert not [secret for secret in (CANARY, bench.bot.token) if secret in str(caught.value)]
    bench.faults.clear()
    assert len(await updates.fetch(None, 0)) == 1


async def test_an_address_that_nobody_listens_at_is_unavailable() -> None:
    """A refused connection is PeerUnavailable."""
    bot = make_bot("1:token-of-nobody", f"http://127.0.0.1:{unused_port()}/", clock=SystemClock())
    try:
        with pytest.raises(PeerError) as caught:
            await TelegramUpdates(bot, Dispatcher(), is_anna).fetch(None, 0)
    finally:
        await bot.session.close()
    assert isinstance(caught.value, PeerUnavailable)
    assert "token-of-nobody" not in str(caught.value)


async def test_the_token_is_not_in_what_is_told() -> None:
    """The HTTP client quotes the address in its errors, and the address holds the token."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"this is not HTTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    bot = make_bot("1:token-of-nobody", f"http://{host}:{port}", clock=SystemClock())
    async with server:
        with pytest.raises(PeerUnavailable, match="<token>") as caught:
            await TelegramUpdates(bot, Dispatcher(), is_anna).fetch(None, 0)
        await bot.session.close()
    assert "token-of-nobody" not in str(caught.value)


async def test_a_send_without_an_answer_is_not_repeated(bench: TelegramBench) -> None:
    """The message may be there: whoever sent it is told, and it is there once."""
    await bench.act("send", user=7, text="hello")
    bench.faults.add({"kind": "lose_answer", "path": "sendMessage"})
    with pytest.raises(TelegramNetworkError):
        await bench.bot.send_message(7, "once")
    assert await bench.texts(7) == ["once"]


async def test_a_flooded_send_waits_and_arrives_once() -> None:
    """429 with 3 s: the message is sent again 3 s later, and is there once."""
    clock = ManualClock()
    async with telegram_bench(clock) as bench:
        await bench.act("send", user=7, text="hello")
        bench.faults.add({"kind": "status", "status": 429, "retry_after": 3, "times": 1})
        began = clock.time()
        sending = asyncio.create_task(bench.bot.send_message(7, "patience"))
        while not sending.done():
            await clock.tick(0.5)
            await bench.see("state")
        assert await bench.texts(7) == ["patience"]
        assert clock.time() - began >= 3
        assert bench.faults.snapshot()["rules"][0]["hits"] == 1
