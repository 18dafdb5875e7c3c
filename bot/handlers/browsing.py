"""Choosing what proxies are for and which kind: /proxies and its screens. Their state is in their buttons."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.errors import OfferLapsed
from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.offer import Argument, Press
from bot.models.role import Role
from bot.models.wish import Wish
from bot.services.line import WaitingLine
from bot.views import browse
from bot.views.choosing import Selection
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/proxies, its resources and filters."""
    router.message.register(begin, Typed("proxies"))
    router.callback_query.register(show_resources, Pressed("resources"))
    router.callback_query.register(show_filters, Pressed("filters"))


async def begin(_: Message, role: Role, outlet: Outlet, deps: ChatDeps) -> None:
    """Show the resources."""
    await answer_when_done(lambda: _resources(0, role, deps), outlet, deps, browse.READING)


async def show_resources(_: CallbackQuery, press: Press, role: Role, outlet: Outlet, deps: ChatDeps) -> None:
    """Show a page of the resources."""
    page = next((arg for arg in press.action.args if isinstance(arg, int)), 0)
    await outlet.deliver(await _resources(page, role, deps))


async def show_filters(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    line: WaitingLine,
) -> None:
    """Show one resource under filters."""
    selection = selection_of(press.action.args)
    await outlet.deliver(await filters_screen(selection, sender, role, deps, line))


async def filters_screen(
    selection: Selection, sender: User, role: Role, deps: ChatDeps, line: WaitingLine
) -> Reply:
    """The resource under these filters, as things stand now."""
    choices = await deps.desk.choices(selection.resource, selection.wish)
    frozen = any(stock.frozen and stock.name == choices.resource for stock in await deps.desk.resources())
    return browse.filters(choices, line.position(choices.resource, sender.id), role, frozen=frozen)


def selection_of(args: Sequence[Argument]) -> Selection:
    """What a screen's button carries; raises OfferLapsed where an older version wrote it."""
    match args:
        case (str(resource), str(country), int(min_days), str(scheme)):
            return Selection(resource, Wish(country, min_days, scheme))
    raise OfferLapsed("the button is of another version")


async def _resources(page: int, role: Role, deps: ChatDeps) -> Reply:
    return browse.resources(await deps.desk.resources(), page, role, deps.desk.age)
