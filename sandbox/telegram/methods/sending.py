"""New messages: texts, documents, and the hint that one is under way."""

from sandbox.telegram import limits
from sandbox.telegram.access import admit, open_chat
from sandbox.telegram.entities import FormattedText
from sandbox.telegram.errors import bad_request, too_large
from sandbox.telegram.formatting import read_caption, read_message_text
from sandbox.telegram.keyboards import Markup, read_markup
from sandbox.telegram.records import Chat, Document, JsonObject
from sandbox.telegram.rendering import message_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A text message."""
    content = read_message_text(parameters)
    check_link_preview(parameters)
    return _send(world, parameters, content, None)


def send_document(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A file with a caption: uploaded now, or sent before and named by its file_id."""
    content = read_caption(parameters)
    return _send(world, parameters, content, _document(world, parameters))


def send_chat_action(world: TelegramWorld, parameters: Parameters) -> bool:
    """Show that the bot is busy; nothing is kept of it."""
    action = parameters.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell(open_chat(world, parameters), "chat_action", action=action)
    return True


def check_link_preview(parameters: Parameters) -> None:
    """Refuse link preview options that are no object; they change nothing here."""
    options = parameters.json("link_preview_options", "link preview options")
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")


def _send(
    world: TelegramWorld, parameters: Parameters, content: FormattedText, document: Document | None
) -> JsonObject:
    markup = read_markup(parameters)
    chat = open_chat(world, parameters)
    reply_to = _replied_to(world, parameters, chat)
    admit(world, chat)
    if document is not None:
        world.documents[document.file_id] = document
    message = world.post(chat, world.bot, content)
    message.markup = _as_stored(markup)
    message.document_id = document.file_id if document else None
    message.reply_to = reply_to
    message.protected = parameters.boolean("protect_content")
    world.announce("message", message)
    return message_json(world, message)


def _as_stored(markup: Markup | None) -> Markup | None:
    # Taking a keyboard away leaves nothing on the message.
    return None if markup and "remove_keyboard" in markup else markup


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


def _document(world: TelegramWorld, parameters: Parameters) -> Document:
    upload = parameters.upload("document")
    file_id = parameters.text("document")
    if upload is None and not file_id:
        raise bad_request("there is no document in the request")
    if upload is None:
        if file_id not in world.documents:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return world.documents[file_id]
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > limits.DOCUMENT_BYTES:
        raise too_large()
    return world.new_document(upload.name, upload.mime_type, upload.content)
