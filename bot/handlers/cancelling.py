"""/cancel: nothing is reserved and nothing that was begun goes on."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message, User

from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.outlet import Outlet
from bot.services.connecting import Connecting
from bot.services.line import WaitingLine
from bot.services.previews import Previews
from bot.views import line as views


def register(router: Router) -> None:
    """/cancel."""
    router.message.register(cancel, Typed("cancel"))


async def cancel(
    _: Message,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    previews: Previews,
    line: WaitingLine,
    connecting: Connecting | None = None,
) -> None:
    """Drop what is reserved for the sender, and what they have begun, buttons and all; their places in line stay."""
    stopped = connecting is not None and await connecting.stop(sender.id)
    dropped = await deps.desk.cancel_all_reservations(sender.id)
    await previews.drop_all(sender.id)
    staying = await line.give_up_turns(sender.id)
    await deps.offers.drop(sender.id)
    await outlet.deliver(views.cancelled(dropped, staying, stopped=stopped))
