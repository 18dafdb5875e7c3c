"""Taking messages away: any in a private chat, the bot's own in a group, none older than 48 hours."""

from sandbox.telegram import limits
from sandbox.telegram.access import known_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.records import Chat, Message
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def delete_message(world: TelegramWorld, parameters: Parameters) -> bool:
    """Delete one message; 400 if there is none or it may not go."""
    chat = known_chat(world, parameters)
    message_id = parameters.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = world.message(chat.id, message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if not _deletable(world, chat, message):
        raise bad_request("message can't be deleted")
    _delete(world, message)
    return True


def delete_messages(world: TelegramWorld, parameters: Parameters) -> bool:
    """Delete up to 100 messages; those that are gone or may not go are passed over."""
    chat = known_chat(world, parameters)
    message_ids = parameters.json("message_ids", "message identifiers")
    if not isinstance(message_ids, list) or not message_ids:
        raise bad_request("message identifiers are not specified")
    if len(message_ids) > limits.IDS_IN_A_CALL:
        raise bad_request("too many message identifiers specified")
    if not all(isinstance(message_id, int) for message_id in message_ids):
        raise bad_request("message identifier must be of type Number")
    for message_id in message_ids:
        message = world.message(chat.id, message_id)
        if message and _deletable(world, chat, message):
            _delete(world, message)
    return True


def _deletable(world: TelegramWorld, chat: Chat, message: Message) -> bool:
    own = message.sender_id == world.bot.id
    return (own or not chat.is_group) and world.now() - message.date <= limits.DELETE_AGE


def _delete(world: TelegramWorld, message: Message) -> None:
    message.deleted = True
    world.announce("delete", message)
