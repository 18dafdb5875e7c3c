"""Who writes to us is kept in mind: names change, and who had blocked the bot may be back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import Chat, TelegramObject, User

from bot.errors import StorageError
from bot.models.entries import shown_name

log = structlog.get_logger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Doorkeeper(Protocol):
    """Whom to tell."""

    async def met(self, user_id: int, name: str, username: str | None, *, in_private: bool) -> None: ...


class Acquaintance(BaseMiddleware):
    """Notes everybody whom `Access` has passed on. A database that refuses keeps nobody from their answer."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender: User = data["sender"]
        chat: Chat | None = data.get("event_chat")
        name = shown_name(sender.username, sender.full_name, sender.id)
        in_private = chat is not None and chat.type == ChatType.PRIVATE
        try:
            await self._doorkeeper.met(sender.id, name, sender.username, in_private=in_private)
        except StorageError as error:
            log.warning("a person could not be noted", user_id=sender.id, error=str(error))
        return await handler(event, data)
