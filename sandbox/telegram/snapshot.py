"""The world as JSON-able data, and back."""

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.telegram import limits
from sandbox.telegram.entities import Entity, FormattedText
from sandbox.telegram.profile import Profile
from sandbox.telegram.records import Callback, Chat, File, JsonObject, Message, User
from sandbox.telegram.webhook import Webhook

if TYPE_CHECKING:
    from sandbox.telegram.world import TelegramWorld

VERSION = 1
# What was given out after the last save of a world that ended badly must not be given out again.
IDS_SKIPPED = 1000


def dump(world: "TelegramWorld") -> JsonObject:
    """Everything but switches, listeners and flood control; callbacks only as long as they matter."""
    recent = world.clock() - limits.UPDATE_LIFE
    return {
        "version": VERSION,
        "users": [asdict(user) for user in world.users.values() if not user.is_bot],
        "chats": [asdict(chat) for chat in world.chats.values()],
        "messages": [asdict(message) for chat in world.messages.values() for message in chat.values()],
        "files": [
            asdict(file) | {"content": b64encode(file.content).decode()} for file in world.files.values()
        ],
        "callbacks": [asdict(c) for c in world.callbacks.values() if c.created_at > recent],
        "profile": asdict(world.profile),
        "updates": world.updates.dump(),
        "webhook": asdict(world.webhook) | {"error": None},
        "message_ids": [[numbering, last] for numbering, last in world.message_ids.items()],
        "last_id": world.last_id,
    }


def load(world: "TelegramWorld", data: Any) -> None:
    """Put dumped data in the place of the world's own; ValueError if they are none, the world stays."""
    try:
        if data["version"] != VERSION:
            raise ValueError(f"a Telegram world of version {data['version']}, not {VERSION}")
        _fill(world, data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a Telegram world: {error!r}") from error


def _fill(world: "TelegramWorld", data: JsonObject) -> None:
    users = [User(**source) for source in data["users"]]
    chats = [Chat(**source) for source in data["chats"]]
    messages: dict[int, dict[int, Message]] = {chat.id: {} for chat in chats}
    for message in map(_message, data["messages"]):
        messages[message.chat_id][message.message_id] = message
    # A world that was kept before there were photos knows documents only.
    kept_files = data["files"] if "files" in data else data["documents"]
    files = [File(**{**source, "content": b64decode(source["content"])}) for source in kept_files]
    callbacks = [Callback(**source) for source in data["callbacks"]]
    profile, webhook = Profile(**data["profile"]), Webhook(**data.get("webhook", {}))
    message_ids = {numbering: last + IDS_SKIPPED for numbering, last in data["message_ids"]}
    last_id = data["last_id"] + IDS_SKIPPED
    world.updates.load(data["updates"], IDS_SKIPPED)
    world.users = {world.bot.id: world.bot} | {user.id: user for user in users}
    world.chats = {chat.id: chat for chat in chats}
    world.messages, world.profile, world.webhook = messages, profile, webhook
    world.files = {file.file_id: file for file in files}
    world.callbacks = {callback.id: callback for callback in callbacks}
    world.message_ids, world.last_id = message_ids, last_id


def _message(source: JsonObject) -> Message:
    content = source["content"]
    entities = tuple(Entity(**entity) for entity in content["entities"])
    file_id = source["file_id"] if "file_id" in source else source["document_id"]
    rest = {name: value for name, value in source.items() if name != "document_id"}
    return Message(**{**rest, "content": FormattedText(content["text"], entities), "file_id": file_id})
