"""Telegram's command menu: everybody sees what they may use."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import BotCommand, BotCommandScopeChat, BotCommandScopeDefault

from bot.models.role import Role
from bot.views.commands import commands_for

log = structlog.get_logger(__name__)


async def publish_commands(bot: Bot, admin_ids: Iterable[int]) -> None:
    """Set the menus that differ from what Telegram has; one that cannot be set is logged and left."""
    await _publish(bot, BotCommandScopeDefault(), Role.USER)
    for admin_id in sorted(admin_ids):
        await _publish(bot, BotCommandScopeChat(chat_id=admin_id), Role.ADMIN)


async def _publish(bot: Bot, scope: BotCommandScopeDefault | BotCommandScopeChat, role: Role) -> None:
    wanted = [(info.name, info.menu) for info in commands_for(role)]
    try:
        shown = await bot.get_my_commands(scope=scope)
        if [(command.command, command.description) for command in shown] != wanted:
            commands = [BotCommand(command=name, description=text) for name, text in wanted]
            await bot.set_my_commands(commands, scope=scope)
    except (TelegramUnauthorizedError, TelegramNotFound):
        return  # a wrong token ends the bot, and is told where that happens
    except TelegramAPIError as error:
        # An admin who has not opened a chat with the bot yet has no menu to set.
        log.info("the command menu was not set", scope=scope.type, role=role, error=error.message)
