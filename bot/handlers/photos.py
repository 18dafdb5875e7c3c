"""Pictures on their way into a chat: by the id that Telegram knows them by, else as a file."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, InputMediaPhoto, Message

from bot.errors import StorageError
from bot.resilience.clock import Clock
from bot.views.reply import Picture

LOST = ("wrong file identifier", "wrong remote file identifier", "wrong file_id", "file of type")
NOT_MODIFIED = "not modified"


class Pictures(Protocol):
    """What Telegram has, by the keys of pictures."""

    async def keep(self, key: str, file_id: str, now: float) -> None:
        """Telegram has it."""

    async def drop(self, key: str) -> None:
        """Telegram does not know it any more."""


class Photos:
    """One picture for one message; `pictures` remembers what was sent, for the next time."""

    def __init__(self, bot: Bot, clock: Clock, pictures: Pictures | None) -> None:
        self._bot = bot
        self._clock = clock
        self._pictures = pictures

    async def put(
        self,
        picture: Picture,
        caption: str,
        markup: InlineKeyboardMarkup | None,
        chat_id: int,
        message_id: int | None,
    ) -> int:
        """Edit the message into the picture, or send a new one; returns its id. Telegram's refusals are raised."""
        if picture.file_id is not None:
            try:
                return await self._place(picture.file_id, caption, markup, chat_id, message_id)
            except TelegramBadRequest as error:
                if not any(sign in error.message.lower() for sign in LOST):
                    raise
                await self._drop(picture.key)
        file = BufferedInputFile(await picture.paint(), filename=picture.name)
        return await self._place(file, caption, markup, chat_id, message_id, key=picture.key)

    async def _place(
        self,
        photo: str | BufferedInputFile,
        caption: str,
        markup: InlineKeyboardMarkup | None,
        chat_id: int,
        message_id: int | None,
        key: str | None = None,
    ) -> int:
        if message_id is not None:
            media = InputMediaPhoto(media=photo, caption=caption)
            try:
                edited = await self._bot.edit_message_media(
                    media, chat_id=chat_id, message_id=message_id, reply_markup=markup
                )
            except TelegramBadRequest as error:
                if NOT_MODIFIED in error.message.lower():
                    return message_id
                if any(sign in error.message.lower() for sign in LOST):
                    raise
            else:
                await self._keep(key, edited)
                return message_id
        sent = await self._bot.send_photo(chat_id, photo, caption=caption, reply_markup=markup)
        await self._keep(key, sent)
        return sent.message_id

    async def _keep(self, key: str | None, sent: Message | bool) -> None:
        """What cannot be remembered is sent as a file again."""
        if key is None or self._pictures is None or not isinstance(sent, Message) or not sent.photo:
            return
        with suppress(StorageError):
            await self._pictures.keep(key, sent.photo[-1].file_id, self._clock.time())

    async def _drop(self, key: str) -> None:
        if self._pictures is not None:
            with suppress(StorageError):
                await self._pictures.drop(key)
