"""What one has traded: /trades, its pages, and all of it as a file."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.arguments import BadArgument
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.offer import Press
from bot.models.trade import TradePlace
from bot.services.trading_service import TradingService
from bot.views import trades as views
from bot.views import usage


def register(router: Router) -> None:
    """/trades and its buttons."""
    router.message.register(trades, Typed("trades"))
    router.callback_query.register(turn, Pressed("trades"))
    router.callback_query.register(send_file, Pressed("trades file"))


async def trades(
    _: Message, command: CommandObject, sender: User, outlet: Outlet, trading: TradingService
) -> None:
    """Show the newest, of one symbol where one is named, and what they add up to."""
    words = (command.args or "").split()
    if len(words) > 1:
        raise BadArgument(usage.too_many("one symbol is enough"), usage.TRADES)
    symbol = await trading.trades.resolve(sender.id, words[0]) if words else None
    page = await trading.trades.page(sender.id, symbol)
    await outlet.deliver(views.trades(page, trading.trades.zone))


async def turn(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, trading: TradingService) -> None:
    """Show another page in place of this one."""
    symbol, at, number = carried(press.action.args, str, float | int | None, int | None)
    before = None if number is None else TradePlace(at, number)
    page = await trading.trades.page(sender.id, symbol or None, before)
    await outlet.deliver(views.trades(page, trading.trades.zone))


async def send_file(
    _: CallbackQuery, sender: User, outlet: Outlet, trading: TradingService, deps: ChatDeps
) -> None:
    """Send them all."""
    found, accounts = await trading.trades.export(sender.id)
    await outlet.anew().deliver(views.file_of(found, accounts, deps.clock.time()))
