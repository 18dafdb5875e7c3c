"""Changing the bot's own messages."""

from sandbox.telegram.access import admit, own_message
from sandbox.telegram.entities import FormattedText
from sandbox.telegram.errors import NOT_MODIFIED, bad_request
from sandbox.telegram.files import KINDS
from sandbox.telegram.formatting import read_caption, read_message_text
from sandbox.telegram.keyboards import Markup, check_place, read_inline_markup
from sandbox.telegram.media import Media, demand_media, read_media
from sandbox.telegram.methods.sending import check_link_preview
from sandbox.telegram.records import File, JsonObject, Message
from sandbox.telegram.rendering import message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def edit_message_text(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A new text; the keyboard goes unless it is sent again."""
    content = read_message_text(parameters)
    check_link_preview(parameters)
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    if message.file_id:
        raise bad_request("there is no text in the message to edit")
    return _change(world, message, content, markup, None)


def edit_message_caption(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A new caption, or none, below a file."""
    caption = read_caption(parameters)
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    file = _file(world, message)
    if file is None:
        raise bad_request("there is no caption in the message to edit")
    return _change(world, message, caption, markup, file)


def edit_message_media(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """Another file with its caption, also in the place of a text; an album keeps its kind."""
    media = read_media(world, parameters, demand_media(parameters, "input media"))
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    _check_album(world, message, media)
    return _change(world, message, media.caption, markup, media.file)


def edit_message_reply_markup(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A new keyboard, or none."""
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    return _change(world, message, message.content, markup, _file(world, message))


def _check_album(world: TelegramWorld, message: Message, media: Media) -> None:
    file = _file(world, message)
    if file and message.media_group_id and KINDS[file.kind].company != media.company:
        raise bad_request("can't change media type in the album")


def _change(
    world: TelegramWorld, message: Message, content: FormattedText, markup: Markup | None, file: File | None
) -> JsonObject:
    chat = world.chats[message.chat_id]
    check_place(markup, group=chat.is_group)
    file_id = file.file_id if file else None
    if (message.content, message.markup, message.file_id) == (content, markup, file_id):
        raise bad_request(NOT_MODIFIED)
    admit(world, chat)
    if file:
        world.files[file.file_id] = file
    message.markup, message.file_id = markup, file_id
    world.revise(message, content)
    world.announce("edit", message)
    return message_json(world, message)


def _file(world: TelegramWorld, message: Message) -> File | None:
    return world.files[message.file_id] if message.file_id else None
