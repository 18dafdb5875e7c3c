"""What one holds: /my."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message, User

from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.outlet import Outlet
from bot.views import proxies


def make_router() -> Router:
    """/my."""
    router = Router(name="my")
    router.message.register(my, Typed("my"))
    return router


async def my(_: Message, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """Show what the sender holds."""
    held = await deps.desk.held_by(sender.id)
    await outlet.deliver(proxies.mine(held))
