"""/start and /help."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message, User

from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.outlet import Outlet
from bot.models.role import Role
from bot.views import help as views
from bot.views.reply import one


def register(router: Router) -> None:
    """/start and /help."""
    router.message.register(start, Typed("start"))
    router.message.register(overview, Typed("help"))


async def start(_: Message, sender: User, role: Role, outlet: Outlet, deps: ChatDeps) -> None:
    """Greet, offer the first step, and remind of what is held: its message may never have arrived."""
    await outlet.deliver(views.welcome(role, len(await deps.desk.held_by(sender.id))))


async def overview(_: Message, role: Role, outlet: Outlet) -> None:
    """List the commands that the sender can use."""
    await outlet.deliver(one(views.overview(role)))
