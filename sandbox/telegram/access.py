"""Which chats and messages a call may touch."""

from sandbox.telegram.errors import bad_request, forbidden, migrated, too_many_requests
from sandbox.telegram.records import Chat, Message
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def known_chat(world: TelegramWorld, parameters: Parameters) -> Chat:
    """The chat of `chat_id`; 400 if the bot has never heard of it or it has another id now, 403 if it is out."""
    if not parameters.text("chat_id"):
        raise bad_request("chat_id is empty")
    chat = world.chats.get(parameters.integer("chat_id"))
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    if chat.is_group and world.bot.id not in chat.members:
        how = "was kicked from" if world.bot.id in chat.banned else "is not a member of"
        raise forbidden(f"bot {how} the {chat.type} chat")
    return chat


def open_chat(world: TelegramWorld, parameters: Parameters) -> Chat:
    """A chat the bot may write to now; 403 if its person does not want that."""
    chat = known_chat(world, parameters)
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if not chat.started:
        raise forbidden("bot can't initiate conversation with a user")
    return chat


def admit(world: TelegramWorld, chat: Chat, messages: int = 1) -> None:
    """Count messages or an edit; 429 if flood control is on and there were too many."""
    if not world.settings.flood:
        return
    wait = world.flood.admit(chat.id, group=chat.is_group, messages=messages)
    if wait:
        raise too_many_requests(wait)


def own_message(world: TelegramWorld, parameters: Parameters) -> Message:
    """The bot's message that is to be edited; messages with a reply keyboard cannot be."""
    if parameters.text("inline_message_id"):
        raise bad_request("inline messages are not built in this sandbox yet")
    chat = known_chat(world, parameters)
    message_id = parameters.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = world.message(chat.id, message_id)
    if message is None:
        raise bad_request("message to edit not found")
    foreign = message.sender_id != world.bot.id
    if foreign or message.service or (message.markup is not None and "inline_keyboard" not in message.markup):
        raise bad_request("message can't be edited")
    return message
