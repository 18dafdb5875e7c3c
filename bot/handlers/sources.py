"""For admins: /sources tells how outside systems are doing."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.services.market_service import MarketService
from bot.views import sources as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/sources and its Refresh."""
    router.message.register(sources, Typed("sources"))
    router.callback_query.register(sources_again, Pressed("sources"))


async def sources(_: Message, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Show each source as it is now."""
    await outlet.deliver(status(deps, markets))


async def sources_again(_: CallbackQuery, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Show them again, in the same message."""
    await outlet.deliver(status(deps, markets))


def status(deps: ChatDeps, markets: MarketService) -> Reply:
    """The sources, and the drills under way."""
    drills = markets.drills
    return views.sources(
        markets.sources.look(), drills.running(), deps.clock.time(), can_drill=drills.possible
    )
