"""/notices: what the bot says by itself, and when it keeps quiet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Protocol

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.arguments import BadArgument
from bot.handlers.buttons import carried
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.models.notice import Kind
from bot.models.offer import Press
from bot.models.person import Preferences
from bot.models.role import Role
from bot.views import notice_settings as views
from bot.views import usage

QuietHours = tuple[int, int] | None

_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?", re.ASCII)
_MIDNIGHT = 24 * 60


class PreferenceKeeper(Protocol):
    """Where people's preferences are kept."""

    def preferences_of(self, user_id: int) -> Preferences: ...
    async def set_preferences(self, user_id: int, preferences: Preferences) -> None: ...


class Waiting(Protocol):
    """What waits for its reader: new hours may have ended the wait."""

    async def hasten(self, user_id: int) -> None: ...


def register(router: Router) -> None:
    """/notices and its buttons."""
    router.message.register(notices, Typed("notices"))
    router.callback_query.register(mute, Pressed("mute"))
    router.callback_query.register(quiet, Pressed("quiet"))


async def notices(
    _: Message,
    command: CommandObject,
    sender: User,
    role: Role,
    outlet: Outlet,
    people: PreferenceKeeper,
    outbox: Waiting,
    zone: tzinfo = UTC,
) -> None:
    """Show the settings, after a change where one is asked for."""
    wish = people.preferences_of(sender.id)
    if command.args:
        wish = _with_hours(wish, parse_quiet(command.args))
        await people.set_preferences(sender.id, wish)
        await outbox.hasten(sender.id)
    await outlet.deliver(views.overview(wish, role, str(zone)))


async def mute(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    people: PreferenceKeeper,
    outbox: Waiting,
    zone: tzinfo = UTC,
) -> None:
    """Turn a kind off, or on again."""
    kind, off = carried(press.action.args, Kind, int)
    before = people.preferences_of(sender.id)
    muted = before.muted | {kind.value} if off else before.muted - {kind.value}
    await _keep(replace(before, muted=muted), sender, role, outlet, people, outbox, zone)


async def quiet(
    _: CallbackQuery,
    press: Press,
    sender: User,
    role: Role,
    outlet: Outlet,
    people: PreferenceKeeper,
    outbox: Waiting,
    zone: tzinfo = UTC,
) -> None:
    """Set the quiet hours, or none."""
    begin, end = carried(press.action.args, int | None, int | None)
    hours = None if begin is None or end is None else (begin, end)
    wish = _with_hours(people.preferences_of(sender.id), hours)
    await _keep(wish, sender, role, outlet, people, outbox, zone)


def parse_quiet(args: str) -> QuietHours:
    """Minutes of the day from `quiet 22:00-07:30` or `quiet 22-8`; None for `quiet off`. Raises BadArgument."""
    word, _, hours = args.strip().partition(" ")
    if word.casefold() != "quiet":
        raise BadArgument(usage.QUIET_ONLY, usage.QUIET)
    if hours.strip().casefold() == "off":
        return None
    found = _HOURS.fullmatch(hours.strip())
    if found is None:
        raise BadArgument(usage.QUIET_UNCLEAR, usage.QUIET)
    begin, end = _minute(found[1], found[2]), _minute(found[3], found[4])
    if begin == end:
        raise BadArgument(usage.QUIET_NEVER, usage.QUIET)
    return begin, end


def _minute(hour: str, minute: str | None) -> int:
    """The minute of the day; 24:00 is 0:00."""
    at = int(hour) * 60 + int(minute or 0)
    if at > _MIDNIGHT or int(minute or 0) > 59:
        raise BadArgument(usage.NO_TIME, usage.QUIET)
    return at % _MIDNIGHT


def _with_hours(before: Preferences, hours: QuietHours) -> Preferences:
    begin, end = hours or (None, None)
    return replace(before, quiet_from=begin, quiet_to=end)


async def _keep(
    wish: Preferences,
    sender: User,
    role: Role,
    outlet: Outlet,
    people: PreferenceKeeper,
    outbox: Waiting,
    zone: tzinfo,
) -> None:
    await people.set_preferences(sender.id, wish)
    await outbox.hasten(sender.id)
    await outlet.deliver(views.overview(wish, role, str(zone)))
