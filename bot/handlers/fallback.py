"""Whatever no other router wanted: wrong places, unknown commands, plain text, media, dead buttons."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import OfferLapsed
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import InPrivate, Typed
from bot.handlers.filters import is_private as in_private
from bot.handlers.placing import HERE
from bot.middlewares.access import is_typed
from bot.models.role import Role
from bot.views import help as views

ANY_COMMAND = re.compile(r".*", re.DOTALL)
UNREADABLE = frozenset(
    {
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LIVE_PHOTO,
        ContentType.LOCATION,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.RICH_MESSAGE,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)


def register(router: Router) -> None:
    """Included last: it takes everything that is left. In groups it keeps quiet unless it is spoken to."""
    router.message.register(other_command, Typed(ANY_COMMAND), flags=HERE)
    router.message.register(other_message, InPrivate(), flags=HERE)
    router.callback_query.register(dead_button)


async def other_command(message: Message, command: CommandObject, role: Role) -> None:
    """A command that does not exist."""
    if in_private(message) or command.mention:
        await message.answer(views.unknown_command(command.command, role))


async def other_message(message: Message, sender: User, role: Role, deps: ChatDeps) -> None:
    """Plain text, what somebody else has written, media: one hint, not one a message."""
    hint = _hint(message, role)
    occasion = (sender.id, message.media_group_id or hint)
    if hint and deps.hints.first(occasion):
        await message.answer(hint)


async def dead_button(_: CallbackQuery) -> None:
    """A button of an older version, or data that was never ours."""
    raise OfferLapsed


def _hint(message: Message, role: Role) -> str | None:
    if message.content_type in UNREADABLE:
        return views.UNREADABLE
    if not message.text:
        return None
    if not is_typed(message):
        return views.FORWARDED
    return None if message.text.lstrip().startswith("/") else views.plain_text(role)
