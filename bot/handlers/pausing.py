"""/pause and /resume: for oneself, and by admins for everybody."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message, User

from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.order_arguments import parse_pause
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, name_of, request_key
from bot.services.trading_service import TradingService
from bot.views import pausing as views
from bot.views import proxies
from bot.views.reply import one


def register(router: Router) -> None:
    """/pause and /resume."""
    router.message.register(pause, Typed("pause"))
    router.message.register(resume, Typed("resume"))


async def pause(
    _: Message, command: CommandObject, sender: User, outlet: Outlet, trading: TradingService
) -> None:
    """Take no new orders; however late it comes, it is obeyed."""
    everybody = parse_pause(command.args)
    changed = await _set(sender, trading, everybody=everybody, paused=True)
    await outlet.deliver(one(views.paused(everybody=everybody, changed=changed)))


async def resume(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Take new orders again; a late command changes nothing."""
    everybody = parse_pause(command.args)
    if await is_too_old(message, request_key(bot, message), deps):
        await outlet.deliver(one(proxies.OLD_REQUEST))
        return
    changed = await _set(sender, trading, everybody=everybody, paused=False)
    await outlet.deliver(one(views.resumed(everybody=everybody, changed=changed)))


async def _set(sender: User, trading: TradingService, *, everybody: bool, paused: bool) -> bool:
    if everybody:
        return await trading.orders.pause_all(sender.id, name_of(sender), paused=paused)
    await trading.orders.pause(sender.id, paused=paused)
    return True
