"""Telegram's command menu: everybody sees what they may use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import BotCommand, BotCommandScopeChat, BotCommandScopeDefault

from bot.models.person import Person
from bot.models.role import Role
from bot.views.commands import menu_of

log = structlog.get_logger(__name__)


class Roster(Protocol):
    """Who is to have which menu."""

    def role_of(self, user_id: int) -> Role | None: ...
    def everybody(self) -> Iterable[Person]: ...


class Menus:
    """Sets menus one after the other, so that five hundred of them never crowd out an answer.

    Strangers have the default menu; each person with a role has one in their own chat. What Telegram has already
    is not set again; what cannot be set is logged and left until the person writes.
    """

    def __init__(self, bot: Bot, roster: Roster) -> None:
        self._bot = bot
        self._roster = roster
        self._shown: dict[int, Role | None] = {}
        self._waiting: dict[int, None] = {}  # a queue in which each person stands once
        self._somebody = asyncio.Event()

    def refresh(self, user_id: int) -> None:
        """The person's role has changed: their menu is set when its turn comes."""
        self._waiting[user_id] = None
        self._somebody.set()

    def met(self, user_id: int) -> None:
        """The person has written in private: if their menu is not known to be right, it is set."""
        if user_id not in self._shown or self._shown[user_id] is not self._roster.role_of(user_id):
            self.refresh(user_id)

    async def run(self) -> None:
        """Set the menu of strangers and that of everybody, then whatever changes, until cancelled."""
        await self._publish(BotCommandScopeDefault(), None)
        for person in self._roster.everybody():
            if person.role is not None:
                self.refresh(person.user_id)
        while True:
            await self.catch_up()
            self._somebody.clear()
            await self._somebody.wait()

    async def catch_up(self) -> None:
        """Set all that wait for it."""
        while self._waiting:
            user_id = next(iter(self._waiting))
            del self._waiting[user_id]
            role = self._roster.role_of(user_id)
            if await self._publish(BotCommandScopeChat(chat_id=user_id), role):
                self._shown[user_id] = role

    async def _publish(self, scope: BotCommandScopeDefault | BotCommandScopeChat, role: Role | None) -> bool:
        """Set one menu where it differs; returns whether it is right now."""
        try:
            if role is None and isinstance(scope, BotCommandScopeChat):
                return await self._bot.delete_my_commands(scope=scope)
            await self._set(scope, role)
        except (TelegramUnauthorizedError, TelegramNotFound):
            return False  # a wrong token ends the bot, and is told where that happens
        except TelegramAPIError as error:
            # Who has not opened a chat with the bot yet has no menu to set.
            log.info("the command menu was not set", scope=scope.type, role=role, error=error.message)
            return False
        return True

    async def _set(self, scope: BotCommandScopeDefault | BotCommandScopeChat, role: Role | None) -> None:
        wanted = [(info.name, info.menu) for info in menu_of(role)]
        shown = await self._bot.get_my_commands(scope=scope)
        if [(command.command, command.description) for command in shown] != wanted:
            commands = [BotCommand(command=name, description=text) for name, text in wanted]
            await self._bot.set_my_commands(commands, scope=scope)
