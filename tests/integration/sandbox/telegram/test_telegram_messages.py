"""Sending, editing and deleting messages: what the Bot API answers and refuses, word for word."""

import json
from typing import Any

import aiohttp
import pytest
from telegram_harness import ANNA, BORIS, Harness

DAY = 24 * 3600
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


def keyboard(*rows: int, **button: str) -> dict[str, object]:
    """An inline keyboard with rows of these lengths."""
    return {"inline_keyboard": [[{"text": "x", **(button or {"callback_data": "d"})}] * row for row in rows]}


async def test_a_sent_message_comes_back_as_an_object(telegram: Harness) -> None:
    """The answer carries id, date, chat, sender, text and entities."""
    message = await telegram.result("sendMessage", chat_id=ANNA, text="<b>Hi</b> you", parse_mode="HTML")
    assert message == {
        "message_id": 2,
        "date": 1_795_000_000,
        "chat": {"id": ANNA, "type": "private", "first_name": "Anna", "username": "anna"},
        "from": {
            "id": 1_000_000_000,
            "is_bot": True,
            "first_name": "Quartermaster",
            "username": "quartermaster_bot",
        },
        "text": "Hi you",
        "entities": [{"type": "bold", "offset": 0, "length": 2}],
    }


async def test_unknown_parameters_are_ignored(telegram: Harness) -> None:
    """What the method does not know changes nothing, legacy names neither."""
    parameters = {"disable_web_page_preview": "true", "message_effect_id": "5", "no_such": "thing"}
    message = await telegram.result("sendMessage", chat_id=ANNA, text="hi", **parameters)
    assert message["text"] == "hi"


async def test_method_names_have_no_case(telegram: Harness) -> None:
    """`SENDmessage` is sendMessage."""
    assert (await telegram.result("SENDmessage", chat_id=ANNA, text="hi"))["text"] == "hi"


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 777}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "parse_mode": "RTF"}, "unsupported parse_mode"),
        (
            {"text": "12345<x>", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "x" at byte offset 5',
        ),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": [1]}, "object expected as reply markup"),
        ({"text": "x", "reply_markup": keyboard(1, callback_data="я" * 32 + "x")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(1, callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(9)}, "reply markup is too long"),
        ({"text": "x", "reply_markup": keyboard(*[8] * 12, 5)}, "reply markup is too long"),
        (
            {"text": "x", "reply_markup": keyboard(1, url="nowhere")},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": keyboard(1, url="https://a.example", callback_data="d")},
            "can't parse inline keyboard button: Exactly one action is expected, found callback_data, url",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
    ],
)
async def test_what_cannot_be_sent(telegram: Harness, parameters: dict[str, object], reason: str) -> None:
    """Each limit has its own words, and nothing is sent."""
    before = await telegram.control("GET", f"chats/{ANNA}/messages")
    assert f"Bad Request: {reason}" == await telegram.refusal(
        "sendMessage", **{"chat_id": ANNA, **parameters}
    )
    assert before == await telegram.control("GET", f"chats/{ANNA}/messages")


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "x" * 4096},
        {"text": "<b>" + "&lt;" * 4096 + "</b>", "parse_mode": "HTML"},
        {"text": "x", "reply_markup": keyboard(1, callback_data="я" * 32)},
        {"text": "x", "reply_markup": keyboard(*[8] * 12, 4)},
        {"text": "x", "reply_markup": {"remove_keyboard": True}},
        {"text": "x", "reply_markup": {"force_reply": True}},
        {"text": "x", "reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}},
        {"text": "x", "link_preview_options": {"is_disabled": True}},
    ],
)
async def test_what_can_just_be_sent(telegram: Harness, parameters: dict[str, object]) -> None:
    """At the limit, a message passes."""
    assert await telegram.result("sendMessage", chat_id=ANNA, **parameters)


