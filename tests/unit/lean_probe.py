"""Imports aiogram the lean way or the plain one, builds every model, and prints what they are, as JSON."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any, ClassVar

import structlog
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from bot.gateways.lean_aiogram import build_soon, import_aiogram

ADDRESS = re.compile(r"0x[0-9a-f]+")
ANNA = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "de"}
CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
GROUP = {"id": -100, "type": "supergroup", "title": "Desk", "is_forum": True}
TEXT = {
    "message_id": 5,
    "date": 1_800_000_000,
    "chat": CHAT,
    "from": ANNA,
    "text": "/take beboo @bob",
    "entities": [
        {"type": "bot_command", "offset": 0, "length": 5},
        {"type": "text_mention", "offset": 12, "length": 4, "user": ANNA},
    ],
    "link_preview_options": {"is_disabled": True},
    "a_field_of_next_year": {"a": [1]},
}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 8, "file_size": 7}
BUTTON = {"text": "Take 3", "callback_data": "take:1:2"}
MEMBER = {"status": "member", "user": ANNA}
ORIGIN = {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "nobody"}
UPDATES: list[dict[str, Any]] = [
    {"message": TEXT},
    {"edited_message": {**TEXT, "edit_date": 1_800_000_009, "reply_to_message": TEXT}},
    {"channel_post": {**TEXT, "chat": {"id": -1, "type": "channel", "title": "News"}, "sender_chat": GROUP}},
    {"message": {**TEXT, "photo": [PHOTO], "caption": "c", "forward_origin": ORIGIN}},
    {"message": {**TEXT, "pinned_message": {"chat": CHAT, "message_id": 4, "date": 0}}},
    {"message": {**TEXT, "chat": GROUP, "new_chat_members": [ANNA], "message_thread_id": 3}},
    {
        "callback_query": {
            "id": "c",
            "from": ANNA,
            "chat_instance": "i",
            "data": "take:1:2",
            "message": {**TEXT, "reply_markup": {"inline_keyboard": [[BUTTON], [BUTTON, BUTTON]]}},
        }
    },
    {
        "callback_query": {
            "id": "c",
            "from": ANNA,
            "chat_instance": "i",
            "message": {"chat": CHAT, "message_id": 4, "date": 0},
        }
    },
    {
        "my_chat_member": {
            "chat": GROUP,
            "from": ANNA,
            "date": 1_800_000_000,
            "old_chat_member": MEMBER,
            "new_chat_member": {"status": "kicked", "user": ANNA, "until_date": 0},
        }
    },
    {
        "message_reaction": {
            "chat": CHAT,
            "message_id": 5,
            "date": 1_800_000_000,
            "user": ANNA,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        }
    },
    {"inline_query": {"id": "q", "from": ANNA, "query": "x", "offset": ""}},
    {"message": {"message_id": "no number"}},
    {},
]


class AnySchema(GenerateJsonSchema):
    """What has no JSON schema, such as a file to send, stands in it by its name."""

    ignored_warning_kinds: ClassVar[set[Any]] = {"non-serializable-default"}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        """Say what it is."""
        return {"description": error_info}


def main(way: str) -> None:
    """Print what can be seen of aiogram after such an import."""
    with structlog.testing.capture_logs() as told:
        lean = way == "lean" and import_aiogram()
    from aiogram import methods, types

    unbuilt = [model.__name__ for model in models_of(types) if not model.__pydantic_complete__]
    updates = [decoded(types.Update, {"update_id": 1, **update}) for update in UPDATES]
    if lean:
        asyncio.run(build_soon())
    models = [*models_of(types), *models_of(methods)]
    for model in models:
        model.model_rebuild()
    _, schema = models_json_schema([(model, "validation") for model in models], schema_generator=AnySchema)
    seen = {
        "lean": lean,
        "told": told,
        "unbuilt": len(unbuilt),
        "models": {f"{model.__module__}.{model.__name__}": fields_of(model) for model in models},
        "schema": schema["$defs"],
        "updates": updates,
        "calls": calls(methods, types),
    }
    sys.stdout.write(json.dumps(seen, default=str))


def models_of(package: Any) -> list[type[BaseModel]]:
    """Every model that a package offers, but for templates of models."""
    found = (getattr(package, name) for name in package.__all__)
    return [
        each
        for each in found
        if isinstance(each, type)
        and issubclass(each, BaseModel)
        and not each.__pydantic_generic_metadata__["parameters"]
    ]


def fields_of(model: type[BaseModel]) -> dict[str, list[str]]:
    """Each field: what it may be, whether it must be there, what it is otherwise, and its other names."""
    return {
        name: [
            ADDRESS.sub("", str(part))
            for part in (
                field.annotation,
                field.is_required(),
                field.get_default(),
                field.alias,
                field.metadata,
            )
        ]
        for name, field in model.model_fields.items()
    }


def decoded(model: type[BaseModel], raw: dict[str, Any]) -> str:
    """What becomes of it: the object with all that is in it, or the error."""
    try:
        return repr(model.model_validate(raw))
    except ValueError as error:
        return str(error)


def calls(methods: Any, types: Any) -> list[str]:
    """What goes out, and what an answer is read as."""
    keyboard = types.InlineKeyboardMarkup(inline_keyboard=[[types.InlineKeyboardButton(**BUTTON)]])
    sent = methods.SendMessage(chat_id="@desk", text="hello", reply_markup=keyboard)
    menu = methods.SetChatMenuButton(
        menu_button=types.MenuButtonWebApp(text="x", web_app={"url": "https://x"})
    )
    answer = methods.base.Response[types.Message].model_validate({"ok": True, "result": TEXT})
    return [repr(sent), str(sent.model_dump()), repr(menu), repr(answer), str(answer.model_dump())]


if __name__ == "__main__":
    main(sys.argv[1])
