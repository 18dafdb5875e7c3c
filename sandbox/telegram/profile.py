"""What the bot tells about itself: commands by scope and language, descriptions, menu buttons."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.telegram.records import Chat, JsonObject, User


@dataclass(slots=True)
class Profile:
    """Stored settings: `commands` by "scope|language", descriptions by language, buttons by chat id or ""."""

    commands: dict[str, list[JsonObject]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[str, JsonObject] = field(default_factory=dict)

    def commands_for(self, user: User, chat: Chat) -> list[JsonObject]:
        """The list a person sees in a chat: the narrowest scope wins, each first in the person's language."""
        for scope in _scopes(user, chat):
            for language in (user.language_code, ""):
                commands = self.commands.get(f"{scope}|{language}")
                if commands:
                    return commands
        return []

    def menu_button(self, chat_id: int | None) -> JsonObject:
        """The button of one private chat, or that of all the others (None)."""
        if chat_id is None:
            return self.menu_buttons.get("", {"type": "commands"})
        return self.menu_buttons.get(str(chat_id), {"type": "default"})


def _scopes(user: User, chat: Chat) -> Iterator[str]:
    administrator = chat.is_administrator(user.id)
    if chat.is_group:
        yield f"chat_member:{chat.id}:{user.id}"
    if administrator:
        yield f"chat_administrators:{chat.id}"
    yield f"chat:{chat.id}"
    if administrator:
        yield "all_chat_administrators"
    yield "all_group_chats" if chat.is_group else "all_private_chats"
    yield "default"
