"""Pinned messages: which there are, who may, what is said of it."""

from typing import Any

import pytest
from telegram_harness import ANNA, Harness

NO_RIGHT = "Bad Request: not enough rights to manage pinned messages in the chat"


async def said(telegram: Harness, text: str, chat: int = ANNA) -> int:
    """The id of a new message of the bot."""
    message_id: int = (await telegram.result("sendMessage", chat_id=chat, text=text))["message_id"]
    return message_id


async def pinned(telegram: Harness, chat: int = ANNA) -> str | None:
    """The text of the pinned message that getChat shows."""
    message: Any = (await telegram.result("getChat", chat_id=chat)).get("pinned_message", {})
    text: str | None = message.get("text")
    return text


async def group(telegram: Harness, *rights: str) -> int:
    """A group in which the bot has these rights."""
    founded = {"type": "supergroup", "title": "Desk", "members": [ANNA], "creator": ANNA}
    chat: int = (await telegram.control("POST", "chats", founded))["id"]
    change = {"chat": chat, "user": telegram.world.bot.id, "status": "administrator", "rights": rights}
    await telegram.control("POST", "members", change)
    telegram.world.updates.drop()
    return chat


async def test_a_pin_is_told_by_a_service_message(telegram: Harness) -> None:
    """From the bot, with the pinned message in it; the bot hears of its own pin. Unpinning is silent."""
    message_id = await said(telegram, "rules")
    assert await telegram.result("pinChatMessage", chat_id=ANNA, message_id=message_id) is True
    [update] = await telegram.result("getUpdates")
    told = update["message"]
    assert (telegram.world.bot.id, "rules") == (told["from"]["id"], told["pinned_message"]["text"])
    assert await telegram.result("unpinChatMessage", chat_id=ANNA, message_id=message_id) is True
    assert len(await telegram.result("getUpdates")) == 1
    shown = await telegram.control("GET", f"chats/{ANNA}/messages?after={message_id}")
    assert ["Quartermaster pinned “rules”"] == [message["service"] for message in shown]


async def test_the_newest_message_is_shown_and_unpinned_first(telegram: Harness) -> None:
    """Whenever it was pinned; a deleted one is none; all can go at once."""
    ids = [await said(telegram, text) for text in ("one", "two", "three")]
    for message_id in (ids[2], ids[0], ids[1]):
        await telegram.result("pinChatMessage", chat_id=ANNA, message_id=message_id)
    assert await pinned(telegram) == "three"
    await telegram.result("unpinChatMessage", chat_id=ANNA)
    assert await pinned(telegram) == "two"
    await telegram.result("deleteMessage", chat_id=ANNA, message_id=ids[1])
    telegram.world.load(telegram.world.dump())
    assert await pinned(telegram) == "one"
    assert await telegram.result("unpinAllChatMessages", chat_id=ANNA) is True
    assert await pinned(telegram) is None
    assert await telegram.result("unpinAllChatMessages", chat_id=ANNA) is True


async def test_what_cannot_be_pinned_or_unpinned(telegram: Harness) -> None:
    """What is not there, what is pinned already, what is not pinned, what the chat itself said."""
    message_id = await said(telegram, "rules")

    async def refusal(method: str, **place: object) -> str:
        return (await telegram.refusal(method, chat_id=ANNA, **place)).removeprefix("Bad Request: ")

    assert await refusal("pinChatMessage") == "message to pin not found"
    assert await refusal("pinChatMessage", message_id=99) == "message to pin not found"
    assert await refusal("unpinChatMessage") == "message to unpin not found"
    assert await refusal("unpinChatMessage", message_id=99) == "message to unpin not found"
    assert await refusal("unpinChatMessage", message_id=message_id) == "CHAT_NOT_MODIFIED"
    await telegram.result("pinChatMessage", chat_id=ANNA, message_id=message_id)
    assert await refusal("pinChatMessage", message_id=message_id) == "CHAT_NOT_MODIFIED"
    assert await refusal("pinChatMessage", message_id=message_id + 1) == "service messages can't be pinned"
    edit = await refusal("editMessageText", message_id=message_id + 1, text="x")
    assert edit == "message can't be edited"


@pytest.mark.parametrize("method", ["pinChatMessage", "unpinChatMessage", "unpinAllChatMessages"])
async def test_a_group_has_to_let_the_bot(telegram: Harness, method: str) -> None:
    """An administrator with another right may not; with can_pin_messages it may."""
    chat = await group(telegram, "can_delete_messages")
    message_id = await said(telegram, "rules", chat)
    assert await telegram.refusal(method, chat_id=chat, message_id=message_id) == NO_RIGHT
    chat = await group(telegram, "can_pin_messages")
    message_id = await said(telegram, "rules", chat)
    if method != "pinChatMessage":
        await telegram.result("pinChatMessage", chat_id=chat, message_id=message_id)
    assert await telegram.result(method, chat_id=chat, message_id=message_id) is True


async def test_who_has_blocked_the_bot_keeps_their_chat(telegram: Harness) -> None:
    """403 for all three."""
    message_id = await said(telegram, "rules")
    await telegram.control("POST", "block", {"user": ANNA, "blocked": True})
    for method in ("pinChatMessage", "unpinChatMessage", "unpinAllChatMessages"):
        refused = await telegram.refusal(method, chat_id=ANNA, message_id=message_id)
        assert refused == "Forbidden: bot was blocked by the user"
