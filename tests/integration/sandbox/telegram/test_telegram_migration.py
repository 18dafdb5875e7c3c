"""Groups that become supergroups."""

from typing import Any

import pytest
from telegram_harness import ANNA, BORIS, Harness

REFUSED = "Bad Request: group chat was upgraded to a supergroup chat"
CALLS: dict[str, dict[str, Any]] = {
    "sendMessage": {"text": "hello"},
    "sendChatAction": {"action": "typing"},
    "editMessageText": {"text": "hello", "message_id": 1},
    "deleteMessage": {"message_id": 1},
    "getChat": {},
}


async def group(telegram: Harness) -> int:
    """A group of Anna and Boris."""
    members = {"type": "group", "title": "All of us", "members": [ANNA, BORIS]}
    chat: int = (await telegram.control("POST", "chats", members))["id"]
    return chat


async def test_the_bot_is_told_in_both_chats(telegram: Harness) -> None:
    """A service message in the group names the supergroup, one in the supergroup the group."""
    old = await group(telegram)
    new = await telegram.control("POST", "migrate", {"chat": old})
    assert ("supergroup", "All of us") == (new["type"], new["title"])
    told = [update["message"] for update in await telegram.result("getUpdates")]
    assert [(old, new["id"], None), (new["id"], None, old)] == [
        (message["chat"]["id"], message.get("migrate_to_chat_id"), message.get("migrate_from_chat_id"))
        for message in told
    ]


@pytest.mark.parametrize("method", CALLS)
async def test_the_old_id_refuses_every_call(telegram: Harness, method: str) -> None:
    """With the new id among the parameters; under that one, life goes on."""
    old = await group(telegram)
    new = (await telegram.control("POST", "migrate", {"chat": old}))["id"]
    status, body = await telegram.call(method, chat_id=old, **CALLS[method])
    assert (400, REFUSED) == (status, body["description"])
    assert {"migrate_to_chat_id": new} == body["parameters"]
    await telegram.says("/my", chat=new)
    await telegram.result("sendMessage", chat_id=new, text="hello")


async def test_nobody_is_left_in_the_old_group(telegram: Harness) -> None:
    """Nobody writes there any more, and it migrates once; no other chat ever does. It stays so over a restart."""
    old = await group(telegram)
    new = (await telegram.control("POST", "migrate", {"chat": old}))["id"]
    telegram.world.load(telegram.world.dump())
    attempts = [
        await telegram.try_control("POST", "send", {"user": ANNA, "chat": old, "text": "hello?"}),
        *[await telegram.try_control("POST", "migrate", {"chat": chat}) for chat in (old, new, ANNA)],
    ]
    assert [400] * 4 == [status for status, _ in attempts]
    assert f"chat {old} goes on as {new}" == attempts[0][1]["error"]
