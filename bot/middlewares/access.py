"""Who may do what: nobody anything, unless a role says so. Decided once, before anything is parsed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, cast

from aiogram import BaseMiddleware, Bot
from aiogram.types import CallbackQuery, Message, TelegramObject, Update, User

from bot.errors import NotAllowed, OfferLapsed
from bot.models.offer import Press
from bot.models.role import Role

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Roles(Protocol):
    """Who is who."""

    def role_of(self, user_id: int) -> Role | None:
        """The person's role; None for a stranger."""


class ButtonOpener(Protocol):
    """What stands behind a button."""

    async def open(self, offer_id: str, button: int, user_id: int) -> Press:
        """The press; raises OfferLapsed where it is foreign, lapsed or unknown."""


class Access(BaseMiddleware):
    """Passes messages and button presses of people with a role on, with `sender`, `role` and `press`.

    Everything else ends here: edits, posts of channels and anonymous admins, bots, kinds of updates we do not
    know. A stranger gets what `turn_away` says; a command or button of a higher role raises NotAllowed. Which
    role is needed stands in `commands` and `verbs`; `read_button` reads what a button carries.
    """

    def __init__(
        self,
        roles: Roles,
        offers: ButtonOpener,
        read_button: Callable[[str], tuple[str, int]],
        turn_away: Callable[..., Awaitable[None]],
        *,
        commands: Mapping[str, Role],
        verbs: Mapping[str, Role],
    ) -> None:
        self._roles = roles
        self._offers = offers
        self._read_button = read_button
        self._turn_away = turn_away
        self._commands = commands
        self._verbs = verbs

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        update = cast(Update, event)
        sender = _sender(update)
        if sender is None:
            return None
        role = self._roles.role_of(sender.id)
        if role is None:
            return await self._turn_away(update, sender, data)
        known = data | {"sender": sender, "role": role}
        if update.callback_query is not None:
            known["press"] = await self._opened(update.callback_query, sender, role)
        elif update.message is not None:
            await self._check(update.message, role, cast(Bot, data["bot"]))
        return await handler(event, known)

    async def _opened(self, callback: CallbackQuery, sender: User, role: Role) -> Press:
        press = await self._offers.open(*self._read_button(callback.data or ""), sender.id)
        needed = self._verbs.get(press.action.verb)
        if needed is None:
            raise OfferLapsed("the button is of another version")
        if not role.covers(needed):
            raise NotAllowed(needed)
        return press

    async def _check(self, message: Message, role: Role, bot: Bot) -> None:
        name, _, mention = _command(message).partition("@")
        needed = self._commands.get(name.casefold())
        if needed is None or role.covers(needed):
            return
        if not mention or mention.casefold() == ((await bot.me()).username or "").casefold():
            raise NotAllowed(needed)


def _command(message: Message) -> str:
    """The command that a message begins with, without its slash; empty where it is none."""
    words = (message.text or "").split(maxsplit=1)
    if not words or not words[0].startswith("/") or not is_typed(message):
        return ""
    return words[0][1:]


def is_typed(message: Message) -> bool:
    """Whether the sender has written it: it is neither forwarded nor what another bot's inline result says."""
    return message.forward_origin is None and message.via_bot is None


def _sender(update: Update) -> User | None:
    """The person behind the update, if it is one we act on."""
    if update.callback_query is not None:
        sender = update.callback_query.from_user
    elif update.message is not None and update.message.sender_chat is None and update.message.from_user:
        sender = update.message.from_user
    else:
        return None
    return None if sender.is_bot else sender
