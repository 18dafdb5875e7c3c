"""An admin's word on many entries that were deleted in the sheet at once."""

from __future__ import annotations

from typing import Protocol

from aiogram import Router
from aiogram.types import CallbackQuery, User

from bot.handlers.buttons import carried
from bot.handlers.filters import Pressed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.offer import Press
from bot.views import removals as views
from bot.views.reply import one

WORDS = frozenset({"free", "restore"})


class Removals(Protocol):
    """What waits for the word; `until`: the moment when the last of it was noted (epoch seconds)."""

    async def free_missing(self, until: float, admin_id: int, admin: str) -> int: ...
    async def restore_missing(self, until: float, admin_id: int, admin: str) -> int: ...


def register(router: Router) -> None:
    """The two buttons under the notice."""
    router.callback_query.register(rule, Pressed("removals"))


async def rule(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, removals: Removals) -> None:
    """They were meant, or the entries are written again; whoever of the admins says so first."""
    word, latest = carried(press.action.args, WORDS, int | float)
    if word == "free":
        text = views.freed(await removals.free_missing(latest, sender.id, name_of(sender)))
    else:
        text = views.restored(await removals.restore_missing(latest, sender.id, name_of(sender)))
    await outlet.deliver(one(text))