async def test_a_reply_carries_what_it_answers(telegram: Harness) -> None:
    """`reply_to_message` is the message named by reply_parameters."""
    asked = await telegram.says("question")
    reply = {"message_id": asked["message_id"]}
    message = await telegram.result("sendMessage", chat_id=ANNA, text="answer", reply_parameters=reply)
    assert message["reply_to_message"]["text"] == "question"


async def test_nobody_is_written_to_who_does_not_want_it(telegram: Harness) -> None:
    """403 for somebody who never wrote, and for somebody who has blocked the bot."""
    never = await telegram.call("sendMessage", chat_id=BORIS, text="x")
    await telegram.control("POST", "block", {"user": ANNA, "blocked": True})
    blocked = await telegram.call("sendMessage", chat_id=ANNA, text="x")
    assert (
        never[0],
        never[1]["description"],
    ) == (403, "Forbidden: bot can't initiate conversation with a user")
    assert (blocked[0], blocked[1]["description"]) == (403, "Forbidden: bot was blocked by the user")


async def test_an_edit_replaces_text_and_keyboard(telegram: Harness) -> None:
    """An edit without a keyboard takes it away; all versions stay in the history."""
    sent = await telegram.result("sendMessage", chat_id=ANNA, text="one", reply_markup=keyboard(1))
    telegram.clock.tick(5)
    edited = await telegram.result("editMessageText", chat_id=ANNA, message_id=sent["message_id"], text="two")
    assert ("two", sent["date"] + 5, False) == (edited["text"], edited["edit_date"], "reply_markup" in edited)
    history = await telegram.control("GET", f"chats/{ANNA}/history/{sent['message_id']}")
    assert history == ["one", "two"]


async def test_the_same_again_is_not_an_edit(telegram: Harness) -> None:
    """Same text, entities and keyboard: refused; another keyboard or other entities: an edit."""
    place = {"chat_id": ANNA, "message_id": 2}
    await telegram.result("sendMessage", chat_id=ANNA, text="one", reply_markup=keyboard(1))
    assert (
        await telegram.refusal("editMessageText", text="one", reply_markup=keyboard(1), **place)
        == NOT_MODIFIED
    )
    assert await telegram.refusal("editMessageReplyMarkup", reply_markup=keyboard(1), **place) == NOT_MODIFIED
    assert await telegram.result("editMessageReplyMarkup", **place)
    assert await telegram.result("editMessageText", text="<i>one</i>", parse_mode="HTML", **place)


async def test_what_cannot_be_edited(telegram: Harness) -> None:
    """Other people's messages, deleted ones, none at all."""
    mine = await telegram.result("sendMessage", chat_id=ANNA, text="one")
    await telegram.result("deleteMessage", chat_id=ANNA, message_id=mine["message_id"])

    async def refusal(**place: object) -> str:
        return await telegram.refusal("editMessageText", text="x", chat_id=ANNA, **place)

    assert await refusal(message_id=1) == "Bad Request: message can't be edited"
    assert await refusal(message_id=mine["message_id"]) == "Bad Request: message to edit not found"
    assert await refusal(message_id=99) == "Bad Request: message to edit not found"
    assert await refusal() == "Bad Request: message identifier is not specified"


async def test_messages_can_be_deleted_for_two_days(telegram: Harness) -> None:
    """Within 48 hours a message goes, once; later it stays."""
    first, second = [await telegram.result("sendMessage", chat_id=ANNA, text="x") for _ in range(2)]
    telegram.clock.tick(2 * DAY)
    assert await telegram.result("deleteMessage", chat_id=ANNA, message_id=first["message_id"])
    again = await telegram.refusal("deleteMessage", chat_id=ANNA, message_id=first["message_id"])
    assert again == "Bad Request: message to delete not found"
    telegram.clock.tick(1)
    late = await telegram.refusal("deleteMessage", chat_id=ANNA, message_id=second["message_id"])
    assert late == "Bad Request: message can't be deleted"


