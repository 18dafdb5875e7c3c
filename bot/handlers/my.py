"""What one holds: /my, its pages, one of them with its credentials, all of them as a file."""

from __future__ import annotations

from collections import Counter

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotYours
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.held import in_order, settled
from bot.models.offer import Press
from bot.services.people import People
from bot.views import my as views


def register(router: Router) -> None:
    """/my and the buttons that show something."""
    router.message.register(my, Typed("my"))
    router.callback_query.register(turn, Pressed("held"))
    router.callback_query.register(show, Pressed("show"))
    router.callback_query.register(send_file, Pressed("file"))


async def my(_: Message, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """List what the sender holds."""
    await outlet.deliver(views.mine(await deps.desk.held_by(sender.id)))


async def turn(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """Show a page of the list."""
    [page] = carried(press.action.args, int)
    await outlet.deliver(views.mine(await deps.desk.held_by(sender.id), page))


async def show(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, people: People
) -> None:
    """Show one with its credentials."""
    allocation, page = carried(press.action.args, str, int)
    held = await deps.desk.held(allocation, sender.id)
    await outlet.deliver(views.one_held(held, people.preferences_of(sender.id).format, page))


async def send_file(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, people: People
) -> None:
    """Send the credentials as a file: of one resource, or of all of them."""
    [name] = carried(press.action.args, str | None)
    held = in_order(settled(await deps.desk.held_by(sender.id)))
    counts = Counter(each.resource for each in held)
    if name is None and len(counts) > 1:
        await outlet.anew().deliver(views.which_file(list(counts.items())))
        return
    chosen = [each for each in held if name in (None, "", each.resource)]
    if not chosen:
        raise NotYours
    purpose = str(name or "") if len(counts) > 1 else chosen[0].resource
    await outlet.anew().deliver(views.file_of(chosen, purpose, people.preferences_of(sender.id).format))
