"""Taking proxies and seeing what one holds: /take, its buttons, /my."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.handlers.acknowledgement import ACKNOWLEDGE_WITHIN, Acknowledgement
from bot.handlers.arguments import parse_take
from bot.handlers.asking import Ask, serve
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import InPrivate, OfferPress, Typed, is_private
from bot.handlers.outlet import Outlet
from bot.handlers.waiting import meanwhile
from bot.models.entries import shown_name
from bot.views import proxies

MAX_AGE = 600.0


def make_router() -> Router:
    """/take anywhere, its buttons, /my in private."""
    router = Router(name="proxies")
    router.message.register(take, Typed("take"), InPrivate())
    router.message.register(take_in_group, Typed("take"))
    router.message.register(my, Typed("my"), InPrivate())
    router.callback_query.register(press, OfferPress.filter())
    return router


async def take(message: Message, command: CommandObject, bot: Bot, sender: User, deps: ChatDeps) -> None:
    """Take proxies and answer right here."""
    ask = _asked(message, command, bot, sender)
    if await _too_old(message, ask, deps):
        await message.answer(proxies.OLD_REQUEST)
        return
    await serve(ask, Outlet(bot, deps.clock, message.chat.id), deps)


async def take_in_group(
    message: Message, command: CommandObject, bot: Bot, sender: User, deps: ChatDeps
) -> None:
    """Take proxies and answer in the sender's private chat; the group learns only that much."""
    ask = _asked(message, command, bot, sender)
    if await _too_old(message, ask, deps):
        text = proxies.OLD_REQUEST
    elif not await _reachable(bot, sender.id):
        text = proxies.open_private((await bot.me()).username or "")
    else:
        here = Outlet(bot, deps.clock, message.chat.id)
        await serve(ask, Outlet(bot, deps.clock, sender.id), deps, (0.0, here.typing))
        text = proxies.SENT_PRIVATELY
    await message.answer(text, reply_parameters=message.as_reply_parameters(allow_sending_without_reply=True))


async def press(
    callback: CallbackQuery, callback_data: OfferPress, bot: Bot, sender: User, deps: ChatDeps
) -> None:
    """Take what the button offers; the answer replaces the message with the button."""
    acknowledgement = Acknowledgement(bot, callback)
    async with meanwhile(deps.clock, (ACKNOWLEDGE_WITHIN, acknowledgement.give)):
        offer = await deps.desk.open_offer(callback_data.offer, sender.id)
        ask = Ask(
            offer.resource,
            offer.count,
            sender.id,
            _name(sender),
            f"offer:{callback_data.offer}:take",
            offer.new_resource,
        )
        await serve(ask, _in_place(callback, bot, sender, deps), deps)
    await acknowledgement.give()


async def my(message: Message, bot: Bot, sender: User, deps: ChatDeps) -> None:
    """Show what the sender holds."""
    held = await deps.desk.held_by(sender.id)
    await Outlet(bot, deps.clock, message.chat.id).deliver(proxies.mine(held))


def _asked(message: Message, command: CommandObject, bot: Bot, sender: User) -> Ask:
    args = parse_take(command.args)
    key = f"{bot.id}:{message.chat.id}:{message.message_id}"
    return Ask(args.resource, args.count, sender.id, _name(sender), key)


async def _too_old(message: Message, ask: Ask, deps: ChatDeps) -> bool:
    """A late command starts nothing new, but one that was accepted in time gets its answer."""
    age = deps.clock.time() - message.date.timestamp()
    return age > MAX_AGE and not await deps.desk.known(ask.key)


async def _reachable(bot: Bot, user_id: int) -> bool:
    """Whether the user has a private chat with us; asked before anything is taken."""
    try:
        await bot.send_chat_action(user_id, ChatAction.TYPING)
    except (TelegramForbiddenError, TelegramBadRequest):
        return False
    return True


def _in_place(callback: CallbackQuery, bot: Bot, sender: User, deps: ChatDeps) -> Outlet:
    """The pressed message if only its presser can read it, else a new one in private."""
    message = callback.message
    if isinstance(message, Message) and is_private(message) and message.chat.id == sender.id:
        return Outlet(bot, deps.clock, sender.id, message.message_id)
    return Outlet(bot, deps.clock, sender.id)


def _name(sender: User) -> str:
    return shown_name(sender.username, sender.full_name, sender.id)
