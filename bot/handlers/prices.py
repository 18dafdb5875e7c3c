"""What things cost: /price and its Refresh."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import UnknownSymbol
from bot.handlers.acknowledgement import Acknowledgement
from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.market import AccountType
from bot.models.offer import Press
from bot.models.role import Role
from bot.services.lookups import Lookups
from bot.services.trading_service import TradingService
from bot.views import prices as views
from bot.views import usage
from bot.views.reply import Reply
from bot.views.trading import JUST_REFRESHED, READING


def register(router: Router) -> None:
    """/price, its Refresh, and the names that may have been meant."""
    router.message.register(price, Typed("price"))
    router.callback_query.register(choose, Pressed("price"))
    router.callback_query.register(price_again, Pressed("price again"))


async def price(
    _: Message,
    command: CommandObject,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Show the price of what was typed."""
    typed, lookups = parse_symbol(command.args), trading.lookups
    await answer_when_done(lambda: _screen(_trader(sender, role), typed, lookups), outlet, deps, READING)


async def choose(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Show the price of one of those that may have been meant."""
    [typed] = carried(press.action.args, str)
    lookups = trading.lookups
    await answer_when_done(lambda: _screen(_trader(sender, role), typed, lookups), outlet, deps, READING)


async def price_again(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
    acknowledgement: Acknowledgement,
) -> None:
    """Show the price as it is now; what was asked for a moment ago still stands on the screen."""
    symbol, account_type = carried(press.action.args, str, AccountType)
    who, lookups = _trader(sender, role), trading.lookups
    if not await lookups.refresh_price(who, account_type, symbol):
        await acknowledgement.give(JUST_REFRESHED)
        return
    await answer_when_done(lambda: _screen(who, symbol, lookups, account_type), outlet, deps, READING)


def parse_symbol(args: str | None) -> str:
    """One word; raises BadArgument. What it means is the venue's to say."""
    words = (args or "").split()
    if not words:
        raise BadArgument(usage.NO_SYMBOL, usage.PRICE)
    if len(words) > 1:
        raise BadArgument(usage.too_many("one symbol is enough"), usage.PRICE)
    return words[0]


def _trader(sender: User, role: Role) -> int | None:
    """Who has an account, whose market it then is; None for those who only look."""
    return sender.id if role.covers(Role.USER) else None


async def _screen(
    who: int | None, typed: str, lookups: Lookups, account_type: AccountType | None = None
) -> Reply:
    try:
        return views.price(await lookups.price(who, typed, account_type))
    except UnknownSymbol as error:
        return views.unknown_symbol(error, linear=":" in typed)
