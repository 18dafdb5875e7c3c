"""One answer on its way into a chat: typing, a progress message, and the answer in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from bot.handlers.filters import ButtonData
from bot.handlers.photos import Photos, Pictures
from bot.models.offer import Action
from bot.resilience.clock import Clock
from bot.views.reply import Attachment, Picture, Reply

T = TypeVar("T")

RESEND_AFTER = (1.0, 2.0, 4.0, 8.0)
SIGN_TIMEOUT = 5


class OfferMaker(Protocol):
    """Where the actions behind buttons are stored."""

    async def make(self, user_id: int, actions: Sequence[Action], good_for: float) -> str: ...


class Outlet:
    """`message_id` is a message of ours that the answer may replace. Buttons are bound to the chat's person."""

    def __init__(
        self,
        bot: Bot,
        clock: Clock,
        offers: OfferMaker,
        chat_id: int,
        message_id: int | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._offers = offers
        self.chat_id = chat_id
        self.message_id = message_id
        self._pictures = pictures
        self._in_progress = False

    def anew(self) -> Outlet:
        """An outlet to the same chat that replaces nothing."""
        return Outlet(self._bot, self._clock, self._offers, self.chat_id, pictures=self._pictures)

    async def typing(self) -> None:
        """Show that work has begun; a failure does not matter."""
        with suppress(TelegramAPIError):
            await self._bot.send_chat_action(self.chat_id, ChatAction.TYPING, request_timeout=SIGN_TIMEOUT)

    async def progress(self, text: str) -> None:
        """Say that it takes longer, in the message that will become the answer; a failure does not matter."""
        with suppress(TelegramAPIError):
            self.message_id = await self._put(text, None)
            self._in_progress = True

    async def withdraw(self) -> None:
        """Take a progress message back: another message will say how it ended."""
        if self._in_progress and self.message_id is not None:
            with suppress(TelegramAPIError):
                await self._bot.delete_message(self.chat_id, self.message_id)

    async def deliver(self, reply: Reply) -> int:
        """Send the answer; returns the id of its last message, the one with the buttons.

        A lost connection is met by sending again: twice is better than not at all.
        """
        markup = await self._keyboard(reply)
        *first, last = reply.texts
        for text in first:
            await self._insist(partial(self._put, text, None))
            self.message_id = None
        if reply.picture is not None:
            await self._show(reply.picture, last, markup)
        else:
            self.message_id = await self._insist(partial(self._put, last, markup))
        if reply.file is not None:
            await self._insist(partial(self._send_file, reply.file))
        assert self.message_id is not None
        return self.message_id

    async def _show(self, picture: Picture, caption: str, markup: InlineKeyboardMarkup | None) -> None:
        """A text that says that something is under way does not become a picture: it goes."""
        if self._in_progress:
            await self.withdraw()
            self.message_id = None
        photos = Photos(self._bot, self._clock, self._pictures)
        self.message_id = await self._insist(
            lambda: photos.put(picture, caption, markup, self.chat_id, self.message_id)
        )

    async def _put(self, text: str, markup: InlineKeyboardMarkup | None) -> int:
        """Edit the message we have into `text`, or send a new one; returns its id."""
        if self.message_id is not None:
            try:
                await self._bot.edit_message_text(
                    text, chat_id=self.chat_id, message_id=self.message_id, reply_markup=markup
                )
            except TelegramBadRequest as error:
                if "not modified" in error.message.lower():
                    return self.message_id
            else:
                return self.message_id
        sent = await self._bot.send_message(self.chat_id, text, reply_markup=markup)
        return sent.message_id

    async def _send_file(self, file: Attachment) -> None:
        document = BufferedInputFile(file.content.encode(), filename=file.name)
        await self._bot.send_document(self.chat_id, document)

    async def _insist(self, call: Callable[[], Awaitable[T]]) -> T:
        for pause in RESEND_AFTER:
            try:
                return await call()
            except TelegramMigrateToChat as moved:
                self.chat_id, self.message_id = moved.migrate_to_chat_id, None
            except (TelegramNetworkError, TelegramServerError):
                await self._clock.sleep(pause)
        return await call()

    async def _keyboard(self, reply: Reply) -> InlineKeyboardMarkup | None:
        if not reply.rows:
            return None
        actions = [button.action for button in reply.buttons]
        offer, places = (
            await self._offers.make(self.chat_id, actions, reply.good_for),
            iter(range(len(actions))),
        )
        rows = [
            [
                InlineKeyboardButton(
                    text=button.text, callback_data=ButtonData(offer=offer, button=next(places)).pack()
                )
                for button in row
            ]
            for row in reply.rows
        ]
        return InlineKeyboardMarkup(inline_keyboard=rows)
