"""The control side: what the chat page and tests see of the world."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram_harness import ANNA, BORIS, Harness

from sandbox.telegram import control_routes


async def next_event(stream: aiohttp.ClientResponse) -> Any:
    """The next event of a stream; comments are passed over."""
    while True:
        line = (await stream.content.readline()).decode()
        assert line, "the stream has ended"
        if line.startswith("data: "):
            return json.loads(line.removeprefix("data: "))


async def test_people_and_chats_are_listed(telegram: Harness) -> None:
    """New people get a free id and a private chat; a chat shows its last message."""
    chen = await telegram.control("POST", "users", {"first_name": "Chen", "username": "chen"})
    users = await telegram.control("GET", "users")
    assert [user["first_name"] for user in users] == ["Anna", "Boris", "Chen"]
    await telegram.says("first words", chen["id"])
    chats = {chat["id"]: chat for chat in await telegram.control("GET", "chats")}
    assert {ANNA, BORIS, chen["id"]} == set(chats)
    assert (
        chats[chen["id"]]["type"],
        chats[chen["id"]]["last_message"]["text"],
    ) == ("private", "first words")
    assert chats[BORIS]["last_message"] is None


async def test_messages_are_shown_as_safe_html(telegram: Harness) -> None:
    """Formatting becomes tags, everything else is escaped; `after` leaves out what is known."""
    await telegram.says("<script>")
    await telegram.result("sendMessage", chat_id=ANNA, text='<b>&lt;b&gt;</b> "', parse_mode="HTML")
    messages = await telegram.control("GET", f"chats/{ANNA}/messages?after=1&viewer={ANNA}")
    assert [message["html"] for message in messages] == ["&lt;script&gt;", "<b>&lt;b&gt;</b> &quot;"]
    assert (await telegram.try_control("GET", f"chats/{ANNA}/messages?viewer={BORIS}"))[0] == 400
    assert (await telegram.try_control("GET", "chats/77/messages"))[0] == 404


async def test_events_tell_what_happens(telegram: Harness) -> None:
    """Message, edit, action, answer, deletion; a listener to one chat hears of no other."""
    async with telegram.client.get(f"{telegram.url}/sandbox/events?chat={ANNA}") as stream:
        assert await stream.content.readline() == b": connected\n"
        await telegram.says("elsewhere", BORIS)
        button = {"inline_keyboard": [[{"text": "x", "callback_data": "d"}]]}
        sent = await telegram.result("sendMessage", chat_id=ANNA, text="a", reply_markup=button)
        place = {"chat_id": ANNA, "message_id": sent["message_id"]}
        press = {"user": ANNA, "chat": ANNA, "message_id": sent["message_id"], "data": "d"}
        pressed = await telegram.control("POST", "press", press)
        await telegram.result(
            "answerCallbackQuery", callback_query_id=pressed["callback_query_id"], text="ok"
        )
        await telegram.result("sendChatAction", chat_id=ANNA, action="typing")
        await telegram.result("editMessageText", text="b", **place)
        await telegram.result("deleteMessage", **place)
        events = [await next_event(stream) for _ in range(5)]
    kinds = ["message", "callback_answer", "chat_action", "edit", "delete"]
    assert kinds == [event["kind"] for event in events]
    assert {ANNA} == {event["chat"] for event in events}
    assert (
        events[0]["message"]["text"],
        events[1]["text"],
        events[2]["action"],
        events[3]["message"]["text"],
        events[4]["message"]["deleted"],
    ) == ("a", "ok", "typing", "b", True)


async def test_the_chat_page_can_serve_the_same_routes(telegram: Harness) -> None:
    """Another application over the same world sees and does the same; closing the world ends its streams."""
    app = web.Application()
    app.add_routes(control_routes(telegram.world))
    async with TestServer(app) as page, telegram.client.get(page.make_url("/sandbox/events")) as stream:
        async with telegram.client.post(
            page.make_url("/sandbox/send"), json={"user": ANNA, "text": "from the page"}
        ) as response:
            assert response.status == 200
        assert (await next_event(stream))["message"]["text"] == "from the page"
        telegram.world.close()
        assert (await stream.content.read()).strip() == b""


async def test_a_slow_listener_never_holds_up_the_world(telegram: Harness) -> None:
    """Who reads nothing for a thousand events is let go; the world goes on."""
    with telegram.world.events.listening(None) as listener:
        for number in range(1001):
            telegram.world.events.publish({"kind": "chat_action", "chat": ANNA, "number": number})
        kept = [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]
    assert (len(kept), kept[-1]) == (1001, None)


async def test_waiting_ends_with_the_bots_next_message_or_edit(telegram: Harness) -> None:
    """News since a revision come at once or as they happen; people's messages are none."""
    said = await telegram.says("question")
    waiting = asyncio.create_task(
        telegram.control("GET", f"wait?chat={ANNA}&after_revision={said['revision']}&timeout=20")
    )
    await telegram.says("more")
    sent = await telegram.result("sendMessage", chat_id=ANNA, text="answer")
    first = await waiting
    assert [message["text"] for message in first["messages"]] == ["answer"]
    await telegram.result("editMessageText", chat_id=ANNA, message_id=sent["message_id"], text="better")
    second = await telegram.control("GET", f"wait?chat={ANNA}&after_revision={first['revision']}")
    assert [message["text"] for message in second["messages"]] == ["better"]
    nothing = await telegram.control("GET", f"wait?chat={ANNA}&after_revision={second['revision']}&timeout=0")
    assert {"revision": second["revision"], "messages": []} == nothing


