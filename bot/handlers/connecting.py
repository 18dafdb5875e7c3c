"""Connecting an account: /connect, and the messages with a key and its secret, which are deleted at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aiogram import Bot, Router
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.filters import CommandObject, Filter
from aiogram.types import CallbackQuery, Message, User

from bot.errors import CannotConnect, NotAllowed, PeerUnavailable
from bot.handlers.arguments import BadArgument
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed, is_private
from bot.handlers.outlet import Outlet
from bot.handlers.placing import HERE
from bot.handlers.requests import is_too_old, request_key
from bot.middlewares.access import is_typed
from bot.models.dialogue import (
    Dialogue,
    Problem,
    Step,
    looks_like_a_command,
    looks_like_a_secret,
    steps_of,
)
from bot.models.offer import Press
from bot.models.role import Role
from bot.resilience.clock import Clock
from bot.services.connecting import Connecting
from bot.views import accounts as views
from bot.views import proxies, usage
from bot.views.commands import ROLE_OF_COMMAND
from bot.views.reply import Reply, one

DELETE_AGAIN_AFTER = (0.5, 2.0)
GONE = "message to delete not found"


class Awaited(Filter):
    """What somebody in a dialogue sends in private, but for commands; in a group only what looks like a key."""

    def __init__(self, *, in_private: bool) -> None:
        self._in_private = in_private

    async def __call__(self, message: Message, bot: Bot, connecting: Connecting | None = None) -> bool:
        if connecting is None or message.from_user is None or is_private(message) is not self._in_private:
            return False
        request, sent_at = request_key(bot, message), message.date.timestamp()
        if not connecting.awaits(message.from_user.id, request, sent_at):
            return False
        text = message.text or message.caption or ""
        return not looks_like_a_command(text) if self._in_private else looks_like_a_secret(text)


def register(router: Router) -> None:
    """/connect and its buttons, and whatever is sent in its dialogue; commands that exist come first."""
    router.message.register(connect, Typed("connect"), flags=HERE)
    router.message.register(said_in_group, Awaited(in_private=False), flags=HERE)
    router.message.register(hear, Awaited(in_private=True))
    router.callback_query.register(choose_venue, Pressed("connect"))
    router.callback_query.register(connect_again, Pressed("connect again"))
    router.callback_query.register(stop, Pressed("stop connecting"))


async def connect(
    message: Message,
    command: CommandObject,
    bot: Bot,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    connecting: Connecting,
) -> None:
    """Ask for the exchange, or begin with the one that is named; what more is said is taken, and deleted."""
    words, key = (command.args or "").split(), request_key(bot, message)
    if not is_private(message):
        await _refuse_in_group(message, deps, shown=len(words) > 0)
        return
    if not words:
        await outlet.deliver(views.venues(connecting.venues))
        return
    if len(words) > 1 or words[0].lower() not in connecting.venues:
        await _delete_first(message, outlet, deps.clock)
    if await is_too_old(message, key, deps):
        await outlet.deliver(one(proxies.OLD_REQUEST))
        return
    venue, said = _parsed(words, connecting.venues)
    dialogue = await connecting.begin(sender.id, venue, key, said)
    await _go_on(dialogue, key, outlet, deps, connecting)


async def choose_venue(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, connecting: Connecting
) -> None:
    """Begin with that exchange; without one, ask for it."""
    if not press.action.args:
        await outlet.deliver(views.venues(connecting.venues))
        return
    [venue] = carried(press.action.args, str)
    await outlet.deliver(views.prompt(await connecting.begin(sender.id, venue, press.key)))


async def hear(
    message: Message,
    bot: Bot,
    sender: User,
    role: Role,
    outlet: Outlet,
    deps: ChatDeps,
    connecting: Connecting,
) -> None:
    """Take what was asked for; the message goes first, whatever it is."""
    await _delete_first(message, outlet, deps.clock)
    if not role.covers(needed := ROLE_OF_COMMAND["connect"]):
        await connecting.stop(sender.id)
        raise NotAllowed(needed)
    if not message.text or not is_typed(message):
        await outlet.deliver(views.no_text())
        return
    key = request_key(bot, message)
    await _go_on(await connecting.hear(sender.id, message.text, key), key, outlet, deps, connecting)


async def connect_again(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, connecting: Connecting
) -> None:
    """Ask the exchange once more."""
    [venue] = carried(press.action.args, str)
    await answer_when_done(
        lambda: _finished(sender.id, venue, connecting), outlet, deps, views.checking(venue)
    )


async def stop(_: CallbackQuery, sender: User, outlet: Outlet, connecting: Connecting) -> None:
    """Forget what was said."""
    was_begun = await connecting.stop(sender.id)
    await outlet.deliver(views.STOPPED if was_begun else views.NOTHING_BEGUN)


async def said_in_group(message: Message, deps: ChatDeps) -> None:
    """The next message of the dialogue, in the wrong chat: that key is burnt. The dialogue goes on in private."""
    await _refuse_in_group(message, deps, shown=True)


async def hide_key(message: Message, clock: Clock) -> None:
    """Delete what somebody who may not connect accounts has shown all the same."""
    command, *words = (message.text or "").split(maxsplit=1)[:2] or [""]
    if words and command.partition("@")[0].casefold() == "/connect":
        await _delete(message, clock)


async def _refuse_in_group(message: Message, deps: ChatDeps, *, shown: bool) -> None:
    text = views.leaked(is_deleted=await _delete(message, deps.clock)) if shown else views.IN_PRIVATE
    await message.answer(text)


async def _go_on(
    dialogue: Dialogue, key: str, outlet: Outlet, deps: ChatDeps, connecting: Connecting
) -> None:
    """Ask for the next thing, or have it checked when all is said."""
    understood = dialogue.request == key
    if not understood or dialogue.step not in (Step.CHECK, Step.DONE):
        await outlet.deliver(views.prompt(dialogue, understood=understood))
        return
    user_id, venue = dialogue.user_id, dialogue.venue
    await answer_when_done(lambda: _finished(user_id, venue, connecting), outlet, deps, views.checking(venue))


async def _finished(user_id: int, venue: str, connecting: Connecting) -> Reply:
    try:
        return views.ended(await connecting.finish(user_id))
    except PeerUnavailable:
        return views.unreachable(venue)
    except CannotConnect as error:
        if error.problem != Problem.STOPPED:
            raise
        return views.STOPPED


def _parsed(words: Sequence[str], venues: Collection[str]) -> tuple[str, Sequence[str] | None]:
    """The exchange, and all that belongs to its key where that was said. Raises BadArgument, which quotes nothing."""
    venue, said = words[0].lower(), words[1:]
    if venue not in venues:
        raise BadArgument(usage.NO_EXCHANGE, usage.CONNECT)
    asked = steps_of(venue).index(Step.CHECK)
    if said and len(said) != asked:
        raise BadArgument(usage.parts_of_key(asked), usage.CONNECT)
    return venue, said or None


async def _delete_first(message: Message, outlet: Outlet, clock: Clock) -> None:
    """Delete what may hold a secret before anything else happens; who has to do that themselves is told at once."""
    if not await _delete(message, clock):
        await outlet.anew().deliver(one(views.DELETE_IT))


async def _delete(message: Message, clock: Clock) -> bool:
    """Delete somebody's message; False where it is still there."""
    for pause in (*DELETE_AGAIN_AFTER, None):
        try:
            await message.delete()
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter):
            if pause is not None:
                await clock.sleep(pause)
                continue
        except TelegramBadRequest as error:
            return GONE in error.message.lower()
        except TelegramAPIError:
            return False
        else:
            return True
    return False
