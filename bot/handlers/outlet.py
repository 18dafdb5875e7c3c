"""One answer on its way into a chat: typing, a progress message, and the answer in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.handlers.filters import OfferPress
from bot.resilience.clock import Clock
from bot.views.reply import Button, Reply

T = TypeVar("T")

RESEND_AFTER = (1.0, 2.0, 4.0, 8.0)
SIGN_TIMEOUT = 5


class Outlet:
    """`message_id` is a message of ours that the answer may replace."""

    def __init__(self, bot: Bot, clock: Clock, chat_id: int, message_id: int | None = None) -> None:
        self._bot = bot
        self._clock = clock
        self._chat_id = chat_id
        self._message_id = message_id
        self._in_progress = False

    async def typing(self) -> None:
        """Show that work has begun; a failure does not matter."""
        with suppress(TelegramAPIError):
            await self._bot.send_chat_action(self._chat_id, ChatAction.TYPING, request_timeout=SIGN_TIMEOUT)

    async def progress(self, text: str) -> None:
        """Say that it takes longer, in the message that will become the answer; a failure does not matter."""
        with suppress(TelegramAPIError):
            self._message_id = await self._put(text, None)
            self._in_progress = True

    async def withdraw(self) -> None:
        """Take a progress message back: another message will say how it ended."""
        if self._in_progress and self._message_id is not None:
            with suppress(TelegramAPIError):
                await self._bot.delete_message(self._chat_id, self._message_id)

    async def deliver(self, reply: Reply) -> None:
        """Send the answer. A lost connection is met by sending again: twice is better than not at all."""
        *first, last = reply.texts
        for text in first:
            await self._insist(partial(self._put, text, None))
            self._message_id = None
        await self._insist(partial(self._put, last, _keyboard(reply.buttons)))

    async def _put(self, text: str, markup: InlineKeyboardMarkup | None) -> int:
        """Edit the message we have into `text`, or send a new one; returns its id."""
        if self._message_id is not None:
            try:
                await self._bot.edit_message_text(
                    text, chat_id=self._chat_id, message_id=self._message_id, reply_markup=markup
                )
            except TelegramBadRequest as error:
                if "not modified" in error.message.lower():
                    return self._message_id
            else:
                return self._message_id
        sent = await self._bot.send_message(self._chat_id, text, reply_markup=markup)
        return sent.message_id

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        for pause in RESEND_AFTER:
            try:
                return await call()
            except (TelegramNetworkError, TelegramServerError):
                await self._clock.sleep(pause)
        return await call()


def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One button a row: names are long and phones narrow."""
    if not buttons:
        return None
    rows = [
        [InlineKeyboardButton(text=button.text, callback_data=OfferPress(offer=button.offer).pack())]
        for button in buttons
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows)
