"""A group becomes a supergroup: it goes on under another id, and the old one refuses every call."""

from sandbox.telegram.records import Chat
from sandbox.telegram.world import TelegramWorld


def migrate(world: TelegramWorld, group: Chat) -> Chat:
    """Upgrade a group; returns the supergroup. The bot is told in both chats. ValueError for any other chat."""
    if group.type != "group" or group.migrated_to is not None:
        raise ValueError(f"chat {group.id} is no group that could become a supergroup")
    people = [member for member in group.members if member != world.bot.id]
    supergroup = world.add_group("supergroup", group.title, people)
    supergroup.creator, supergroup.administrators = group.creator, dict(group.administrators)
    supergroup.banned = list(group.banned)
    group.migrated_to = supergroup.id
    actor = world.users[group.members[0]]
    world.report(group, actor, {"migrate_to_chat_id": supergroup.id})
    world.report(supergroup, actor, {"migrate_from_chat_id": group.id})
    return supergroup
