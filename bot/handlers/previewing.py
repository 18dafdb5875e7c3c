"""A preview and its buttons: what is kept is shown, taken, changed, extended or dropped."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, User

from bot.errors import NotEnough, OfferLapsed, OthersWait, PreviewLapsed, RequestRefused
from bot.handlers.asking import answer_when_done
from bot.handlers.browsing import filters_screen, selection_of
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.offer import Press
from bot.models.preview import PreviewMessage
from bot.models.results import Preview
from bot.models.role import Role
from bot.services.line import WaitingLine
from bot.services.people import People
from bot.services.previews import Previews
from bot.views import previews as views
from bot.views import proxies
from bot.views.choosing import Selection
from bot.views.reply import Reply


def register(router: Router) -> None:
    """The buttons that lead to a preview and away from it."""
    for verb, handler in (
        ("preview", show),
        ("take preview", take),
        ("change preview", change),
        ("extend", extend),
        ("cancel preview", cancel),
    ):
        router.callback_query.register(handler, Pressed(verb))


async def show(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, previews: Previews
) -> None:
    """Keep the best ones for the presser, and show them."""
    selection, count = _wanted_of(press)
    try:
        kept = await deps.desk.preview(
            selection.resource,
            count,
            sender.id,
            name=name_of(sender),
            request_key=press.key,
            wish=selection.wish,
        )
    except RequestRefused as error:
        await previews.drop_all(sender.id)  # what was kept before is free all the same: its message says so
        if not isinstance(error, NotEnough | OthersWait):
            raise
        await outlet.deliver(_refused(selection, error))
    else:
        await _deliver(kept, sender, outlet, deps, previews)


def _refused(selection: Selection, error: NotEnough | OthersWait) -> Reply:
    return views.not_enough(selection, error) if isinstance(error, NotEnough) else views.others_wait(error)


async def take(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    previews: Previews,
    people: People,
) -> None:
    """Take what is kept; the proxies replace the preview."""
    request, resource, count = _kept_of(press)

    async def outcome() -> Reply:
        async with previews.taking(request):
            issued = await deps.desk.take_preview(
                request, sender.id, name=name_of(sender), request_key=press.key
            )
        return proxies.issued(issued, deps.clock.time(), people.preferences_of(sender.id).format)

    await answer_when_done(outcome, outlet, deps, proxies.being_checked(resource, count))


async def change(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    previews: Previews,
    line: WaitingLine,
) -> None:
    """Drop what is kept, and go back to the filters."""
    selection = selection_of(press.action.args[1:])
    is_ours = await _drop(press, sender, deps, previews)
    screen = await filters_screen(selection, sender, role, deps, line)
    await (outlet if is_ours else outlet.anew()).deliver(screen)


async def extend(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, previews: Previews
) -> None:
    """Keep it longer, once."""
    kept = await deps.desk.extend_preview(_request_of(press), sender.id)
    await previews.extend(kept.request, kept.expires_at)
    await _deliver(kept, sender, outlet, deps, previews)


async def cancel(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, previews: Previews
) -> None:
    """Drop what is kept."""
    if not await _drop(press, sender, deps, previews):
        raise PreviewLapsed("it was taken before")
    await outlet.deliver(views.DROPPED)


async def _drop(press: Press, sender: User, deps: ChatDeps, previews: Previews) -> bool:
    """Drop what is kept; whether the message may be written over: not when it shows what was taken."""
    request = _request_of(press)
    await previews.end(request)
    dropped = await deps.desk.cancel_preview(request, sender.id)
    return dropped > 0 or await previews.is_shown(request)


async def _deliver(kept: Preview, sender: User, outlet: Outlet, deps: ChatDeps, previews: Previews) -> None:
    """Show it, and remember where."""
    now = deps.clock.time()
    if kept.expires_at <= now:
        raise PreviewLapsed("asked for before a pause that was longer")
    message_id = await outlet.deliver(views.preview(kept, now))
    shown = PreviewMessage(kept.request, sender.id, outlet.chat_id, message_id, kept.expires_at)
    await previews.remember(shown)


def _wanted_of(press: Press) -> tuple[Selection, int]:
    match press.action.args:
        case (*filters, int(count)):
            return selection_of(filters), count
    raise OfferLapsed("the button is of another version")


def _request_of(press: Press) -> int:
    match press.action.args:
        case (int(request), *_):
            return request
    raise OfferLapsed("the button is of another version")


def _kept_of(press: Press) -> tuple[int, str, int]:
    """The request, what it is for, and how many it keeps."""
    match press.action.args:
        case (int(request), str(resource), int(count)):
            return request, resource, count
    raise OfferLapsed("the button is of another version")
