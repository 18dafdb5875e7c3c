"""Handing a proxy over to a colleague, who accepts or declines."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, User

from bot.errors import NotYours
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.held import Tag
from bot.models.notice import Kind
from bot.models.offer import Press
from bot.models.results import Held
from bot.services.admission import Announcer
from bot.services.people import People
from bot.views import transfers as views
from bot.views.reply import Reply


def register(router: Router) -> None:
    """The giver's buttons, and those under the colleague's notice."""
    router.callback_query.register(choose, Pressed("transfer"))
    router.callback_query.register(hand_over, Pressed("hand over"))
    router.callback_query.register(accept, Pressed("accept"))
    router.callback_query.register(decline, Pressed("decline"))


async def choose(_: CallbackQuery, press: Press, sender: User, outlet: Outlet, people: People) -> None:
    """Show who can have it."""
    tag, [page] = Tag.read(press.action.args), carried(press.action.args[4:], int)
    await outlet.deliver(views.colleagues(tag, _able(people, sender), page))


async def hand_over(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    people: People,
    outbox: Announcer,
) -> None:
    """Ask the colleague; nothing changes hands yet. Who has left meanwhile is not asked: choose again."""
    tag, (to, name) = Tag.read(press.action.args), carried(press.action.args[4:], int, str)
    held, able = await deps.desk.held(tag.allocation, sender.id), _able(people, sender)
    if to not in dict(able):
        await outlet.deliver(views.colleagues(tag, able, 0))
        return
    data = _about(held) | {
        "allocation": tag.allocation,
        "from_id": sender.id,
        "from_name": name_of(sender),
    }
    await outbox.tell(to, Kind.TRANSFER, data, f"transfer:{press.key}")
    await outlet.deliver(views.asked(tag, name))


async def accept(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    people: People,
    outbox: Announcer,
) -> None:
    """Take it over, and tell its giver."""
    form = people.preferences_of(sender.id).format
    await answer_when_done(
        lambda: _accepted(press, sender, deps, outbox, form), outlet, deps, views.accepting()
    )


async def decline(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, outbox: Announcer
) -> None:
    """Leave it with its giver, and tell them; an offer that is over has nobody who waits for an answer."""
    allocation, giver = carried(press.action.args, str, int)
    try:
        held = await deps.desk.held(allocation, giver)
    except NotYours:
        await outlet.deliver(views.OVER)
        return
    await _answer(outbox, giver, held, sender, press, accepted=False)
    await outlet.deliver(views.DECLINED)


async def _accepted(press: Press, sender: User, deps: ChatDeps, outbox: Announcer, form: str) -> Reply:
    allocation, giver = carried(press.action.args, str, int)
    try:
        held = await deps.desk.transfer(allocation, giver, sender.id, name_of(sender), request_key=press.key)
    except NotYours:
        return views.OVER
    await _answer(outbox, giver, held, sender, press, accepted=True)
    return views.received(held, form)


async def _answer(
    outbox: Announcer, giver: int, held: Held, sender: User, press: Press, *, accepted: bool
) -> None:
    data = _about(held) | {"name": name_of(sender), "accepted": accepted}
    await outbox.tell(giver, Kind.ANSWERED, data, f"answered:{press.key}")


def _able(people: People, sender: User) -> list[tuple[int, str]]:
    """Who could take it, by id and name."""
    return [(person.user_id, person.name) for person in people.colleagues(sender.id)]


def _about(held: Held) -> dict[str, str | int]:
    """What a notice says of it: no credentials."""
    return {"resource": held.resource, "address": held.proxy.endpoint.address}
