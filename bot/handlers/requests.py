"""What makes a message the same request when it comes again."""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import Message, User

from bot.handlers.deps import ChatDeps
from bot.models.entries import shown_name

MAX_AGE = 600.0


def request_key(bot: Bot, message: Message) -> str:
    """One key a message, whatever Telegram's update about it is numbered."""
    return f"{bot.id}:{message.chat.id}:{message.message_id}"


async def is_too_old(message: Message, key: str, deps: ChatDeps) -> bool:
    """A late command starts nothing new, but one that was accepted in time gets its answer."""
    age = deps.clock.time() - message.date.timestamp()
    return age > MAX_AGE and not await deps.desk.known(key)


def name_of(sender: User) -> str:
    """How the sender appears in the sheet."""
    return shown_name(sender.username, sender.full_name, sender.id)
