"""/start and /help."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message

from bot.handlers.filters import Typed
from bot.models.role import Role
from bot.views import help as views


def make_router() -> Router:
    """/start and /help, in any chat."""
    router = Router(name="start")
    router.message.register(start, Typed("start"))
    router.message.register(overview, Typed("help"))
    return router


async def start(message: Message, role: Role) -> None:
    """Greet."""
    await message.answer(views.welcome(role))


async def overview(message: Message, role: Role) -> None:
    """List the commands that the sender can use."""
    await message.answer(views.overview(role))
