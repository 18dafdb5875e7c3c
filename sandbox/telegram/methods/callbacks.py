"""Answering pressed buttons."""

from sandbox.telegram import limits
from sandbox.telegram.errors import QUERY_TOO_OLD, bad_request
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def answer_callback_query(world: TelegramWorld, parameters: Parameters) -> bool:
    """Stop the button's spinner, with a text of at most 200 characters. What is shown is the first answer."""
    text = parameters.text("text")
    if len(text) > limits.CALLBACK_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    callback = world.callbacks.get(parameters.text("callback_query_id"))
    if callback is None or world.clock() - callback.created_at > limits.CALLBACK_LIFE:
        raise bad_request(QUERY_TOO_OLD)
    callback.answers += 1
    if callback.answers == 1:
        callback.text, callback.show_alert = text, parameters.boolean("show_alert")
        world.tell(
            world.chats[callback.chat_id],
            "callback_answer",
            callback_query_id=callback.id,
            user=callback.user_id,
            message_id=callback.message_id,
            text=callback.text,
            show_alert=callback.show_alert,
        )
    return True
