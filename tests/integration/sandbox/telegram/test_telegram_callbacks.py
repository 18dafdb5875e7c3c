"""Buttons: pressed by people, answered by the bot."""

from typing import Any

from telegram_harness import ANNA, BORIS, Harness

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
KEYBOARD = {"inline_keyboard": [[{"text": "Take", "callback_data": "take:1"}]]}


async def press(telegram: Harness, **fields: object) -> tuple[int, Any]:
    body = {"user": ANNA, "chat": ANNA, "message_id": 2, "data": "take:1", **fields}
    return await telegram.try_control("POST", "press", body)


async def pressed(telegram: Harness) -> Any:
    """A message with a button, pressed."""
    await telegram.result("sendMessage", chat_id=ANNA, text="offer", reply_markup=KEYBOARD)
    status, answer = await press(telegram)
    assert status == 200
    return answer


async def test_a_press_arrives_with_its_message(telegram: Harness) -> None:
    """The callback query carries sender, message, data and chat instance."""
    answer = await pressed(telegram)
    [update] = await telegram.result("getUpdates")
    query = update["callback_query"]
    assert answer["callback_query_id"] == query["id"]
    assert (query["from"]["id"], query["data"], query["message"]["text"]) == (ANNA, "take:1", "offer")
    assert (KEYBOARD, str) == (query["message"]["reply_markup"], type(query["chat_instance"]))


async def test_an_answer_is_seen_once(telegram: Harness) -> None:
    """The first answer is what the person sees; later ones are only counted."""
    query_id = (await pressed(telegram))["callback_query_id"]
    unanswered = {"answered": False, "text": "", "show_alert": False, "answers": 0}
    assert unanswered == await telegram.control("GET", f"callbacks/{query_id}")
    await telegram.result("answerCallbackQuery", callback_query_id=query_id, text="5 < 6", show_alert=True)
    await telegram.result("answerCallbackQuery", callback_query_id=query_id, text="again")
    answered = {"answered": True, "text": "5 < 6", "show_alert": True, "answers": 2}
    assert answered == await telegram.control("GET", f"callbacks/{query_id}")


async def test_late_long_and_unknown_answers_are_refused(telegram: Harness) -> None:
    """200 characters, 15 minutes, ids that exist."""
    query_id = (await pressed(telegram))["callback_query_id"]
    long = await telegram.refusal("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    assert await telegram.refusal("answerCallbackQuery", callback_query_id="5") == TOO_OLD
    telegram.clock.tick(15 * 60)
    assert await telegram.result("answerCallbackQuery", callback_query_id=query_id, text="x" * 200)
    telegram.clock.tick(1)
    assert await telegram.refusal("answerCallbackQuery", callback_query_id=query_id) == TOO_OLD


async def test_a_press_may_pretend_to_be_old(telegram: Harness) -> None:
    """With a date of long ago it arrives as any other, and is too old to be answered."""
    await telegram.result("sendMessage", chat_id=ANNA, text="offer", reply_markup=KEYBOARD)
    _, answer = await press(telegram, date=int(telegram.clock.now) - 15 * 60 - 1)
    [update] = await telegram.result("getUpdates")
    assert answer["callback_query_id"] == update["callback_query"]["id"]
    query = {"callback_query_id": answer["callback_query_id"]}
    assert TOO_OLD == await telegram.refusal("answerCallbackQuery", **query)


async def test_only_buttons_that_are_there_can_be_pressed(telegram: Harness) -> None:
    """Unless the press is forged; and nobody presses in other people's chats."""
    await pressed(telegram)
    assert (await press(telegram, data="take:2"))[0] == 400
    assert (await press(telegram, user=BORIS))[0] == 400
    assert (await press(telegram, message_id=1))[0] == 400
    assert (await press(telegram, data="take:2", forged=True))[0] == 200
    updates = await telegram.result("getUpdates")
    assert [update["callback_query"]["data"] for update in updates] == ["take:1", "take:2"]
