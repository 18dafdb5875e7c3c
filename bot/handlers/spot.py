"""What metals cost: /spot, its Refresh and its table of alloys."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.acknowledgement import Acknowledgement
from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.services.market_service import MarketService
from bot.services.spot_price_service import SpotPrices
from bot.views import spot as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/spot and the buttons under its answers."""
    router.message.register(spot, Typed("spot"))
    router.callback_query.register(look, Pressed("spot"))
    router.callback_query.register(spot_again, Pressed("spot again"))
    router.callback_query.register(karats, Pressed("karats"))


async def spot(_: Message, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Show the prices of metals."""
    await answer_when_done(lambda: _prices(markets.spot), outlet, deps, views.READING)


async def look(_: CallbackQuery, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Show them again, from the table."""
    await answer_when_done(lambda: _prices(markets.spot), outlet, deps, views.READING)


async def spot_again(
    _: CallbackQuery,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
    acknowledgement: Acknowledgement,
) -> None:
    """Show them as they are now; what was asked for a moment ago still stands on the screen."""
    if not markets.spot.again(sender.id):
        await acknowledgement.give(views.JUST_REFRESHED)
        return
    await answer_when_done(lambda: _prices(markets.spot), outlet, deps, views.READING)


async def karats(_: CallbackQuery, outlet: Outlet, deps: ChatDeps, markets: MarketService) -> None:
    """Show what alloys are worth."""
    await answer_when_done(lambda: _alloys(markets.spot), outlet, deps, views.READING)


async def _prices(prices: SpotPrices) -> Reply:
    return views.spot(await prices.all())


async def _alloys(prices: SpotPrices) -> Reply:
    return views.karats(await prices.all())
