"""Charts: /chart of a price, a metal, one's portfolio or the pool, and the buttons that change how far back."""

from __future__ import annotations

from functools import partial

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotAllowed
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.chart_arguments import Coin, Ounce, Pool, Portfolio, Subject, parse_chart, read_series
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.chart import Span
from bot.models.offer import Press
from bot.models.role import Role
from bot.services.charts import Charts, Shown
from bot.services.market_service import MarketService
from bot.views import charts as views
from bot.views.reply import Reply

NEEDED = {Portfolio: Role.USER, Pool: Role.ADMIN}


def register(router: Router) -> None:
    """/chart, and the button that asks for one."""
    router.message.register(chart, Typed("chart"))
    router.callback_query.register(turn, Pressed("chart"))


async def chart(
    _: Message,
    command: CommandObject,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
) -> None:
    """Draw what was asked for."""
    subject, span = parse_chart(command.args)
    await _draw(subject, span, sender, role, outlet, deps, markets.charts)


async def turn(
    callback: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    markets: MarketService,
) -> None:
    """Draw what the button names: in the place of a picture, below anything else."""
    series, span = carried(press.action.args, str, Span)
    is_picture = isinstance(callback.message, Message) and bool(callback.message.photo)
    where = outlet if is_picture else outlet.anew()
    await _draw(read_series(series.split()), span, sender, role, where, deps, markets.charts)


async def _draw(
    subject: Subject,
    span: Span,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    charts: Charts,
) -> None:
    needed = NEEDED.get(type(subject), Role.VIEWER)
    if not role.covers(needed):
        raise NotAllowed(needed)
    await answer_when_done(lambda: _screen(subject, span, sender.id, charts), outlet, deps, views.DRAWING)


async def _screen(subject: Subject, span: Span, user_id: int, charts: Charts) -> Reply:
    found = await _found(subject, span, user_id, charts)
    paint = partial(charts.paint, found.chart)
    picture = views.picture_of(found.key, found.file_id, paint) if found.key else None
    return views.chart(
        found.chart, found.source, found.age, stale=found.stale, series=subject.series, picture=picture
    )


async def _found(subject: Subject, span: Span, user_id: int, charts: Charts) -> Shown:
    match subject:
        case Portfolio():
            return await charts.portfolio(user_id, span)
        case Pool(resource=resource):
            return await charts.pool(resource)
        case Ounce(metal=metal):
            return await charts.spot(metal, span)
        case Coin(typed=typed):
            return await charts.price(typed, span)
