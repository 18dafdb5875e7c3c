"""For admins: /release_for, /freeze and /thaw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotYours
from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import is_too_old, request_key
from bot.handlers.subjects import host_in, is_person, parse_resource
from bot.models.history import Named
from bot.models.offer import Press
from bot.models.resource import nearest
from bot.models.results import Held, Returned
from bot.services.history import History
from bot.views import proxies, usage
from bot.views import ruling as views
from bot.views.reply import Reply, one
from bot.views.who import unknown_resource

ALL = "all"

_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_HOST_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,63}")


class Rulings(Protocol):
    """The desk, as far as admins decide for others. Whom it concerns is told."""

    async def release_for(
        self, allocation_ids: Sequence[str], user_id: int, admin_id: int, *, request_key: str
    ) -> Returned:
        """Free what the user holds; returns when the sheet shows it. Raises NotYours when none is theirs."""

    async def freeze(self, resource: str, admin_id: int) -> bool:
        """Hand out nothing for it any more; whether that is a change."""

    async def thaw(self, resource: str, admin_id: int) -> bool:
        """Hand out for it again; whether that is a change."""


def register(router: Router) -> None:
    """/release_for, /freeze and /thaw, with their buttons."""
    router.message.register(release_for, Typed("release_for"))
    router.message.register(rule, Typed("freeze", "thaw"))
    router.callback_query.register(release_confirmed, Pressed("release for"))
    router.callback_query.register(rule_offered, Pressed("freeze", "thaw"))


async def release_for(
    _: Message, command: CommandObject, outlet: Outlet, deps: ChatDeps, history: History
) -> None:
    """Show what would be freed, and ask."""
    word, which = parse_release_for(command.args)
    person = await history.person(word)
    held = await deps.desk.held_by(person.user_id)
    chosen = choose([each for each in held if each.settled], which)
    unsettled = sum(not each.settled for each in held)
    await outlet.deliver(views.propose(person, chosen, unsettled))


async def release_confirmed(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, rulings: Rulings
) -> None:
    """Free what was shown, or leave it."""
    if not press.action.args:
        await outlet.deliver(one(views.NOTHING_FREED))
        return
    user_id, name = carried(press.action.args[:2], int, str)
    ids, person = press.action.args[2:], Named(user_id, name)

    async def work() -> Reply:
        try:
            outcome = await rulings.release_for(
                [str(each) for each in ids], person.user_id, sender.id, request_key=press.key
            )
        except NotYours:
            return views.none_theirs(person.name)
        return views.freed(person.name, outcome)

    await answer_when_done(work, outlet, deps, views.FREEING)


async def rule(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    rulings: Rulings,
) -> None:
    """Stop handing out for a resource, or begin again; a late command changes nothing."""
    verb = command.command.casefold()
    resource = parse_one_resource(command.args, verb)
    if await is_too_old(message, request_key(bot, message), deps):
        await outlet.deliver(one(proxies.OLD_REQUEST))
    else:
        await outlet.deliver(await _ruled(verb, resource, sender.id, deps, rulings))


async def rule_offered(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, rulings: Rulings
) -> None:
    """The same by button."""
    [resource] = carried(press.action.args, str)
    await outlet.deliver(await _ruled(press.action.verb, resource, sender.id, deps, rulings))


def parse_release_for(args: str | None) -> tuple[str, str]:
    """`@user` or an id, and which: a count, a host, or `all` where nothing is said; raises BadArgument."""
    words = (args or "").split()
    if not words or not is_person(words[0]):
        raise BadArgument(usage.NO_OWNER, usage.RELEASE_FOR)
    if len(words) > 2:
        raise BadArgument(usage.too_many(), usage.RELEASE_FOR)
    which = words[1].casefold() if len(words) == 2 else ALL
    if which != ALL and not (_COUNT.fullmatch(which) or _HOST_NAME.fullmatch(which) or host_in(which)):
        raise BadArgument(usage.WHICH, usage.RELEASE_FOR)
    return words[0], which


def choose(held: Sequence[Held], which: str) -> list[Held]:
    """Those at a host, or the last N that were handed out, or all."""
    if which == ALL:
        return list(held)
    if _COUNT.fullmatch(which):
        newest = sorted(held, key=lambda each: each.issued_on, reverse=True)
        return newest[: int(which)]
    host = host_in(which) or which
    return [each for each in held if host in (each.proxy.endpoint.address, _bare(each))]


def parse_one_resource(args: str | None, command: str) -> str:
    """The one resource after /freeze or /thaw; raises BadArgument."""
    remedy = usage.one_resource(command)
    words = (args or "").split()
    if not words:
        raise BadArgument(usage.NO_RESOURCE, remedy)
    if len(words) > 1:
        raise BadArgument(usage.too_many("one resource is enough"), remedy)
    return parse_resource(words[0], remedy)


async def _ruled(verb: str, resource: str, admin_id: int, deps: ChatDeps, rulings: Rulings) -> Reply:
    known = [stock.name for stock in await deps.desk.resources()]
    if resource not in known:
        return unknown_resource(resource, nearest(resource, known), verb, verb.capitalize())
    if verb == "freeze":
        return views.frozen(resource, changed=await rulings.freeze(resource, admin_id))
    return views.thawed(resource, changed=await rulings.thaw(resource, admin_id))


def _bare(held: Held) -> str:
    """The address without its port."""
    return held.proxy.endpoint.address.rpartition(":")[0]
