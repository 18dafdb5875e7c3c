"""An admin's word on many entries that were deleted in the sheet at once."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, User

from bot.handlers.filters import Pressed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.offer import Press
from bot.services.reconciler import Reconciler
from bot.views import removals as views
from bot.views.reply import one


def make_router() -> Router:
    """The two buttons under the notice."""
    router = Router(name="removals")
    router.callback_query.register(rule, Pressed("removals"))
    return router


async def rule(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, removals: Reconciler) -> None:
    """They were meant, or the entries are written again; whoever of the admins says so first."""
    word, latest = press.action.args
    if word == "free":
        text = views.freed(await removals.free_missing(float(latest or 0), sender.id, name_of(sender)))
    else:
        text = views.restored(await removals.restore_missing(float(latest or 0), sender.id, name_of(sender)))
    await outlet.deliver(one(text))
