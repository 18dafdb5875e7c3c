"""/buy, /sell and /cancel_order, and the buttons that place, drop, cancel and settle orders."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import OfferLapsed, QuoteLapsed
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.order_arguments import parse_order, parse_order_number
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, request_key
from bot.models.market import Side
from bot.models.offer import Argument, Press
from bot.models.order_draft import Draft, UnreadableDraft, unpack
from bot.services.trading_service import TradingService
from bot.views import orders as views
from bot.views import proxies
from bot.views.reply import Reply, one


def register(router: Router) -> None:
    """Orders, by command and by button."""
    router.message.register(order, Typed("buy", "sell"))
    router.message.register(cancel_order, Typed("cancel_order"))
    router.callback_query.register(confirm, Pressed(views.CONFIRM))
    router.callback_query.register(place, Pressed(views.SURELY))
    router.callback_query.register(drop, Pressed(views.DROP))
    router.callback_query.register(cancel, Pressed(views.CANCEL))
    router.callback_query.register(settle, Pressed(views.SETTLE))


async def order(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Show how the order is understood, and what it would come to."""
    wish = parse_order(command.args, Side(command.command.casefold()))
    key = request_key(bot, message)
    if await is_too_old(message, key, deps):
        return await _say(proxies.OLD_REQUEST, outlet)

    async def work() -> Reply:
        found = await trading.orders.draft(sender.id, wish, key)
        return views.proposal(found.account, found.drafts, found.left)

    return await answer_when_done(work, outlet, deps, views.ASKING)


async def confirm(
    callback: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Place what was shown; what is unusual is asked about once more."""
    drafts = read_drafts(press.action.args)
    if any(draft.doubts for draft in drafts):
        await outlet.deliver(views.second(drafts))
    else:
        await place(callback, press, sender, outlet, deps, trading)


async def place(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """Place it, or show it at the price of now."""
    drafts = read_drafts(press.action.args)

    async def work() -> Reply:
        try:
            return views.outcomes(await trading.orders.confirm(sender.id, drafts, press.key))
        except QuoteLapsed:
            found = await trading.orders.requoted(sender.id, drafts)
            return views.moved(found.account, found.drafts, found.left)

    await answer_when_done(work, outlet, deps, views.CHECKING)


async def drop(_: CallbackQuery, outlet: Outlet) -> None:
    """Place nothing."""
    await _say(views.DROPPED, outlet)


async def cancel_order(
    _: Message, command: CommandObject, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """Cancel one by its number, or list what can be cancelled."""
    number = parse_order_number(command.args)
    if number is None:
        await outlet.deliver(views.open_orders(await trading.orders.unsettled_of(sender.id)))
    else:
        await _cancel(number, sender, outlet, deps, trading)


async def cancel(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """Cancel one, from wherever it is shown: our own lists know its number, the exchange's our id of it."""
    [which] = carried(press.action.args, int | str)
    await _cancel(which, sender, outlet, deps, trading)


async def settle(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    """A person has looked: it is not at the exchange."""
    [number] = carried(press.action.args, int)

    async def work() -> Reply:
        return views.outcomes([await trading.orders.settle_by_hand(sender.id, number)])

    await answer_when_done(work, outlet, deps, views.ASKING)


def read_drafts(args: Sequence[Argument]) -> list[Draft]:
    """The drafts behind a button; raises OfferLapsed where another version has stored it."""
    try:
        drafts = [unpack(str(each)) for each in args]
    except UnreadableDraft as error:
        raise OfferLapsed("the button is of another version") from error
    if not drafts:
        raise OfferLapsed("the button carries nothing")
    return drafts


async def _cancel(
    which: int | str, sender: User, outlet: Outlet, deps: ChatDeps, trading: TradingService
) -> None:
    async def work() -> Reply:
        return views.cancelled(await trading.orders.cancel(sender.id, which))

    await answer_when_done(work, outlet, deps, views.CANCELLING)


async def _say(text: str, outlet: Outlet) -> None:
    await outlet.deliver(one(text))
