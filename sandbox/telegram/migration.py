"""A group becomes a supergroup: it goes on under another id, and the old one refuses every call."""

from sandbox.telegram.entities import FormattedText
from sandbox.telegram.records import Chat, JsonObject
from sandbox.telegram.rendering import message_json
from sandbox.telegram.world import TelegramWorld


def migrate(world: TelegramWorld, group: Chat) -> Chat:
    """Upgrade a group; returns the supergroup. The bot is told in both chats. ValueError for any other chat."""
    if group.type != "group" or group.migrated_to is not None:
        raise ValueError(f"chat {group.id} is no group that could become a supergroup")
    people = [member for member in group.members if member != world.bot.id]
    supergroup = world.add_group("supergroup", group.title, people)
    group.migrated_to = supergroup.id
    _tell_bot(world, group, {"migrate_to_chat_id": supergroup.id})
    _tell_bot(world, supergroup, {"migrate_from_chat_id": group.id})
    return supergroup


def _tell_bot(world: TelegramWorld, chat: Chat, news: JsonObject) -> None:
    message = world.post(chat, world.users[chat.members[0]], FormattedText(""))
    world.announce("message", message)
    world.push("message", message_json(world, message) | news)
