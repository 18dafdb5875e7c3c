"""Changing the bot's own messages."""

from sandbox.telegram.access import admit, own_message
from sandbox.telegram.entities import FormattedText
from sandbox.telegram.errors import NOT_MODIFIED, bad_request
from sandbox.telegram.formatting import read_message_text
from sandbox.telegram.keyboards import Markup, read_inline_markup
from sandbox.telegram.methods.sending import check_link_preview
from sandbox.telegram.records import JsonObject, Message
from sandbox.telegram.rendering import message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def edit_message_text(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A new text; the keyboard goes unless it is sent again."""
    content = read_message_text(parameters)
    check_link_preview(parameters)
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    if message.document_id:
        raise bad_request("there is no text in the message to edit")
    return _change(world, message, content, markup)


def edit_message_reply_markup(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A new keyboard, or none."""
    markup = read_inline_markup(parameters)
    message = own_message(world, parameters)
    return _change(world, message, message.content, markup)


def _change(
    world: TelegramWorld, message: Message, content: FormattedText, markup: Markup | None
) -> JsonObject:
    if (message.content, message.markup) == (content, markup):
        raise bad_request(NOT_MODIFIED)
    admit(world, world.chats[message.chat_id])
    message.markup = markup
    world.revise(message, content)
    world.announce("edit", message)
    return message_json(world, message)
