"""New messages: texts, files, and the hint that one is under way."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.access import admit, open_chat
from sandbox.telegram.entities import FormattedText
from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import read_file
from sandbox.telegram.formatting import read_caption, read_message_text
from sandbox.telegram.keyboards import Markup, check_place, read_markup
from sandbox.telegram.records import Chat, File, JsonObject, Message
from sandbox.telegram.rendering import message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

CHAT_ACTIONS = {
    "typing": "typing",
    "upload_photo": "upload_photo",
    "record_video": "record_video",
    "upload_video": "upload_video",
    "record_voice": "record_voice",
    "record_audio": "record_voice",
    "upload_voice": "upload_voice",
    "upload_audio": "upload_voice",
    "upload_document": "upload_document",
    "choose_sticker": "choose_sticker",
    "find_location": "find_location",
    "pick_up_location": "find_location",
    "record_video_note": "record_video_note",
    "upload_video_note": "upload_video_note",
    "cancel": "cancel",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about a new message but its content."""

    chat: Chat
    markup: Markup | None
    reply_to: int | None
    protected: bool


def send_message(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A text message."""
    content = read_message_text(parameters)
    check_link_preview(parameters)
    return post(world, read_envelope(world, parameters), content)


def send_file(kind: str) -> Callable[[TelegramWorld, Parameters], JsonObject]:
    """The method that sends one file of this kind: uploaded now, or sent before and named by its file_id."""

    def send(world: TelegramWorld, parameters: Parameters) -> JsonObject:
        caption = read_caption(parameters)
        file = read_file(world, parameters, kind, kind)
        if file is None:
            raise bad_request(f"there is no {kind} in the request")
        return post(world, read_envelope(world, parameters), caption, file)

    return send


def send_chat_action(world: TelegramWorld, parameters: Parameters) -> bool:
    """Show that the bot is busy, in today's words or the older ones; nothing is kept of it."""
    action = parameters.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell(open_chat(world, parameters), "chat_action", action=CHAT_ACTIONS[action])
    return True


def check_link_preview(parameters: Parameters) -> None:
    """Refuse link preview options that are no object; they change nothing here."""
    options = parameters.json("link_preview_options", "link preview options")
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")


def read_envelope(world: TelegramWorld, parameters: Parameters, messages: int = 1) -> Envelope:
    """Where a call's messages go; flood control counts them here."""
    markup = read_markup(parameters)
    chat = open_chat(world, parameters)
    check_place(markup, group=chat.is_group)
    reply_to = _replied_to(world, parameters, chat)
    admit(world, chat, messages)
    return Envelope(chat, markup, reply_to, parameters.boolean("protect_content"))


def post(
    world: TelegramWorld,
    envelope: Envelope,
    content: FormattedText,
    file: File | None = None,
    media_group_id: str | None = None,
) -> JsonObject:
    """A new message of the bot, as the Bot API shows it."""
    message = world.post(envelope.chat, world.bot, content)
    message.reply_to, message.protected = envelope.reply_to, envelope.protected
    _show_keyboard(message, envelope)
    if file is not None:
        world.files[file.file_id] = file
        message.file_id, message.media_group_id = file.file_id, media_group_id
    world.announce("message", message)
    return message_json(world, message)


def _show_keyboard(message: Message, envelope: Envelope) -> None:
    """A reply keyboard stays open below the chat; taking it away leaves nothing on the message."""
    markup = envelope.markup or {}
    if "remove_keyboard" in markup:
        envelope.chat.keyboard_id = None
        return
    message.markup = envelope.markup
    if "keyboard" in markup:
        envelope.chat.keyboard_id = message.message_id


def _replied_to(world: TelegramWorld, parameters: Parameters, chat: Chat) -> int | None:
    reply = parameters.json("reply_parameters", "reply parameters") or {}
    if not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    message_id = reply.get("message_id") or parameters.integer("reply_to_message_id")
    if not message_id:
        return None
    if isinstance(message_id, int) and world.message(chat.id, message_id):
        return message_id
    if reply.get("allow_sending_without_reply") or parameters.boolean("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
