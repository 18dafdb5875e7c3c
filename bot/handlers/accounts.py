"""Accounts: which there are, which is used, giving one up."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.market import AccountType
from bot.models.offer import Press
from bot.models.role import Role
from bot.services.accounts import Accounts
from bot.services.trading_service import TradingService
from bot.views import accounts as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/accounts, /disconnect and their buttons."""
    router.message.register(accounts, Typed("accounts"))
    router.message.register(disconnect, Typed("disconnect"))
    router.callback_query.register(show, Pressed("accounts"))
    router.callback_query.register(choose, Pressed("account"))
    router.callback_query.register(choose_type, Pressed("account type"))
    router.callback_query.register(check_key, Pressed("check key"))
    router.callback_query.register(ask_disconnect, Pressed("disconnect"))
    router.callback_query.register(disconnect_now, Pressed("disconnect now"))


async def accounts(_: Message, sender: User, role: Role, outlet: Outlet, trading: TradingService) -> None:
    """List the sender's accounts."""
    await outlet.deliver(await _overview(sender, role, trading.accounts))


async def show(_: CallbackQuery, sender: User, role: Role, outlet: Outlet, trading: TradingService) -> None:
    """The list, from a button."""
    await outlet.deliver(await _overview(sender, role, trading.accounts))


async def choose(
    _: CallbackQuery, press: Press, sender: User, role: Role, outlet: Outlet, trading: TradingService
) -> None:
    """Use that account from now on."""
    [account_id] = carried(press.action.args, int)
    await trading.accounts.choose(sender.id, account_id=account_id)
    await outlet.deliver(await _overview(sender, role, trading.accounts))


async def choose_type(
    _: CallbackQuery, press: Press, sender: User, role: Role, outlet: Outlet, trading: TradingService
) -> None:
    """Trade coins, or perpetuals, from now on."""
    [account_type] = carried(press.action.args, AccountType)
    await trading.accounts.choose(sender.id, account_type=account_type)
    await outlet.deliver(await _overview(sender, role, trading.accounts))


async def check_key(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    trading: TradingService,
) -> None:
    """Ask the exchange whether it takes the key again."""
    [account_id] = carried(press.action.args, int)
    account = await trading.accounts.account(sender.id, account_id)

    async def work() -> Reply:
        checked = await trading.accounts.check_again(sender.id, account_id)
        return await _overview(sender, role, trading.accounts, views.accepted(checked))

    await answer_when_done(work, outlet, deps, views.checking(account.venue))


async def disconnect(_: Message, sender: User, outlet: Outlet, trading: TradingService) -> None:
    """Ask which one."""
    await outlet.deliver(views.give_up(await trading.accounts.of(sender.id)))


async def ask_disconnect(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, trading: TradingService
) -> None:
    """Ask whether it is meant."""
    [account_id] = carried(press.action.args, int)
    await outlet.deliver(views.confirm(await trading.accounts.account(sender.id, account_id)))


async def disconnect_now(
    _: CallbackQuery, press: Press, sender: User, role: Role, outlet: Outlet, trading: TradingService
) -> None:
    """Forget it; what was forgotten before gets the same answer."""
    account_id, label = carried(press.action.args, int, str)
    await trading.accounts.disconnect(sender.id, account_id)
    await outlet.deliver(await _overview(sender, role, trading.accounts, views.disconnected(label)))


async def _overview(sender: User, role: Role, accounts: Accounts, heading: str = "") -> Reply:
    every, chosen = await accounts.of(sender.id), await accounts.chosen(sender.id)
    return views.overview(every, chosen, await accounts.choices(sender.id), role, heading=heading)
