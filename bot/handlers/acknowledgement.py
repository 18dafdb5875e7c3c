"""The end of a button's spinner: each press is answered once, whatever becomes of it."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery

ACKNOWLEDGE_WITHIN = 1.0
SIGN_TIMEOUT = 5


class Acknowledgement:
    """Answers a callback query at most once."""

    def __init__(self, bot: Bot, callback: CallbackQuery) -> None:
        self._bot = bot
        self._callback = callback
        self._given = False

    async def give(self, text: str | None = None) -> None:
        """Stop the spinner, with a word on top of the screen if need be; a query that is too old does not matter."""
        if not self._given:
            self._given = True
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(
                    self._callback.id, text=text, request_timeout=SIGN_TIMEOUT
                )
