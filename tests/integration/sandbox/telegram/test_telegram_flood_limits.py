"""Flood limits over the wire, once they are asked for: how many pass, and how long the rest is told to wait."""

from typing import Any

from telegram_harness import ANNA, Harness


async def passed(telegram: Harness, chats: list[int], method: str = "sendMessage", **fields: Any) -> int:
    """How many of these messages pass before the first 429, which stops the count."""
    for number, chat in enumerate(chats):
        status, _ = await telegram.call(method, chat_id=chat, text=str(number), **fields)
        if status == 429:
            return number
    return len(chats)


async def switched_on(telegram: Harness) -> None:
    """Flood limits from now on."""
    assert (await telegram.control("PUT", "settings", {"flood": True}))["flood"]


async def people(telegram: Harness, count: int) -> list[int]:
    """Private chats of people who have started the bot."""
    ids = [(await telegram.control("POST", "users", {"first_name": "U"}))["id"] for _ in range(count)]
    for user in ids:
        await telegram.says("/start", user)
    return ids


async def test_thirty_people_a_second(telegram: Harness) -> None:
    """The 31st waits a second; then thirty more pass."""
    chats = await people(telegram, 61)
    await switched_on(telegram)
    assert await passed(telegram, chats) == 30
    status, body = await telegram.call("sendMessage", chat_id=chats[-1], text="x")
    refused = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert (429, refused) == (status, body)
    telegram.clock.tick(1)
    assert await passed(telegram, chats[30:]) == 30


async def test_one_a_second_in_a_chat_after_a_burst(telegram: Harness) -> None:
    """Edits count like messages; chat actions, deletions and reading do not."""
    sent = await telegram.result("sendMessage", chat_id=ANNA, text="first")
    await switched_on(telegram)
    place = {"message_id": sent["message_id"]}
    assert await passed(telegram, [ANNA] * 9, "editMessageText", **place) == 5
    assert await telegram.result("sendChatAction", chat_id=ANNA, action="typing")
    assert await telegram.result("deleteMessage", chat_id=ANNA, **place)
    assert await telegram.result("getChat", chat_id=ANNA)
    telegram.clock.tick(2)
    assert await passed(telegram, [ANNA] * 9) == 2


async def test_twenty_a_minute_in_a_group(telegram: Harness) -> None:
    """At one a second the 21st waits until the first is a minute old."""
    founded = {"type": "group", "title": "Desk", "members": [ANNA]}
    chat = (await telegram.control("POST", "chats", founded))["id"]
    await switched_on(telegram)
    sent = 0
    while await passed(telegram, [chat]):
        sent += 1
        telegram.clock.tick(1)
    _, body = await telegram.call("sendMessage", chat_id=chat, text="x")
    assert (20, {"retry_after": 40}) == (sent, body["parameters"])
    assert await telegram.result("sendMessage", chat_id=ANNA, text="elsewhere")
    telegram.clock.tick(40)
    assert await passed(telegram, [chat] * 2) == 1


async def test_a_refused_message_costs_nothing(telegram: Harness) -> None:
    """Whoever insists is not held longer; switched off, everything passes again."""
    await switched_on(telegram)
    assert [5, 0, 0] == [await passed(telegram, [ANNA] * 50) for _ in range(3)]
    telegram.clock.tick(1)
    assert await passed(telegram, [ANNA] * 50) == 1
    await telegram.control("PUT", "settings", {"flood": False})
    assert await passed(telegram, [ANNA] * 50) == 50
