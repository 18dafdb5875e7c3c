"""What scrap is worth: /melt."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Typed
from bot.handlers.outlet import Outlet
from bot.models.decimals import BadNumber
from bot.models.melt import Piece
from bot.models.melt_words import UnclearScrap, read_scrap
from bot.services.market_service import MarketService
from bot.services.melting import Melting
from bot.views import melt as views
from bot.views import melt_usage as usage
from bot.views.order_usage import bad_number
from bot.views.reply import Reply
from bot.views.spot import READING


def register(router: Router) -> None:
    """/melt."""
    router.message.register(melt, Typed("melt"))


async def melt(
    _: Message, command: CommandObject, outlet: Outlet, deps: ChatDeps, markets: MarketService
) -> None:
    """Show what the pieces are worth."""
    pieces = parse_scrap(command.args)
    await answer_when_done(lambda: _worth(pieces, markets.melting), outlet, deps, READING)


def parse_scrap(args: str | None) -> tuple[Piece, ...]:
    """Pieces, one after each `+`; raises BadArgument."""
    try:
        return read_scrap(args or "")
    except UnclearScrap as error:
        raise BadArgument(usage.unclear(error), usage.MELT) from error
    except BadNumber as error:
        raise BadArgument(bad_number(error), usage.MELT) from error


async def _worth(pieces: Sequence[Piece], melting: Melting) -> Reply:
    return views.melt(await melting.value(pieces))
