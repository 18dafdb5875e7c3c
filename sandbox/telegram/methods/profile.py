"""The bot itself: who it is, how it presents itself."""

from sandbox.telegram import limits
from sandbox.telegram.access import known_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.commands import read_language
from sandbox.telegram.records import JsonObject
from sandbox.telegram.rendering import user_json
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def get_me(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """The bot as a User."""
    return user_json(world.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.settings.privacy,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_description(world: TelegramWorld, parameters: Parameters) -> bool:
    """What an empty chat shows, at most 512 characters."""
    text = _bounded(parameters, "description", limits.DESCRIPTION_LENGTH)
    return _store(world, world.profile.descriptions, read_language(parameters), text)


def set_my_short_description(world: TelegramWorld, parameters: Parameters) -> bool:
    """What the bot's profile shows, at most 120 characters."""
    text = _bounded(parameters, "short_description", limits.SHORT_DESCRIPTION_LENGTH)
    return _store(world, world.profile.short_descriptions, read_language(parameters), text)


def set_chat_menu_button(world: TelegramWorld, parameters: Parameters) -> bool:
    """The button beside the input field, of one private chat or of all."""
    chat_id = _private_chat(world, parameters)
    button = parameters.json("menu_button", "MenuButton") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("MenuButton has unsupported type specified")
    if button["type"] == "web_app":
        _check_web_app(button)
    world.profile.menu_buttons["" if chat_id is None else str(chat_id)] = button
    world.touch()
    return True


def get_chat_menu_button(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """The button of one private chat, or of all."""
    return world.profile.menu_button(_private_chat(world, parameters))


def _private_chat(world: TelegramWorld, parameters: Parameters) -> int | None:
    if "chat_id" not in parameters:
        return None
    chat = known_chat(world, parameters)
    if chat.is_group:
        raise bad_request("chat must be a private chat")
    return chat.id


def _bounded(parameters: Parameters, name: str, longest: int) -> str:
    text = parameters.text(name)
    if len(text) > longest:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    return text


def _store(world: TelegramWorld, texts: dict[str, str], language: str, text: str) -> bool:
    texts[language] = text
    world.touch()
    return True


def _check_web_app(button: JsonObject) -> None:
    app = button.get("web_app")
    url = str(app.get("url", "")) if isinstance(app, dict) else ""
    if not button.get("text"):
        raise bad_request('can\'t parse menu button: Field "text" must be non-empty')
    if not url.startswith("https://"):
        raise bad_request(f"menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
