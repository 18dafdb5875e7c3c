"""For admins: who may do what, and who is let in."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.arguments import BadArgument
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.person_arguments import newcomer, parse_allow, parse_deny, parse_role, somebody
from bot.handlers.requests import request_key
from bot.models.offer import Press
from bot.models.role import Role
from bot.services.admission import Admission
from bot.services.people import People
from bot.views import people as views
from bot.views import usage
from bot.views.reply import one


def register(router: Router) -> None:
    """/users, /allow, /role, /deny, and the answers to who asks for access."""
    router.message.register(users, Typed("users"))
    router.message.register(allow, Typed("allow"))
    router.message.register(change_role, Typed("role"))
    router.message.register(deny, Typed("deny"))
    router.callback_query.register(turn_page, Pressed("users"))
    router.callback_query.register(approve, Pressed("approve"))
    router.callback_query.register(refuse, Pressed("refuse"))


async def users(_: Message, outlet: Outlet, people: People, deps: ChatDeps) -> None:
    """Show everybody, from the first page on."""
    await outlet.deliver(views.users(people.everybody(), 0, deps.clock.time()))


async def turn_page(_: CallbackQuery, press: Press, outlet: Outlet, people: People, deps: ChatDeps) -> None:
    """Show another page, as it is now."""
    [page] = carried(press.action.args, int)
    await outlet.deliver(views.users(people.everybody(), page, deps.clock.time()))


async def allow(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    people: People,
    admission: Admission,
) -> None:
    """Let somebody in. Who is in already keeps their role: it is not to be lost by a slip of the pen."""
    who, role = parse_allow(command.args)
    user_id = newcomer(who, people)
    present = people.role_of(user_id)
    if present is not None and present is not role:
        raise BadArgument(usage.in_already(who, present), usage.to_change(who, role))
    change = await admission.grant(user_id, role, sender.id, request_key(bot, message))
    await outlet.deliver(one(views.changed(change)))


async def change_role(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    people: People,
    admission: Admission,
) -> None:
    """Give somebody who is known another role."""
    who, role = parse_role(command.args)
    person = somebody(who, people)
    change = await admission.grant(person.user_id, role, sender.id, request_key(bot, message))
    await outlet.deliver(one(views.changed(change)))


async def deny(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    people: People,
    admission: Admission,
) -> None:
    """Let somebody in no more."""
    person = somebody(parse_deny(command.args), people)
    change = await admission.deny(person.user_id, sender.id, request_key(bot, message))
    await outlet.deliver(one(views.changed(change)))


async def approve(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, people: People, admission: Admission
) -> None:
    """Let in somebody who asks."""
    user_id, role = carried(press.action.args, int, Role)
    await _answer(user_id, role, press, sender, outlet, people, admission)


async def refuse(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, people: People, admission: Admission
) -> None:
    """Do not let in somebody who asks."""
    [user_id] = carried(press.action.args, int)
    await _answer(user_id, None, press, sender, outlet, people, admission)


async def _answer(
    user_id: int,
    role: Role | None,
    press: Press,
    sender: User,
    outlet: Outlet,
    people: People,
    admission: Admission,
) -> None:
    """The first admin's word counts; pressed again, a button shows what it did."""
    first = await admission.answer(user_id, role, sender.id, press.key)
    person = people.get(user_id)
    if person is None:
        text = views.nobody_asks(user_id)
    elif first or person.role is role:
        text = views.settled(person)
    else:
        text = views.settled_before(person)
    await outlet.deliver(one(text))
