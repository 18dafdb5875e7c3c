"""Telegram's pace as the client keeps it, on a clock ticked by hand."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    GetMe,
    SendChatAction,
    SendMessage,
    TelegramMethod,
)

from bot.gateways.telegram import GetRawUpdates, OutgoingPace
from bot.resilience.clock import ManualClock

BOT = Bot("1:token")


class Wire:
    """Notes when each request goes out; refuses the first ones for `floods` seconds."""

    def __init__(self, clock: ManualClock, *floods: int) -> None:
        self._clock = clock
        self._began = clock.time()
        self._floods = list(floods)
        self.at: list[float] = []

    async def __call__(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        self.at.append(round(self._clock.time() - self._began, 3))
        if self._floods:
            wait = self._floods.pop(0)
            raise TelegramRetryAfter(method, f"Too Many Requests: retry after {wait}", wait)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def message(chat_id: int | str) -> SendMessage:
    return SendMessage(chat_id=chat_id, text="hello")


async def send_all(pace: OutgoingPace, wire: Wire, methods: list[Any], clock: ManualClock) -> None:
    """Send them all at once, and let four minutes pass."""
    sending = [asyncio.create_task(pace(wire, BOT, method)) for method in methods]
    await clock.tick(240)
    await asyncio.gather(*sending)


@pytest.mark.parametrize(
    ("chat_id", "seconds"),
    [(7, [0, 0, 0, 0, 0, 1, 2, 3]), (-100, [0, 0, 0, 0, 0, 3, 6, 9]), ("@news", [0, 0, 0, 0, 0, 3, 6, 9])],
)
async def test_one_chat_gets_a_burst_and_then_its_rate(
    clock: ManualClock, chat_id: int | str, seconds: list[float]
) -> None:
    """Five at once; then one a second in a private chat, twenty a minute in a group or channel."""
    wire = Wire(clock)
    await send_all(OutgoingPace(clock), wire, [message(chat_id)] * 8, clock)
    assert wire.at == seconds


async def test_all_chats_together_get_thirty_a_second(clock: ManualClock) -> None:
    """To 90 chats at once: thirty now, the rest at thirty a second."""
    wire = Wire(clock)
    await send_all(OutgoingPace(clock), wire, [message(chat) for chat in range(1, 91)], clock)
    assert wire.at[:30] == [0] * 30
    assert wire.at[30:] == pytest.approx([n / 30 for n in range(1, 61)], abs=0.01)


async def test_edits_count_as_messages(clock: ManualClock) -> None:
    """An edit takes its turn like a message."""
    wire = Wire(clock)
    edit = EditMessageText(chat_id=7, message_id=1, text="hello")
    await send_all(OutgoingPace(clock), wire, [edit] * 6, clock)
    assert wire.at == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    "method",
    [
        AnswerCallbackQuery(callback_query_id="1"),
        SendChatAction(chat_id=7, action="typing"),
        DeleteMessage(chat_id=7, message_id=1),
        GetRawUpdates(),
        GetMe(),
    ],
)
async def test_what_writes_nothing_is_not_held_back(clock: ManualClock, method: TelegramMethod[Any]) -> None:
    """A hundred such calls go out at once."""
    wire = Wire(clock)
    pace = OutgoingPace(clock)
    async with asyncio.timeout(5):
        await asyncio.gather(*(pace(wire, BOT, method) for _ in range(100)))
    assert wire.at == [0] * 100


async def test_a_flood_holds_back_the_whole_chat_and_no_other(clock: ManualClock) -> None:
    """After "retry after 10" nothing goes to that chat for 10 s; another chat is served meanwhile."""
    wire, pace = Wire(clock, 10), OutgoingPace(clock)
    first = asyncio.create_task(pace(wire, BOT, message(7)))
    await clock.tick(1)
    second = asyncio.create_task(pace(wire, BOT, message(7)))
    other = asyncio.create_task(pace(wire, BOT, message(8)))
    await clock.tick(30)
    await asyncio.gather(first, second, other)
    assert wire.at == [0, 1, 10, 11]


@pytest.mark.parametrize(("floods", "tries"), [((61,), 1), ((40, 30), 2)])
async def test_a_long_flood_is_the_callers(clock: ManualClock, floods: tuple[int, ...], tries: int) -> None:
    """More than 60 s in all are not waited for."""
    wire = Wire(clock, *floods)
    sending = asyncio.create_task(OutgoingPace(clock)(wire, BOT, message(7)))
    await clock.tick(100)
    with pytest.raises(TelegramRetryAfter):
        await sending
    assert len(wire.at) == tries


async def test_waiting_can_be_cancelled(clock: ManualClock) -> None:
    """A message that waits for its turn is never sent once its sender gave up."""
    wire, pace = Wire(clock), OutgoingPace(clock)
    await send_all(pace, wire, [message(7)] * 5, ManualClock())
    waiting = asyncio.create_task(pace(wire, BOT, message(7)))
    await asyncio.sleep(0)
    waiting.cancel()
    await clock.tick(60)
    assert waiting.cancelled()
    assert len(wire.at) == 5
