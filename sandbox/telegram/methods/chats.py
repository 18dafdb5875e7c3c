"""What the bot may know about chats and their members."""

from sandbox.telegram.access import known_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.records import JsonObject
from sandbox.telegram.rendering import chat_json, user_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A ChatFullInfo with the fields it must have."""
    return chat_json(world, known_chat(world, parameters)) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }


def get_chat_member(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A ChatMember: `member`, or `left` for somebody who is not in the chat."""
    chat = known_chat(world, parameters)
    user = world.users.get(parameters.integer("user_id"))
    if user is None:
        raise bad_request("user not found")
    inside = user.id in chat.members or user.id == world.bot.id
    return {"status": "member" if inside else "left", "user": user_json(user)}