async def test_many_messages_are_deleted_at_once(telegram: Harness) -> None:
    """Up to 100 ids; unknown ones are passed over."""
    ids = [(await telegram.result("sendMessage", chat_id=ANNA, text="x"))["message_id"] for _ in range(3)]
    assert await telegram.result("deleteMessages", chat_id=ANNA, message_ids=[*ids, 99])
    assert [m["message_id"] for m in await telegram.control("GET", f"chats/{ANNA}/messages")] == [1]
    too_many = await telegram.refusal("deleteMessages", chat_id=ANNA, message_ids=list(range(1, 102)))
    assert too_many == "Bad Request: too many message identifiers specified"


async def test_chat_actions_are_known_by_name(telegram: Harness) -> None:
    """`typing` is one, `dancing` is none."""
    assert await telegram.result("sendChatAction", chat_id=ANNA, action="typing")
    refusal = await telegram.refusal("sendChatAction", chat_id=ANNA, action="dancing")
    assert refusal == "Bad Request: wrong parameter action in request"


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/bot{token}/getMe", 200, None),
        ("/bot{quoted}/getme", 200, None),
        ("/bot{token}x/getMe", 401, "Unauthorized"),
        ("/botnonsense/getMe", 404, "Not Found"),
        ("/bot{token}/getNothing", 404, "Not Found"),
        ("/elsewhere", 404, "Not Found"),
    ],
)
async def test_tokens_and_methods_are_checked(
    telegram: Harness, path: str, status: int, description: str | None
) -> None:
    """The colon of the token may be percent-encoded; GET serves as well as POST."""
    token = telegram.world.token
    target = path.format(token=token, quoted=token.replace(":", "%3A"))
    async with telegram.client.get(telegram.url + target) as response:
        body = await response.json()
    assert (status, description) == (response.status, body.get("description"))


async def test_bodies_may_be_json_multipart_or_query(telegram: Harness) -> None:
    """The same call in three more shapes."""
    url = f"{telegram.url}/bot{telegram.world.token}/sendMessage"
    form = aiohttp.FormData({"chat_id": str(ANNA), "text": "hi"}, default_to_multipart=True)
    markup = keyboard(1)
    shapes: list[dict[str, Any]] = [
        {"json": {"chat_id": ANNA, "text": "hi", "reply_markup": markup, "protect_content": True}},
        {"data": form},
        {"params": {"chat_id": ANNA, "text": "hi", "reply_markup": json.dumps(markup)}},
    ]
    for shape in shapes:
        async with telegram.client.post(url, **shape) as response:
            assert (await response.json())["result"]["text"] == "hi"


async def test_a_broken_json_body_is_refused(telegram: Harness) -> None:
    """400, not a server error; nor does a lone surrogate get through."""
    url = f"{telegram.url}/bot{telegram.world.token}/sendMessage"
    bodies = {
        "{": "Bad Request: can't parse request JSON object",
        '{"chat_id": 1001, "text": "\\ud800"}': "Bad Request: strings must be encoded in UTF-8",
    }
    for body, reason in bodies.items():
        headers = {"Content-Type": "application/json"}
        async with telegram.client.post(url, data=body, headers=headers) as response:
            assert (400, reason) == (response.status, (await response.json())["description"])


async def test_flood_control_is_off_until_switched_on(telegram: Harness) -> None:
    """Once on: 5 at once in a chat, then one a second; the wait is told."""
    for _ in range(10):
        await telegram.result("sendMessage", chat_id=ANNA, text="x")
    await telegram.control("PUT", "settings", {"flood": True})
    for _ in range(5):
        await telegram.result("sendMessage", chat_id=ANNA, text="x")
    status, body = await telegram.call("sendMessage", chat_id=ANNA, text="x")
    assert (status, body["description"]) == (429, "Too Many Requests: retry after 1")
    assert body["parameters"] == {"retry_after": 1}
    telegram.clock.tick(1)
    assert await telegram.result("sendMessage", chat_id=ANNA, text="x")
