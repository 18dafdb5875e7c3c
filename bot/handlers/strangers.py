"""What people get who have no role: one line and a way to ask for access in private, nothing in groups."""

from __future__ import annotations

from typing import Any, cast

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Update, User

from bot.errors import OfferLapsed
from bot.handlers.acknowledgement import Acknowledgement
from bot.handlers.buttons import read_button
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import is_private
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.person import Standing
from bot.services.admission import Admission
from bot.views import help as views
from bot.views.commands import ASK


async def turn_away(update: Update, sender: User, data: dict[str, Any]) -> None:
    """Answer somebody who may do nothing but ask for access."""
    bot, deps, admission = cast(Bot, data["bot"]), cast(ChatDeps, data["deps"]), data["admission"]
    if update.message is not None and is_private(update.message):
        outlet = Outlet(bot, deps.clock, deps.offers, sender.id)
        await outlet.deliver(views.at_the_door(sender.id, admission.standing(sender.id)))
    elif update.callback_query is not None:
        await _pressed(update.callback_query, sender, bot, deps, admission)


async def _pressed(
    callback: CallbackQuery, sender: User, bot: Bot, deps: ChatDeps, admission: Admission
) -> None:
    message = callback.message
    if message is None or message.chat.type != ChatType.PRIVATE:
        await Acknowledgement(bot, callback).give()
    elif not await _asks(callback, sender, deps):
        await callback.answer(views.stranger(sender.id), show_alert=True)
    else:
        standing = await admission.ask(sender.id, name_of(sender), sender.username)
        if standing is Standing.STRANGER:
            await callback.answer(views.TOO_MANY_ASK, show_alert=True)
            return
        outlet = Outlet(bot, deps.clock, deps.offers, sender.id, message.message_id)
        await outlet.deliver(views.at_the_door(sender.id, standing))
        await Acknowledgement(bot, callback).give()


async def _asks(callback: CallbackQuery, sender: User, deps: ChatDeps) -> bool:
    """Whether it is the stranger's own button for asking; all others are none of theirs."""
    try:
        press = await deps.offers.open(*read_button(callback.data or ""), sender.id)
    except OfferLapsed:
        return False
    return press.action.verb == ASK
