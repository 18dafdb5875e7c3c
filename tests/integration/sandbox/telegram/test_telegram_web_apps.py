"""Mini Apps: where their buttons may stand, and the data they send to the bot."""

from typing import Any

import pytest
from telegram_harness import ANNA, BORIS, Harness

APP = {"text": "Order", "web_app": {"url": "https://example.com/app"}}
KEYBOARD = {"keyboard": [["plain", APP]], "resize_keyboard": True}


async def sends_data(telegram: Harness, user: int = ANNA, **fields: object) -> tuple[int, Any]:
    """Somebody's Mini App sends data: status and answer."""
    body = {"user": user, "button_text": "Order", "data": '{"count": 2}', **fields}
    return await telegram.try_control("POST", "web_app", body)


async def test_data_arrives_as_a_service_message(telegram: Harness) -> None:
    """With the text of the button, from the person; the chat page says so."""
    await telegram.result("sendMessage", chat_id=ANNA, text="Choose", reply_markup=KEYBOARD)
    status, answer = await sends_data(telegram)
    [update] = await telegram.result("getUpdates")
    message = update["message"]
    assert (200, answer["update_id"]) == (status, update["update_id"])
    assert {"data": '{"count": 2}', "button_text": "Order"} == message["web_app_data"]
    assert (ANNA, "private", False) == (message["from"]["id"], message["chat"]["type"], "text" in message)
    [*_, shown] = await telegram.control("GET", f"chats/{ANNA}/messages")
    assert shown["service"] == "Data from “Order” was sent to the bot"


async def test_a_keyboard_stays_until_it_is_replaced_or_taken_away(telegram: Harness) -> None:
    """Other messages leave it open, a restart and the deletion of its message do too."""
    sent = await telegram.result("sendMessage", chat_id=ANNA, text="Choose", reply_markup=KEYBOARD)
    await telegram.result("sendMessage", chat_id=ANNA, text="Take your time")
    await telegram.result("deleteMessage", chat_id=ANNA, message_id=sent["message_id"])
    telegram.world.load(telegram.world.dump())
    assert (await sends_data(telegram))[0] == 200
    other = {"keyboard": [[{**APP, "text": "Pay"}]]}
    await telegram.result("sendMessage", chat_id=ANNA, text="Now", reply_markup=other)
    assert [400, 200] == [(await sends_data(telegram, button_text=text))[0] for text in ("Order", "Pay")]
    await telegram.result("sendMessage", chat_id=ANNA, text="Done", reply_markup={"remove_keyboard": True})
    assert (await sends_data(telegram, button_text="Pay"))[0] == 400


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"button_text": "plain"}, "Anna sees no keyboard with a web app button 'plain'"),
        ({"user": BORIS}, "Boris sees no keyboard with a web app button 'Order'"),
        ({"data": ""}, "a web app sends 1-4096 bytes, not 0"),
        ({"data": "я" * 2049}, "a web app sends 1-4096 bytes, not 4098"),
        ({"user": 77}, "there is no person 77"),
    ],
)
async def test_what_no_app_sends(telegram: Harness, fields: dict[str, Any], reason: str) -> None:
    """400 with the reason, and the bot hears nothing."""
    await telegram.result("sendMessage", chat_id=ANNA, text="Choose", reply_markup=KEYBOARD)
    assert (400, {"error": reason}) == await sends_data(telegram, **fields)
    assert await telegram.result("getUpdates") == []


async def test_who_has_blocked_the_bot_sends_it_nothing(telegram: Harness) -> None:
    """The keyboard may still be open."""
    await telegram.result("sendMessage", chat_id=ANNA, text="Choose", reply_markup=KEYBOARD)
    await telegram.control("POST", "block", {"user": ANNA, "blocked": True})
    assert (await sends_data(telegram))[0] == 400


@pytest.mark.parametrize("markup", [KEYBOARD, {"inline_keyboard": [[APP]]}])
async def test_apps_are_opened_in_private_chats_only(telegram: Harness, markup: Any) -> None:
    """A group refuses the button, in a new message and in an edit."""
    assert await telegram.result("sendMessage", chat_id=ANNA, text="x", reply_markup=markup)
    founded = {"type": "group", "title": "Desk", "members": [ANNA]}
    chat = (await telegram.control("POST", "chats", founded))["id"]
    refused = await telegram.refusal("sendMessage", chat_id=chat, text="x", reply_markup=markup)
    assert refused == "Bad Request: BUTTON_TYPE_INVALID"
    sent = await telegram.result("sendMessage", chat_id=chat, text="x")
    place = {"chat_id": chat, "message_id": sent["message_id"]}
    inline = {"inline_keyboard": [[APP]]}
    refused = await telegram.refusal("editMessageReplyMarkup", reply_markup=inline, **place)
    assert refused == "Bad Request: BUTTON_TYPE_INVALID"


@pytest.mark.parametrize(
    ("keyboard", "what"), [("keyboard", "keyboard button"), ("inline_keyboard", "inline keyboard button")]
)
@pytest.mark.parametrize("url", ["http://example.com", "example.com", ""])
async def test_an_app_has_an_https_address(telegram: Harness, keyboard: str, what: str, url: str) -> None:
    """In Telegram's words."""
    markup = {keyboard: [[{"text": "Order", "web_app": {"url": url}}]]}
    refused = await telegram.refusal("sendMessage", chat_id=ANNA, text="x", reply_markup=markup)
    assert f"Bad Request: {what} Web App URL '{url}' is invalid: Only HTTPS links are allowed" == refused
