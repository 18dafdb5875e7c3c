"""Reporting what does not work: /bad, and replacing one in a step."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotEnough, OthersWait, ResourceFrozen
from bot.handlers.arguments import BadArgument, parse_bad
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.held import Tag, at, settled
from bot.models.notice import Kind
from bot.models.offer import Press
from bot.models.results import BadReason
from bot.services.admission import Announcer
from bot.services.people import People
from bot.views import reporting as views
from bot.views import usage
from bot.views.giving import marking
from bot.views.reply import Reply


def register(router: Router) -> None:
    """/bad, and the buttons that report and replace."""
    router.message.register(bad, Typed("bad"))
    router.callback_query.register(ask_why, Pressed("why"))
    router.callback_query.register(replace, Pressed("replace"))
    router.callback_query.register(report, Pressed("report"))
    router.callback_query.register(mark_bad, Pressed("bad"))


async def bad(_: Message, command: CommandObject, sender: User, outlet: Outlet, deps: ChatDeps) -> None:
    """Find out which one is meant, and what is wrong with it; nothing is done before that."""
    args = parse_bad(command.args)
    fitting = at(args.place, settled(await deps.desk.held_by(sender.id)))
    if not fitting:
        raise BadArgument(usage.NOTHING_FITS, usage.LOOK)
    if len(fitting) > 1:
        await outlet.deliver(views.which(fitting, args.reason))
    else:
        await outlet.deliver(_next_question(Tag.of(fitting[0]), args.reason))


async def report(_: CallbackQuery, press: Press, outlet: Outlet) -> None:
    """Go on asking about the one that was chosen."""
    tag, args = Tag.read(press.action.args), press.action.args[4:]
    [reason] = carried(args, BadReason) if args != (None,) else (None,)
    await outlet.deliver(_next_question(tag, reason))


async def ask_why(_: CallbackQuery, press: Press, outlet: Outlet) -> None:
    """Ask what is wrong before it is replaced."""
    await outlet.deliver(views.why(Tag.read(press.action.args)))


async def mark_bad(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, outbox: Announcer
) -> None:
    """Take it out of use, with no other for it."""
    tag, [reason] = Tag.read(press.action.args), carried(press.action.args[4:], BadReason)

    async def work() -> Reply:
        returned = await deps.desk.mark_bad([tag.allocation], sender.id, reason, request_key=press.key)
        if returned.released:
            await _tell_admins(outbox, sender, tag, reason)
        return views.reported(returned, tag, reason, deps.clock.time())

    await answer_when_done(work, outlet, deps, marking(tag))


async def replace(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    people: People,
    outbox: Announcer,
) -> None:
    """Take it out of use and hand out a fresh one, in one step."""
    tag = Tag.read(press.action.args)
    form = people.preferences_of(sender.id).format
    await answer_when_done(
        lambda: _replacement(press, sender, deps, outbox, form), outlet, deps, views.replacing(tag)
    )


async def _replacement(press: Press, sender: User, deps: ChatDeps, outbox: Announcer, form: str) -> Reply:
    tag, (reason, any_kind) = Tag.read(press.action.args), carried(press.action.args[4:], BadReason, int)
    try:
        issued = await deps.desk.replace(
            tag.allocation,
            sender.id,
            reason,
            name=name_of(sender),
            request_key=press.key,
            any_kind=bool(any_kind),
        )
    except NotEnough:
        return views.no_replacement(tag, reason, any_kind=bool(any_kind))
    except (ResourceFrozen, OthersWait):
        return views.no_replacement(tag, reason, any_kind=True)
    if issued.proxies:
        await _tell_admins(outbox, sender, tag, reason)
    return views.replaced(issued, tag, reason, deps.clock.time(), form)


async def _tell_admins(outbox: Announcer, sender: User, tag: Tag, reason: BadReason) -> None:
    data = {
        "name": name_of(sender),
        "address": tag.address,
        "resource": tag.resource,
        "reason": reason.value,
    }
    await outbox.tell_admins(Kind.BAD, data, f"bad:{tag.allocation}")


def _next_question(tag: Tag, reason: BadReason | None) -> Reply:
    return views.replace_or_report(tag, reason) if reason else views.what_is_wrong(tag)
