"""/alert: set one, list them, and the buttons that snooze, repeat and delete."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, tzinfo

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import UnknownAlert, UnknownSymbol
from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, request_key
from bot.models.alert import AlertWish
from bot.models.alert_wish import BadWish, read_wish
from bot.models.decimals import BadNumber
from bot.models.offer import Press
from bot.resilience.clock import Clock
from bot.services.market_service import MarketService
from bot.views import alert_usage as usage
from bot.views import alerts as views
from bot.views import proxies
from bot.views.reply import Reply, one


def register(router: Router) -> None:
    """/alert and its buttons."""
    router.message.register(alert, Typed("alert"))
    router.callback_query.register(turn, Pressed("alerts"))
    router.callback_query.register(snooze, Pressed("snooze alert"))
    router.callback_query.register(repeat, Pressed("repeat alert"))
    router.callback_query.register(delete, Pressed("delete alert"))


async def alert(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    zone: tzinfo = UTC,
) -> None:
    """Set the one that was typed, or list all."""
    if not command.args:
        await _list(0, sender, outlet, deps, markets, zone)
        return
    wish, key = parse_alert(command.args), request_key(bot, message)
    if await is_too_old(message, key, deps) and not await markets.alerts.known(key):
        await outlet.deliver(one(proxies.OLD_REQUEST))
        return

    async def work() -> Reply:
        return await _created(sender.id, wish, key, markets, zone, deps.clock)

    await answer_when_done(work, outlet, deps, views.ASKING)


async def turn(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    zone: tzinfo = UTC,
) -> None:
    """Show a page of them."""
    [page] = carried(press.action.args, int)
    await _list(page, sender, outlet, deps, markets, zone)


async def snooze(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    zone: tzinfo = UTC,
) -> None:
    """Say nothing of it for an hour."""
    alert_id, page = carried(press.action.args, int, int | None)
    if page is None:
        await outlet.deliver(views.snoozed(await markets.alerts.snooze(sender.id, alert_id), zone))
        return
    with suppress(UnknownAlert):
        await markets.alerts.snooze(sender.id, alert_id)
    await _list(page, sender, outlet, deps, markets, zone)


async def repeat(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    zone: tzinfo = UTC,
) -> None:
    """Let it fire again and again, or once."""
    alert_id, on, page = carried(press.action.args, int, int, int)
    with suppress(UnknownAlert):
        await markets.alerts.set_repeats(sender.id, alert_id, bool(on))
    await _list(page, sender, outlet, deps, markets, zone)


async def delete(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    zone: tzinfo = UTC,
) -> None:
    """End it."""
    alert_id, page = carried(press.action.args, int, int | None)
    found = await markets.alerts.delete(sender.id, alert_id)
    if page is None:
        await outlet.deliver(views.deleted(found))
    else:
        await _list(page, sender, outlet, deps, markets, zone)


def parse_alert(args: str) -> AlertWish:
    """What is to be watched for; raises BadArgument."""
    try:
        return read_wish(args)
    except (BadWish, BadNumber) as error:
        raise BadArgument(usage.problem(error), usage.ALERT) from error


async def _created(
    user_id: int, wish: AlertWish, key: str, markets: MarketService, zone: tzinfo, clock: Clock
) -> Reply:
    try:
        new = await markets.alerts.create(user_id, wish, key)
    except UnknownSymbol as error:
        return views.unknown_series(error)
    return views.created(new, zone, clock.time())


async def _list(
    page: int, sender: User, outlet: Outlet, deps: ChatDeps, markets: MarketService, zone: tzinfo
) -> None:
    found = await markets.alerts.listed(sender.id)
    await outlet.deliver(views.listed(found, page, zone, deps.clock.time()))
