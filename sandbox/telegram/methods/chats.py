"""What the bot may know about chats and their members."""

from sandbox.telegram.access import known_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.membership import member_json
from sandbox.telegram.methods.pins import newest_pinned
from sandbox.telegram.records import JsonObject
from sandbox.telegram.rendering import chat_json, message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A ChatFullInfo with the fields it must have, and the newest pinned message."""
    chat = known_chat(world, parameters)
    pinned = newest_pinned(world, chat)
    full = chat_json(world, chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    return full | ({"pinned_message": message_json(world, pinned)} if pinned else {})


def get_chat_member(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A ChatMember; `left` for somebody who never was in the chat."""
    user_id = parameters.integer("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    chat = known_chat(world, parameters)
    if user_id not in world.users:
        raise bad_request("user not found")
    return member_json(chat, world.users[user_id])


def get_chat_administrators(world: TelegramWorld, parameters: Parameters) -> list[JsonObject]:
    """A group's creator and administrators, the bot among them if it is one."""
    chat = known_chat(world, parameters)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    heads = [user_id for user_id in chat.members if chat.is_administrator(user_id)]
    heads.sort(key=lambda user_id: user_id != chat.creator)
    return [member_json(chat, world.users[user_id]) for user_id in heads]


def get_chat_member_count(world: TelegramWorld, parameters: Parameters) -> int:
    """How many are in the chat, the bot included."""
    chat = known_chat(world, parameters)
    return len({*chat.members, world.bot.id})
