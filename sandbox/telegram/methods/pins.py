"""Pinned messages: in a private chat of either side, in a group only by who may."""

from sandbox.telegram.access import open_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.records import Chat, Message
from sandbox.telegram.rendering import message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def pin_chat_message(world: TelegramWorld, parameters: Parameters) -> bool:
    """Pin one more message; the chat says so in a message of its own."""
    chat = open_chat(world, parameters)
    message = _message(world, chat, parameters.integer("message_id"), "pin")
    _demand_right(world, chat)
    if message.message_id in chat.pinned:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.pinned.append(message.message_id)
    world.report(chat, world.bot, {"pinned_message": message_json(world, message, nested=True)})
    return True


def unpin_chat_message(world: TelegramWorld, parameters: Parameters) -> bool:
    """Unpin the message that is named, or the newest that is pinned."""
    chat = open_chat(world, parameters)
    newest = newest_pinned(world, chat)
    asked = parameters.integer("message_id")
    message = _message(world, chat, asked, "unpin") if asked else None
    _demand_right(world, chat)
    message = message or newest
    if message is None:
        raise bad_request("message to unpin not found")
    if message.message_id not in chat.pinned:
        raise bad_request("CHAT_NOT_MODIFIED")
    chat.pinned.remove(message.message_id)
    world.touch()
    return True


def unpin_all_chat_messages(world: TelegramWorld, parameters: Parameters) -> bool:
    """Unpin whatever there is."""
    chat = open_chat(world, parameters)
    _demand_right(world, chat)
    chat.pinned.clear()
    world.touch()
    return True


def newest_pinned(world: TelegramWorld, chat: Chat) -> Message | None:
    """The pinned message that was sent last, whenever it was pinned."""
    pinned = (world.message(chat.id, message_id) for message_id in sorted(chat.pinned, reverse=True))
    return next((message for message in pinned if message), None)


def _message(world: TelegramWorld, chat: Chat, message_id: int, act: str) -> Message:
    message = world.message(chat.id, message_id)
    if message is None:
        raise bad_request(f"message to {act} not found")
    if message.service:
        raise bad_request("service messages can't be pinned")
    return message


def _demand_right(world: TelegramWorld, chat: Chat) -> None:
    if chat.is_group and not chat.has_right(world.bot.id, "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
