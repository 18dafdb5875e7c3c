"""What people do in the world: write, edit, press buttons, block the bot. ValueError if they cannot."""

import re
from dataclasses import dataclass

from sandbox.telegram import limits
from sandbox.telegram.entities import Entity, FormattedText, clean, fixed
from sandbox.telegram.keyboards import has_callback
from sandbox.telegram.records import Callback, Chat, Done, File, JsonObject, Message, User
from sandbox.telegram.rendering import callback_json, chat_json, message_json, user_json
from sandbox.telegram.world import TelegramWorld

COMMAND = re.compile(r"/\w+(?:@(?P<bot>\w+))?")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes, or sends with `text` as caption; `date` (unix time) pretends it was done then."""

    text: str
    file: File | None = None
    media_group_id: str | None = None
    reply_to: int | None = None
    forward: bool = False
    date: int | None = None


def find_user(world: TelegramWorld, user_id: int) -> User:
    """A person of this world."""
    user = world.users.get(user_id)
    if user is None or user.is_bot:
        raise ValueError(f"there is no person {user_id}")
    return user


def find_chat(world: TelegramWorld, chat_id: int) -> Chat:
    """A chat of this world."""
    if chat_id not in world.chats:
        raise ValueError(f"there is no chat {chat_id}")
    return world.chats[chat_id]


def send(world: TelegramWorld, user: User, chat: Chat, draft: Draft) -> Done:
    """Write a message; the first one in a private chat starts the bot."""
    _demand_member(user, chat)
    if chat.migrated_to is not None:
        raise ValueError(f"chat {chat.id} goes on as {chat.migrated_to}")
    if chat.blocked:
        raise ValueError(f"{user.first_name} has blocked the bot and must unblock it first")
    if draft.reply_to is not None and world.message(chat.id, draft.reply_to) is None:
        raise ValueError(f"there is no message {draft.reply_to} to reply to")
    message = world.post(chat, user, _content(draft.text, caption=draft.file is not None), draft.date)
    message.reply_to, message.forwarded = draft.reply_to, draft.forward
    if draft.file:
        world.files[draft.file.file_id] = draft.file
        message.file_id, message.media_group_id = draft.file.file_id, draft.media_group_id
    chat.started = True
    world.announce("message", message)
    return Done(_tell_bot(world, "message", message), message.message_id)


def edit(world: TelegramWorld, user: User, chat: Chat, message_id: int, text: str) -> Done:
    """Change one's own message, or the caption of one's own file."""
    message = world.message(chat.id, message_id)
    if message is None or message.sender_id != user.id:
        raise ValueError(f"{user.first_name} has no message {message_id} to edit")
    world.revise(message, _content(text, caption=message.file_id is not None))
    world.announce("edit", message)
    return Done(_tell_bot(world, "edited_message", message), message_id)


def press(
    world: TelegramWorld,
    user: User,
    chat: Chat,
    message_id: int,
    data: str,
    *,
    forged: bool = False,
    date: float | None = None,
) -> Done:
    """Press a button of a bot's message; `forged` data need not be on it, `date` pretends it was pressed then."""
    _demand_member(user, chat)
    message = world.message(chat.id, message_id)
    if message is None or message.sender_id != world.bot.id:
        raise ValueError(f"there is no message {message_id} of the bot")
    if not forged and not has_callback(message.markup, data):
        raise ValueError(f"message {message_id} has no button with the data {data!r}")
    callback_id = str((user.id << 20) + world.new_id())
    pressed_at = world.clock() if date is None else date
    callback = Callback(callback_id, user.id, chat.id, message_id, pressed_at)
    world.callbacks[callback_id] = callback
    return Done(world.push("callback_query", callback_json(world, callback, data)), callback_id)


def block(world: TelegramWorld, user: User, *, blocked: bool) -> int | None:
    """Block or unblock the bot: the update's id, None if nothing changed."""
    chat = world.chats[user.id]
    if chat.blocked == blocked:
        return None
    chat.blocked = blocked
    states = ("member", "kicked") if blocked else ("kicked", "member")
    change = {
        "chat": chat_json(world, chat),
        "from": user_json(user),
        "date": world.now(),
        "old_chat_member": _membership(world, states[0]),
        "new_chat_member": _membership(world, states[1]),
    }
    return world.push("my_chat_member", change)


def _membership(world: TelegramWorld, status: str) -> JsonObject:
    source: JsonObject = {"status": status, "user": user_json(world.bot)}
    return source | ({"until_date": 0} if status == "kicked" else {})


def _content(text: str, *, caption: bool) -> FormattedText:
    content = fixed(FormattedText(clean(text)))
    what, least, most = (
        ("caption", 0, limits.CAPTION_LENGTH) if caption else ("message", 1, limits.TEXT_LENGTH)
    )
    if not least <= len(content.text) <= most:
        raise ValueError(f"a {what} has {least}-{most} characters, not {len(content.text)}")
    return content


def _demand_member(user: User, chat: Chat) -> None:
    if user.id not in chat.members:
        raise ValueError(f"{user.first_name} is not in chat {chat.id}")


def _tell_bot(world: TelegramWorld, kind: str, message: Message) -> int | None:
    chat, bot_id = world.chats[message.chat_id], world.bot.id
    if chat.is_group and bot_id not in chat.members:
        return None
    hidden = world.settings.privacy and chat.is_group and not chat.is_administrator(bot_id)
    if hidden and not _meant(world, message):
        return None
    return world.push(kind, message_json(world, message))


def _meant(world: TelegramWorld, message: Message) -> bool:
    """Whether privacy mode lets a group's message through: a command of this bot or a reply to it."""
    original = world.message(message.chat_id, message.reply_to) if message.reply_to else None
    if original and original.sender_id == world.bot.id:
        return True
    commands = [entity for entity in message.content.entities if entity.type == "bot_command"]
    return any(_own_command(world, message, entity) for entity in commands)


def _own_command(world: TelegramWorld, message: Message, entity: Entity) -> bool:
    encoded = message.content.text.encode("utf-16-le")[2 * entity.offset : 2 * entity.end]
    match = COMMAND.fullmatch(encoded.decode("utf-16-le"))
    named = match["bot"] if match else None
    return named is None or named.lower() == world.bot.username.lower()
