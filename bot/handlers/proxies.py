"""Taking proxies by name: /take and its buttons."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.arguments import parse_take
from bot.handlers.asking import Ask, serve
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, name_of, request_key
from bot.models.offer import Press
from bot.services.people import People
from bot.views import proxies
from bot.views.reply import one


def register(router: Router) -> None:
    """/take and its buttons."""
    router.message.register(take, Typed("take"))
    router.callback_query.register(take_offered, Pressed("take"))


async def take(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    people: People,
) -> None:
    """Take the best ones."""
    args, form = parse_take(command.args), people.preferences_of(sender.id).format
    key = request_key(bot, message)
    ask = Ask(args.resource, args.count, sender.id, name_of(sender), key, form=form)
    if await is_too_old(message, ask.key, deps):
        await outlet.deliver(one(proxies.OLD_REQUEST))
    else:
        await serve(ask, outlet, deps)


async def take_offered(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, people: People
) -> None:
    """Take what the button offers; the answer replaces the message with the button."""
    resource, count, new = carried(press.action.args, str, int, int)
    form = people.preferences_of(sender.id).format
    ask = Ask(resource, count, sender.id, name_of(sender), press.key, bool(new), form)
    await serve(ask, outlet, deps)
