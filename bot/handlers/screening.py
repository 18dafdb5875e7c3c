"""The list of coins: /screen, its pages and orders, and Refresh."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import OfferLapsed
from bot.handlers.acknowledgement import Acknowledgement
from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.offer import Press
from bot.models.screen_query import BadQuery, Order, Query, read_query
from bot.services.market_service import MarketService
from bot.views import screen_usage as usage
from bot.views import screener as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/screen and the buttons under its answer."""
    router.message.register(screen, Typed("screen"))
    router.callback_query.register(turn, Pressed("screen"))
    router.callback_query.register(screen_again, Pressed("screen again"))


async def screen(
    _: Message, command: CommandObject, sender: User, outlet: Outlet, deps: ChatDeps, markets: MarketService
) -> None:
    """Show the list that was asked for, made anew where that is wished and was not just done."""
    query = parse_screen(command.args)
    refresh = query.refresh and markets.screener.may_refresh(sender.id)
    note = views.JUST_REFRESHED if query.refresh and not refresh else ""
    await _show(query, 0, outlet, deps, markets, refresh=refresh, note=note)


async def turn(
    _: CallbackQuery, press: Press, outlet: Outlet, deps: ChatDeps, markets: MarketService
) -> None:
    """Show another page, or another order."""
    query, page = _carried(press)
    await _show(query, page, outlet, deps, markets)


async def screen_again(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    acknowledgement: Acknowledgement,
) -> None:
    """Show it as it is now; what was made a moment ago still stands on the screen."""
    query, page = _carried(press)
    if not markets.screener.may_refresh(sender.id):
        await acknowledgement.give(views.JUST_REFRESHED)
        return
    await _show(query, page, outlet, deps, markets, refresh=True)


def parse_screen(args: str | None) -> Query:
    """`[top|movers|volume] [N] [refresh] [vol>10m …]` in any order; raises BadArgument."""
    try:
        return read_query(args or "")
    except BadQuery as error:
        raise BadArgument(usage.problem(error), usage.SCREEN) from error


def _carried(press: Press) -> tuple[Query, int]:
    """What a button asks for, and the page."""
    order, count, filters, page = carried(press.action.args, Order, int, str, int)
    try:
        return read_query(f"{order} {count} {filters}"), page
    except BadQuery as error:
        raise OfferLapsed("the button is of another version") from error


async def _show(
    query: Query,
    page: int,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    *,
    refresh: bool = False,
    note: str = "",
) -> None:
    async def shown() -> Reply:
        found = await markets.screener.top(query.order, query.count, query.limits, refresh)
        return views.screen(found, query, deps.clock.time(), page, note=note)

    await answer_when_done(shown, outlet, deps, views.READING)
