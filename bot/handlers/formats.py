"""How one's proxies are written: /format."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.buttons import carried
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.offer import Press
from bot.services.people import People
from bot.views import formats as views


def register(router: Router) -> None:
    """/format and its buttons."""
    router.message.register(show, Typed("format"))
    router.callback_query.register(choose, Pressed("format"))


async def show(_: Message, sender: User, outlet: Outlet, people: People) -> None:
    """Show the forms, and which one is the sender's."""
    await outlet.deliver(views.forms(people.preferences_of(sender.id).format))


async def choose(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, people: People) -> None:
    """Make one of them the sender's."""
    [form] = carried(press.action.args, frozenset(views.LABELS))
    await people.set_preferences(sender.id, replace(people.preferences_of(sender.id), format=form))
    await outlet.deliver(views.forms(form))
