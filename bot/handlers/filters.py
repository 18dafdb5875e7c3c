"""Filters of our own; all asynchronous, since aiogram runs every other kind in a thread."""

from __future__ import annotations

import re
from typing import Any

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.filters import Command, Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from bot.middlewares.access import is_typed
from bot.models.offer import Press


class ButtonData(CallbackData, prefix="b"):
    """What a button carries: an offer's id and a position; it tells nothing and proves nothing by itself."""

    offer: str
    button: int


class Typed(Command):
    """One of the commands, typed by its sender for this bot: no caption, nothing that was written elsewhere."""

    def __init__(self, *names: str | re.Pattern[str]) -> None:
        super().__init__(*names, ignore_case=True)
        is_open = any(isinstance(name, re.Pattern) for name in names)
        self.names = None if is_open else frozenset(str(name) for name in names)  # None: any

    async def __call__(self, message: Message, bot: Bot) -> bool | dict[str, Any]:
        if not message.text or not is_typed(message):
            return False
        return await super().__call__(message, bot)


class Pressed(Filter):
    """A button with one of these verbs behind it."""

    def __init__(self, *verbs: str) -> None:
        self.names = frozenset(verbs)

    async def __call__(self, _: CallbackQuery, press: Press) -> bool:
        return press.action.verb in self.names


class InPrivate(Filter):
    """A private chat: the only place for credentials."""

    async def __call__(self, message: Message) -> bool:
        return is_private(message)


def is_private(message: Message) -> bool:
    """Whether only the sender can read the answer."""
    return message.chat.type == ChatType.PRIVATE
