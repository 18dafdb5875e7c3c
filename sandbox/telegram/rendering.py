"""The world's records as the objects of the Bot API, and as the control side shows them."""

from typing import TYPE_CHECKING

from sandbox.telegram.entities import as_json
from sandbox.telegram.files import file_json
from sandbox.telegram.html_renderer import render_html
from sandbox.telegram.records import Callback, Chat, File, JsonObject, Message, User
from sandbox.telegram.service import service_text

if TYPE_CHECKING:
    from sandbox.telegram.world import TelegramWorld


def user_json(user: User) -> JsonObject:
    """A User."""
    source: JsonObject = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    optional = {"username": user.username, "language_code": user.language_code}
    return source | {name: value for name, value in optional.items() if value}


def chat_json(world: "TelegramWorld", chat: Chat) -> JsonObject:
    """A Chat; a private one carries its person's names."""
    if chat.is_group:
        return {"id": chat.id, "type": chat.type, "title": chat.title}
    user = world.users[chat.id]
    source = {"id": chat.id, "type": chat.type, "first_name": user.first_name}
    return source | ({"username": user.username} if user.username else {})


def message_json(world: "TelegramWorld", message: Message, *, nested: bool = False) -> JsonObject:
    """A Message; one that is `nested` in another does not show what it replies to."""
    source: JsonObject = {
        "message_id": message.message_id,
        "from": user_json(world.users[message.sender_id]),
        "chat": chat_json(world, world.chats[message.chat_id]),
        "date": message.date,
    }
    if message.edit_date is not None:
        source["edit_date"] = message.edit_date
    if message.forwarded:
        source["forward_origin"] = {"type": "user", "sender_user": source["from"], "date": message.date}
    if message.protected:
        source["has_protected_content"] = True
    original = world.message(message.chat_id, message.reply_to) if message.reply_to else None
    if original and not nested:
        source["reply_to_message"] = message_json(world, original, nested=True)
    if message.markup and "inline_keyboard" in message.markup:
        source["reply_markup"] = message.markup
    return source | message.service | _content(world, message)


def _content(world: "TelegramWorld", message: Message) -> JsonObject:
    prefix, text = "", "text"
    source: JsonObject = {}
    if message.file_id:
        prefix, text = "caption_", "caption"
        source = _media(world.files[message.file_id])
    if message.media_group_id:
        source["media_group_id"] = message.media_group_id
    if message.content.text:
        source[text] = message.content.text
    if message.content.entities:
        source[f"{prefix}entities"] = [as_json(entity) for entity in message.content.entities]
    return source


def _media(file: File) -> JsonObject:
    """The field that shows a file: a photo is a list of sizes, here of one."""
    shown_file = file_json(file)
    return {file.kind: [shown_file] if file.kind == "photo" else shown_file}


def callback_json(world: "TelegramWorld", callback: Callback, data: str) -> JsonObject:
    """A CallbackQuery; `chat_instance` is one per chat."""
    message = world.message(callback.chat_id, callback.message_id)
    assert message is not None, "buttons are pressed on messages that exist"
    return {
        "id": callback.id,
        "from": user_json(world.users[callback.user_id]),
        "message": message_json(world, message),
        "chat_instance": str(callback.chat_id * 7919 + 104729),
        "data": data,
    }


def shown(world: "TelegramWorld", message: Message) -> JsonObject:
    """A message as the control side lists it: with safe HTML and every kind of keyboard."""
    file = world.files[message.file_id] if message.file_id else None
    return {
        "message_id": message.message_id,
        "date": message.date,
        "edit_date": message.edit_date,
        "edits": len(message.versions) - 1,
        "from": user_json(world.users[message.sender_id]),
        "text": message.content.text,
        "html": render_html(message.content),
        "entities": [as_json(entity) for entity in message.content.entities],
        "reply_markup": message.markup,
        "reply_to": message.reply_to,
        "forwarded": message.forwarded,
        "document": file_json(file) if file and file.kind == "document" else None,
        "media": {"kind": file.kind, **file_json(file)} if file else None,
        "media_group_id": message.media_group_id,
        "service": service_text(world.users[message.sender_id].first_name, message.service),
        "deleted": message.deleted,
    }
