"""What a Mini App that was opened from the reply keyboard sends to the bot."""

from sandbox.telegram import limits
from sandbox.telegram.records import Done, User
from sandbox.telegram.world import TelegramWorld


def send_data(world: TelegramWorld, user: User, button_text: str, data: str) -> Done:
    """The app behind this button of the open keyboard sends `data` and closes; ValueError if it cannot."""
    chat = world.chats[user.id]
    if chat.blocked:
        raise ValueError(f"{user.first_name} has blocked the bot and must unblock it first")
    if button_text not in _app_buttons(world, chat.id, chat.keyboard_id):
        raise ValueError(f"{user.first_name} sees no keyboard with a web app button {button_text!r}")
    size = len(data.encode())
    if not 1 <= size <= limits.WEB_APP_DATA_BYTES:
        raise ValueError(f"a web app sends 1-{limits.WEB_APP_DATA_BYTES} bytes, not {size}")
    return world.report(chat, user, {"web_app_data": {"data": data, "button_text": button_text}})


def _app_buttons(world: TelegramWorld, chat_id: int, keyboard_id: int | None) -> list[str]:
    # A keyboard stays open when its message is deleted.
    message = world.messages[chat_id].get(keyboard_id) if keyboard_id else None
    rows = (message.markup or {}).get("keyboard", []) if message else []
    buttons = [button for row in rows for button in row if isinstance(button, dict)]
    return [button["text"] for button in buttons if "web_app" in button]
