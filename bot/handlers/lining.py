"""The line: stand in it, take what is kept when it is one's turn, leave."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, User

from bot.errors import OfferLapsed
from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.offer import Press
from bot.services.line import WaitingLine
from bot.services.people import People
from bot.views import line as views
from bot.views import proxies
from bot.views.reply import Reply


def register(router: Router) -> None:
    """The buttons of the line."""
    router.callback_query.register(line_up, Pressed("line up"))
    router.callback_query.register(take_turn, Pressed("take turn"))
    router.callback_query.register(leave, Pressed("leave line"))


async def line_up(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, line: WaitingLine) -> None:
    """Stand in line; whoever does already is told where."""
    match press.action.args:
        case (str(resource),):
            position = await line.join(sender.id, name_of(sender), resource)
            await outlet.deliver(views.joined(position))
        case _:
            raise OfferLapsed("the button is of another version")


async def take_turn(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    line: WaitingLine,
    people: People,
) -> None:
    """Take what is kept for the one whose turn it is."""
    number, request = _turn_of(press)

    async def outcome() -> Reply:
        issued = await line.take_turn(number, request, sender.id, name=name_of(sender), request_key=press.key)
        return proxies.issued(issued, deps.clock.time(), people.preferences_of(sender.id).format)

    await answer_when_done(outcome, outlet, deps, views.TAKING_TURN)


async def leave(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, line: WaitingLine) -> None:
    """Give the place up. What was taken is not written over."""
    match press.action.args:
        case (int(number), *_rest):
            has_left = await line.leave(number, sender.id)
            await (outlet if has_left else outlet.anew()).deliver(views.LEFT)
        case _:
            raise OfferLapsed("the button is of another version")


def _turn_of(press: Press) -> tuple[int, int]:
    """The number of the place, and the request that keeps one for it."""
    match press.action.args:
        case (int(number), int(request)):
            return number, request
    raise OfferLapsed("the button is of another version")
