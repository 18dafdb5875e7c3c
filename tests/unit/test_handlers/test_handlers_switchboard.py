"""The switchboard beside aiogram's own dispatcher: what handlers are given, and who is asked after whom."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.types import Update

from bot.handlers.filters import Typed
from bot.handlers.switchboard import Switchboard

BOT = Bot("123456:" + "A" * 35)
PERSON = {"id": 7, "is_bot": False, "first_name": "Anna"}
CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
MESSAGE = {"message_id": 1, "date": 1_800_000_000, "chat": CHAT, "from": PERSON}
PRESS = {"id": "1", "from": PERSON, "chat_instance": "1", "data": "b"}
MEMBER = {"status": "member", "user": PERSON}
MOVE = {
    "chat": CHAT,
    "from": PERSON,
    "date": 1_800_000_000,
    "old_chat_member": MEMBER,
    "new_chat_member": MEMBER,
}
KINDS = {
    "message": {**MESSAGE, "text": "/take beboo"},
    "callback_query": PRESS,
    "my_chat_member": MOVE,
}


def update(**event: Any) -> Update:
    return Update.model_validate({"update_id": 5, **event}, context={"bot": BOT})


async def given(dispatcher: Dispatcher, kind: str) -> tuple[list[str], dict[str, Any], object]:
    """The order in which it is passed on, what the handler is given in the end, and what comes of it."""
    order: list[str] = []
    known: dict[str, Any] = {}

    def passing(name: str) -> Any:
        async def middleware(handler: Any, event: Any, data: dict[str, Any]) -> Any:
            order.append(name)
            return await handler(event, data | {name: True})

        return middleware

    async def handler(event: Any, **data: Any) -> str:
        known.update(data, event=event)
        return "answered"

    for name in ("first", "second"):
        dispatcher.update.outer_middleware(passing(name))
        dispatcher.observers[kind].middleware(passing(f"inner {name}"))
    dispatcher.observers[kind].register(handler)
    outcome = await dispatcher.feed_update(BOT, update(**{kind: KINDS[kind]}), of_the_call=1)
    return order, known, outcome


@pytest.mark.parametrize("kind", KINDS)
async def test_handlers_are_given_what_aiogram_gives(kind: str) -> None:
    """The same names with the same contents, through the same middlewares in the same order."""
    usual = await given(Dispatcher(disable_fsm=True, service=2), kind)
    ours = await given(Switchboard(service=2), kind)
    own = {"dispatcher", "event_router", "handler"}
    assert ours[0] == usual[0] == ["first", "second", "inner first", "inner second"]
    assert {key: value for key, value in ours[1].items() if key not in own} == {
        key: value for key, value in usual[1].items() if key not in own
    }
    assert ours[1].keys() == usual[1].keys() > own
    assert ours[2] == usual[2] == "answered"


async def test_a_handler_that_skips_leaves_it_to_the_next_one() -> None:
    """In the order they were registered; what one of them has learned is no business of the others."""
    board, asked = Switchboard(), list[str]()

    async def skips(_: Any, command: Any) -> None:
        asked.append(command.command)
        raise SkipHandler

    async def answers(_: Any, **data: Any) -> str:
        asked.append("command" if "command" in data else "nothing learned")
        return "answered"

    board.message.register(skips, Typed("take"))
    board.message.register(answers)
    assert await board.feed_update(BOT, update(message=KINDS["message"])) == "answered"
    assert asked == ["take", "nothing learned"]


async def test_what_nobody_wants_is_unhandled() -> None:
    """Neither a message that no handler is for, nor a press where none is registered."""
    board = Switchboard()

    async def handler(_: Any) -> None:
        raise AssertionError("asked for a command that it is not for")

    board.message.register(handler, Typed("my"))
    assert await board.feed_update(BOT, update(message=KINDS["message"])) is UNHANDLED
    assert await board.feed_update(BOT, update(callback_query=PRESS)) is UNHANDLED