async def test_waiting_can_start_behind_a_message(telegram: Harness) -> None:
    """`after` is a message id: earlier messages of the bot are left out."""
    sent = [await telegram.result("sendMessage", chat_id=ANNA, text=text) for text in "ab"]
    answer = await telegram.control("GET", f"wait?chat={ANNA}&after={sent[0]['message_id']}")
    assert [message["text"] for message in answer["messages"]] == ["b"]


async def test_calls_are_counted_by_method_and_status(telegram: Harness) -> None:
    """However the name was written; the counters can be set to zero."""
    await telegram.call("SENDMESSAGE", chat_id=ANNA, text="x")
    await telegram.call("sendMessage", chat_id=ANNA, text="")
    await telegram.call("nonsense")
    assert await telegram.control("GET", "calls") == {
        "sendMessage": {"200": 1, "400": 1},
        "unknown": {"404": 1},
    }
    await telegram.control("DELETE", "calls")
    assert await telegram.control("GET", "calls") == {}


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("users", {}, "first_name is missing"),
        ("users", {"first_name": 5}, "first_name must be of type str"),
        ("users", {"first_name": "A", "id": ANNA}, f"user id {ANNA} is taken or out of range"),
        ("chats", {"type": "group", "title": "x", "members": [77]}, "there is no person 77"),
        ("send", {"user": 77, "text": "x"}, "there is no person 77"),
        ("send", {"user": ANNA, "text": " "}, "a message has 1-4096 characters, not 0"),
        ("send", {"user": ANNA, "chat": BORIS, "text": "x"}, f"Anna is not in chat {BORIS}"),
        ("send", {"user": ANNA, "text": "x", "edit": 99}, "Anna has no message 99 to edit"),
        ("send", [], "a JSON object is expected"),
        ("raw", {"update_id": 5}, "update_id is given by the world"),
    ],
)
async def test_wrong_requests_are_told_why(telegram: Harness, path: str, body: object, reason: str) -> None:
    """400 with the reason as `error`."""
    assert (400, {"error": reason}) == await telegram.try_control("POST", path, body)


async def test_who_has_blocked_the_bot_does_not_write_to_it(telegram: Harness) -> None:
    """Unblock first, as in the real application."""
    await telegram.control("POST", "block", {"user": ANNA, "blocked": True})
    status, _ = await telegram.try_control("POST", "send", {"user": ANNA, "text": "x"})
    await telegram.control("POST", "block", {"user": ANNA, "blocked": False})
    assert (status, bool(await telegram.says("x"))) == (400, True)


async def test_changes_are_told_to_whoever_saves_the_world(telegram: Harness) -> None:
    """`on_change` follows a message and a confirmation, not an idle poll."""
    changes: list[str] = []
    telegram.world.on_change = lambda: changes.append("changed")
    update_id = (await telegram.says("x"))["update_id"]
    said = len(changes)
    await telegram.result("getUpdates", offset=update_id + 1)
    confirmed = len(changes)
    await telegram.result("getUpdates", offset=update_id + 1)
    assert (True, said + 1, confirmed) == (said > 0, confirmed, len(changes))
