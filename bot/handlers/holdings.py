"""What one's account holds: /balance, /positions, /orders and /portfolio, their pages and Refresh."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.acknowledgement import Acknowledgement
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.lookup import Look
from bot.models.offer import Press
from bot.services.lookups import Lookups
from bot.services.trading_service import TradingService
from bot.views import trading as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """The four commands and the buttons under their answers."""
    router.message.register(begin, Typed(*Look))
    router.callback_query.register(look, Pressed("look"))
    router.callback_query.register(look_again, Pressed("look again"))


async def begin(
    _: Message, command: CommandObject, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """Show what the command is called after."""
    await _show(Look(command.command.casefold()), 0, sender, outlet, deps, trading.lookups)


async def look(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """Show a page of one of them."""
    what, page = carried(press.action.args, Look, int)
    await _show(what, page, sender, outlet, deps, trading.lookups)


async def look_again(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
    acknowledgement: Acknowledgement,
) -> None:
    """Show it as it is now; what was asked for a moment ago still stands on the screen."""
    what, page = carried(press.action.args, Look, int)
    if not await trading.lookups.refresh(sender.id, what):
        await acknowledgement.give(views.JUST_REFRESHED)
        return
    await _show(what, page, sender, outlet, deps, trading.lookups)


async def _show(
    what: Look, page: int, sender: User, outlet: Outlet, deps: ChatDeps, lookups: Lookups
) -> None:
    await answer_when_done(lambda: _screen(what, page, sender.id, deps, lookups), outlet, deps, views.READING)


async def _screen(what: Look, page: int, user_id: int, deps: ChatDeps, lookups: Lookups) -> Reply:
    match what:
        case Look.BALANCE:
            return views.balance(await lookups.balance(user_id), page)
        case Look.POSITIONS:
            return views.positions(await lookups.positions(user_id), page)
        case Look.ORDERS:
            return views.orders(await lookups.open_orders(user_id), deps.clock.time(), page)
    return views.portfolio(await lookups.portfolio(user_id), deps.clock.time())
