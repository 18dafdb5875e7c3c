"""Giving back: the buttons of /my, and /release."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotYours
from bot.handlers.arguments import BadArgument, Everything, parse_release
from bot.handlers.asking import answer_when_done
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, request_key
from bot.models.held import Place, Tag, at, in_order, readings, settled
from bot.models.offer import Press
from bot.models.results import Held
from bot.views import giving as views
from bot.views import proxies, usage
from bot.views.reply import Reply, one


def register(router: Router) -> None:
    """/release, and the buttons that give back."""
    router.message.register(release, Typed("release"))
    router.callback_query.register(ask_how, Pressed("give"))
    router.callback_query.register(give_back, Pressed("give back"))
    router.callback_query.register(spend, Pressed("spend"))
    router.callback_query.register(propose, Pressed("propose"))
    router.callback_query.register(release_proposed, Pressed("release"))


async def release(
    message: Message, command: CommandObject, bot: Bot, sender: User, outlet: Outlet, deps: ChatDeps
) -> None:
    """Give back what is named: one at once, several when they were shown and confirmed."""
    asked, key = parse_release(command.args), request_key(bot, message)
    if await deps.desk.known(key):
        return await _say(views.ASKED_BEFORE, outlet)
    meant = _meant(asked, await deps.desk.held_by(sender.id))
    if not isinstance(meant, Held):
        return await _say(meant, outlet)
    if await is_too_old(message, key, deps):
        return await _say(one(proxies.OLD_REQUEST), outlet)
    return await _free([meant.allocation], sender, outlet, deps, key, Tag.of(meant))


async def ask_how(_: CallbackQuery, press: Press, outlet: Outlet) -> None:
    """Ask what has become of one."""
    await outlet.deliver(views.how(Tag.read(press.action.args)))


async def give_back(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """It was not used: free it."""
    tag = Tag.read(press.action.args)
    await _free([tag.allocation], sender, outlet, deps, press.key, tag)


async def spend(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """It was used: keep it marked."""
    tag = Tag.read(press.action.args)

    async def work() -> Reply:
        returned = await deps.desk.spend([tag.allocation], sender.id, request_key=press.key)
        return views.spent(returned, deps.clock.time(), tag)

    await answer_when_done(work, outlet, deps, views.marking(tag))


async def propose(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """Show what would be given back."""
    ids = {str(allocation) for allocation in press.action.args}
    held = [each for each in settled(await deps.desk.held_by(sender.id)) if each.allocation in ids]
    if not held:
        raise NotYours
    await outlet.deliver(views.proposal(in_order(held)))


async def release_proposed(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps
) -> None:
    """Give back what was shown."""
    await _free([str(allocation) for allocation in press.action.args], sender, outlet, deps, press.key)


async def _free(
    ids: Sequence[str], sender: User, outlet: Outlet, deps: ChatDeps, key: str, tag: Tag | None = None
) -> None:
    async def work() -> Reply:
        returned = await deps.desk.give_back(ids, sender.id, request_key=key)
        return views.freed(returned, deps.clock.time(), tag)

    await answer_when_done(work, outlet, deps, views.returning(len(ids)))


async def _say(reply: Reply, outlet: Outlet) -> None:
    await outlet.deliver(reply)


def _meant(asked: Everything | Place | int | None, held: Sequence[Held]) -> Held | Reply:
    """The one that is meant, or what to ask; raises BadArgument where nothing is."""
    able = settled(held)
    match asked:
        case None:
            return views.usage(held)
        case Everything() if len(able) > 1:
            return views.proposal(in_order(able), checked=len(held) - len(able))
        case Place():
            fitting = at(asked, able)
        case int():
            return _by_number(asked, able)
        case _:
            fitting = able
    if not fitting:
        raise BadArgument(usage.NOTHING_FITS, usage.LOOK)
    return fitting[0] if len(fitting) == 1 else views.which_of(fitting)


def _by_number(count: int, held: Sequence[Held]) -> Held | Reply:
    if not held:
        raise BadArgument(usage.NOTHING_FITS, usage.LOOK)
    found = readings(count, held)
    if not found:
        raise BadArgument(usage.fewer_held(count), usage.RELEASE)
    if len(found) > 1:
        return views.which(count, found)
    [only] = found
    return only.held[0] if len(only.held) == 1 else views.proposal(only.held)
