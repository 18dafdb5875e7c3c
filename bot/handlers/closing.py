"""/close: sell out, or end positions; goes on while trading is paused."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message, User

from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.order_arguments import ALL, parse_close
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, request_key
from bot.services.trading_service import TradingService
from bot.views import orders as views
from bot.views import proxies
from bot.views.reply import Reply, one


def register(router: Router) -> None:
    """/close; what it shows is confirmed as any order is."""
    router.message.register(close, Typed("close"))


async def close(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Show what would be closed: of one symbol, or everything there is."""
    typed, key = parse_close(command.args), request_key(bot, message)
    if await is_too_old(message, key, deps):
        await outlet.deliver(one(proxies.OLD_REQUEST))
        return

    async def work() -> Reply:
        found = await trading.orders.closing(sender.id, None if typed == ALL else typed, key)
        return views.proposal(found.account, found.drafts, found.left)

    await answer_when_done(work, outlet, deps, views.ASKING)
