"""What people get who are on no list: one line in private, nothing in groups."""

from __future__ import annotations

from typing import Any

from aiogram.types import Update, User

from bot.handlers.filters import is_private
from bot.views.help import stranger


async def turn_away(update: Update, sender: User, _: dict[str, Any]) -> None:
    """Tell a stranger their id, so that an admin can add them."""
    if update.message is not None and is_private(update.message):
        await update.message.answer(stranger(sender.id))
    elif update.callback_query is not None:
        await update.callback_query.answer(stranger(sender.id), show_alert=True)
