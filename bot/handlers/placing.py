"""Where an answer goes: credentials and all else that is personal into the private chat, whoever may read along."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiogram import BaseMiddleware, Bot
from aiogram.dispatcher.flags import get_flag
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, Message, TelegramObject, User

from bot.handlers.acknowledgement import ACKNOWLEDGE_WITHIN, Acknowledgement
from bot.handlers.filters import is_private
from bot.handlers.outlet import OfferMaker, Outlet
from bot.handlers.photos import Pictures
from bot.handlers.waiting import meanwhile
from bot.resilience.clock import Clock
from bot.views import places

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

HERE = {"here": True}


class Placing(BaseMiddleware):
    """Gives each handler its `outlet`. Asked in a group, it answers in private and says so there.

    A handler with the flag `here` answers where it was asked. A press is acknowledged with its answer, at the
    latest after a second; its outlet replaces the message with the button.
    """

    def __init__(self, clock: Clock, offers: OfferMaker, pictures: Pictures | None = None) -> None:
        self._clock = clock
        self._offers = offers
        self._pictures = pictures

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        bot, sender = cast(Bot, data["bot"]), cast(User, data["sender"])
        if isinstance(event, CallbackQuery):
            return await self._pressed(handler, event, data, bot, sender)
        message = cast(Message, event)
        if is_private(message) or get_flag(data, "here"):
            return await handler(event, data | {"outlet": self._outlet(bot, message.chat.id)})
        return await self._in_private(handler, message, data, bot, sender)

    async def _pressed(
        self, handler: Handler, callback: CallbackQuery, data: dict[str, Any], bot: Bot, sender: User
    ) -> None:
        acknowledgement = Acknowledgement(bot, callback)
        outlet = self._outlet(bot, sender.id, _own_message(callback, sender))
        async with meanwhile(self._clock, (ACKNOWLEDGE_WITHIN, acknowledgement.give)):
            await handler(callback, data | {"outlet": outlet, "acknowledgement": acknowledgement})
        await acknowledgement.give()

    async def _in_private(
        self, handler: Handler, message: Message, data: dict[str, Any], bot: Bot, sender: User
    ) -> None:
        text = places.SENT_PRIVATELY
        if await _reachable(bot, sender.id):
            here = self._outlet(bot, message.chat.id)
            async with meanwhile(self._clock, (0.0, here.typing)):
                await handler(message, data | {"outlet": self._outlet(bot, sender.id)})
        else:
            text = places.open_private((await bot.me()).username or "")
        reference = message.as_reply_parameters(allow_sending_without_reply=True)
        await message.answer(text, reply_parameters=reference)

    def _outlet(self, bot: Bot, chat_id: int, message_id: int | None = None) -> Outlet:
        return Outlet(bot, self._clock, self._offers, chat_id, message_id, self._pictures)


def _own_message(callback: CallbackQuery, sender: User) -> int | None:
    """The pressed message if only its presser can read it, else None: a new one is sent in private."""
    message = callback.message
    if isinstance(message, Message) and is_private(message) and message.chat.id == sender.id:
        return message.message_id
    return None


async def _reachable(bot: Bot, user_id: int) -> bool:
    """Whether the user has a private chat with us; asked before anything is done."""
    try:
        await bot.send_chat_action(user_id, ChatAction.TYPING)
    except (TelegramForbiddenError, TelegramBadRequest):
        return False
    return True
