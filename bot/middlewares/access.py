"""Who may speak to the bot: nobody, unless a list names them. Decided once, before anything is parsed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update, User

from bot.models.role import Role

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Access(BaseMiddleware):
    """Passes messages and button presses of listed people on, with `sender` and `role`.

    Everything else ends here: edits, posts of channels and anonymous admins, bots, kinds of updates we do not
    know. A person who is not listed gets what `turn_away` says.
    """

    def __init__(
        self,
        admin_ids: frozenset[int],
        allowed_ids: frozenset[int],
        turn_away: Callable[[Update, User], Awaitable[None]],
    ) -> None:
        self._admin_ids = admin_ids
        self._allowed_ids = allowed_ids
        self._turn_away = turn_away

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender = _sender(event) if isinstance(event, Update) else None
        if sender is None or not isinstance(event, Update):
            return None
        role = self.role_of(sender.id)
        if role is None:
            return await self._turn_away(event, sender)
        return await handler(event, data | {"sender": sender, "role": role})

    def role_of(self, user_id: int) -> Role | None:
        """The person's role; None for a stranger."""
        if user_id in self._admin_ids:
            return Role.ADMIN
        return Role.USER if user_id in self._allowed_ids else None


def _sender(update: Update) -> User | None:
    """The person behind the update, if it is one we act on."""
    if update.callback_query is not None:
        sender = update.callback_query.from_user
    elif update.message is not None and update.message.sender_chat is None and update.message.from_user:
        sender = update.message.from_user
    else:
        return None
    return None if sender.is_bot else sender
