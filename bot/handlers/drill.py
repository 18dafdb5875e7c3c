"""For admins, in the local world: /drill makes a price source fail, and shows what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.errors import PeerError
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.handlers.sources import status
from bot.models.drill import Fault
from bot.models.offer import Press
from bot.services.drill import Drills
from bot.services.market_service import MarketService
from bot.views import drill as views
from bot.views.reply import Reply

ASK, HEAL = "ask", "heal"


def register(router: Router) -> None:
    """/drill and its buttons."""
    router.message.register(drill, Typed("drill"))
    router.callback_query.register(press_button, Pressed("drill"))


async def drill(_: Message, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Ask which source."""
    await outlet.deliver(_question("", deps, markets.drills))


async def press_button(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, markets: MarketService
) -> None:
    """Ask what is to happen, let it happen, or end it; then show the sources."""
    drills = markets.drills
    what, source = carried(
        press.action.args, frozenset({ASK, HEAL, *Fault}), frozenset({"", *drills.sources})
    )
    if what == ASK or not source:
        await outlet.deliver(_question(source, deps, drills))
    elif what == HEAL:
        await outlet.deliver(await _done(drills.heal(source, sender.id, name_of(sender)), deps, markets))
    else:
        begun = drills.begin(source, Fault(what), sender.id, name_of(sender))
        await outlet.deliver(await _done(begun, deps, markets))


def _question(source: str, deps: ChatDeps, drills: Drills) -> Reply:
    if not drills.possible:
        return views.not_here()
    if source:
        return views.choose_fault(source)
    return views.choose_source(drills.sources, drills.running(), deps.clock.time())


async def _done(work: Awaitable[None], deps: ChatDeps, markets: MarketService) -> Reply:
    try:
        await work
    except PeerError as error:
        return views.failed(error)
    return status(deps, markets)
