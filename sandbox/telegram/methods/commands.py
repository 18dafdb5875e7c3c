"""The lists of commands, by scope and language."""

import re
from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

NAME = re.compile(r"[a-z0-9_]+")
LANGUAGE = re.compile(r"(?:[a-z]{2}(?:-[a-z]{2,4})?)?")
WIDE_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def set_my_commands(world: TelegramWorld, parameters: Parameters) -> bool:
    """Replace one scope's list; an empty one deletes it."""
    sources = parameters.json("commands", "commands") or []
    if not isinstance(sources, list):
        raise bad_request("expected an Array of BotCommand")
    key, commands = _key(world, parameters), [_command(source) for source in sources]
    if len(commands) > limits.COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.profile.commands[key] = commands
    world.touch()
    return True


def get_my_commands(world: TelegramWorld, parameters: Parameters) -> list[JsonObject]:
    """Exactly this scope's and language's list."""
    return world.profile.commands.get(_key(world, parameters), [])


def delete_my_commands(world: TelegramWorld, parameters: Parameters) -> bool:
    """Forget this scope's and language's list."""
    world.profile.commands.pop(_key(world, parameters), None)
    world.touch()
    return True


def read_language(parameters: Parameters) -> str:
    """`language_code`, empty for everybody."""
    language = parameters.text("language_code")
    if not LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _command(source: Any) -> JsonObject:
    if not isinstance(source, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for field in ("command", "description"):
        if field not in source:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{field}\"")
    name = _bounded(str(source["command"]).removeprefix("/"), "command", limits.COMMAND_LENGTH)
    text = str(source["description"]).strip()
    description = _bounded(text, "command description", limits.COMMAND_DESCRIPTION_LENGTH)
    if not NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def _bounded(text: str, what: str, longest: int) -> str:
    if not text:
        raise bad_request(f"{what} must be non-empty")
    if len(text) > longest:
        raise bad_request(f"{what} length must not exceed {longest}")
    return text


def _key(world: TelegramWorld, parameters: Parameters) -> str:
    scope = parameters.json("scope", "BotCommandScope")
    if scope is not None and not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: an Object is expected")
    return f"{_scope(world, scope or {'type': 'default'})}|{read_language(parameters)}"


def _scope(world: TelegramWorld, scope: JsonObject) -> str:
    kind = str(scope.get("type", ""))
    if kind in WIDE_SCOPES:
        return kind
    if kind not in CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    chat_id, user_id = _number(scope.get("chat_id")), _number(scope.get("user_id"))
    chat = world.chats.get(chat_id)
    if chat is None or not chat.started:
        raise bad_request("chat not found")
    if kind != "chat" and not chat.is_group:
        raise bad_request("can't use specified scope in private chats")
    if kind == "chat_member" and user_id not in world.users:
        raise bad_request("user not found")
    return f"{kind}:{chat_id}:{user_id}" if kind == "chat_member" else f"{kind}:{chat_id}"


def _number(value: object) -> int:
    text = str(value)
    return int(text) if re.fullmatch(r"-?\d{1,16}", text) else 0
