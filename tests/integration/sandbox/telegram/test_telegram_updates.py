"""Delivery of updates: confirmed by offset, at least once, to one poller."""

import asyncio
import json
from typing import Any

import pytest
from telegram_harness import ANNA, BORIS, Harness

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def texts(updates: list[Any]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_return_until_a_later_offset_confirms_them(telegram: Harness) -> None:
    """Without an offset the same come again; with one, those below it are gone."""
    sent = [(await telegram.says(text))["update_id"] for text in ("a", "b", "c")]
    assert texts(await telegram.result("getUpdates")) == ["a", "b", "c"]
    assert texts(await telegram.result("getUpdates", offset=sent[0])) == ["a", "b", "c"]
    assert texts(await telegram.result("getUpdates", offset=sent[2])) == ["c"]
    assert texts(await telegram.result("getUpdates")) == ["c"]
    state = await telegram.control("GET", "state")
    assert (1, sent[2], sent[2] + 1) == (state["pending"], state["confirmed_offset"], state["next_update_id"])


async def test_a_negative_offset_forgets_all_but_the_last(telegram: Harness) -> None:
    """-2 gives the last two; the earlier ones are gone for good."""
    for text in "abcd":
        await telegram.says(text)
    assert texts(await telegram.result("getUpdates", offset=-2)) == ["c", "d"]
    assert texts(await telegram.result("getUpdates")) == ["c", "d"]
    assert texts(await telegram.result("getUpdates", offset=-9)) == ["c", "d"]


async def test_limit_bounds_an_answer(telegram: Harness) -> None:
    """The oldest come first, 100 at most."""
    for number in range(120):
        await telegram.says(str(number))
    assert texts(await telegram.result("getUpdates", limit=3)) == ["0", "1", "2"]
    assert len(await telegram.result("getUpdates", limit=500)) == 100


async def test_updates_are_kept_for_a_day(telegram: Harness) -> None:
    """After 24 hours an update is not delivered any more."""
    await telegram.says("old")
    telegram.clock.tick(12 * 3600)
    await telegram.says("new")
    telegram.clock.tick(12 * 3600)
    assert texts(await telegram.result("getUpdates")) == ["new"]


async def test_a_waiting_poller_hears_at_once(telegram: Harness) -> None:
    """The held request is answered by the first update."""
    poll = asyncio.create_task(telegram.result("getUpdates", timeout=30))
    await telegram.until_polling()
    await telegram.says("wake up")
    assert texts(await asyncio.wait_for(poll, 5)) == ["wake up"]


async def test_the_first_of_two_pollers_is_told_of_the_conflict(telegram: Harness) -> None:
    """409 for the first; the second gets the update."""
    first = asyncio.create_task(telegram.call("getUpdates", timeout=30))
    await telegram.until_polling()
    second = asyncio.create_task(telegram.result("getUpdates", timeout=30))
    status, body = await asyncio.wait_for(first, 5)
    assert (status, body["description"]) == (409, CONFLICT)
    await telegram.says("hello")
    assert texts(await asyncio.wait_for(second, 5)) == ["hello"]


async def test_allowed_updates_are_remembered(telegram: Harness) -> None:
    """A list holds until the next one; what was queued before it still comes; an empty list is the default."""
    await telegram.says("queued before")
    assert len(await telegram.result("getUpdates", allowed_updates=["callback_query"])) == 1
    assert (await telegram.says("unwanted"))["update_id"] is None
    await telegram.result("getUpdates")
    assert (await telegram.says("still unwanted"))["update_id"] is None
    info = await telegram.result("getWebhookInfo")
    assert (info["allowed_updates"], info["url"]) == (["callback_query"], "")
    await telegram.result("getUpdates", allowed_updates=[])
    assert (await telegram.says("wanted"))["update_id"] is not None


async def test_a_confirmed_update_can_come_again(telegram: Harness) -> None:
    """A redelivered update has its old id, comes before newer ones, and goes with the next offset above it."""
    old = (await telegram.says("old"))["update_id"]
    await telegram.result("getUpdates", offset=old + 1)
    new = (await telegram.says("new"))["update_id"]
    await telegram.control("POST", "redeliver", {"update_id": old})
    again = await telegram.result("getUpdates", offset=old + 1)
    assert [(old, "old"), (new, "new")] == [(u["update_id"], u["message"]["text"]) for u in again]
    assert await telegram.result("getUpdates", offset=new + 1) == []


async def test_a_pending_update_can_be_doubled(telegram: Harness) -> None:
    """Redelivered while it waits, it is delivered, confirmed and delivered once more."""
    update_id = (await telegram.says("twice"))["update_id"]
    await telegram.control("POST", "redeliver", {"update_id": update_id})
    assert texts(await telegram.result("getUpdates")) == ["twice"]
    assert texts(await telegram.result("getUpdates", offset=update_id + 1)) == ["twice"]
    assert await telegram.result("getUpdates", offset=update_id + 1) == []


async def test_nothing_is_handed_to_a_poller_that_has_left(telegram: Harness) -> None:
    """A redelivered update waits for the next poller, whatever its offset."""
    update_id = (await telegram.says("again"))["update_id"]
    left = asyncio.create_task(telegram.result("getUpdates", offset=update_id + 1, timeout=30))
    await telegram.until_polling()
    left.cancel()
    await telegram.until_polling(False)
    await telegram.control("POST", "redeliver", {"update_id": update_id})
    assert texts(await telegram.result("getUpdates", offset=update_id + 1)) == ["again"]


async def test_unknown_updates_cannot_be_redelivered(telegram: Harness) -> None:
    """404 with a reason."""
    status, body = await telegram.try_control("POST", "redeliver", {"update_id": 5})
    assert (status, body["error"]) == (404, "update 5 is not known, or not any more")


async def test_raw_updates_are_delivered_as_they_are(telegram: Harness) -> None:
    """Whatever the shape, under the next id."""
    made_up = await telegram.control("POST", "raw", {"message": {"nonsense": True}})
    assert [{**made_up, "message": {"nonsense": True}}] == await telegram.result("getUpdates")


async def test_what_waits_is_dropped_only_if_asked_for(telegram: Harness) -> None:
    """deleteWebhook without a webhook is no mistake; it drops updates if asked to."""
    await telegram.says("x")
    assert await telegram.result("deleteWebhook")
    assert (await telegram.result("getWebhookInfo"))["pending_update_count"] == 1
    assert await telegram.result("deleteWebhook", drop_pending_updates=True)
    assert await telegram.result("getUpdates") == []


async def test_what_people_do_arrives_as_updates(telegram: Harness) -> None:
    """Messages with entities, edits, replies, forwards, dates of one's choice; blocking and unblocking."""
    sent = await telegram.says("/take beboo 5 @boris", date=1_700_000_000)
    await telegram.says("changed", edit=sent["message_id"])
    await telegram.says("forwarded", forward=True, reply_to=sent["message_id"])
    for blocked in (True, True, False):
        await telegram.control("POST", "block", {"user": ANNA, "blocked": blocked})
    message, edit, forward, left, back = await telegram.result("getUpdates")
    kinds = [(entity["type"], entity["offset"]) for entity in message["message"]["entities"]]
    assert (kinds, message["message"]["date"]) == ([("bot_command", 0), ("mention", 14)], 1_700_000_000)
    assert edit["edited_message"]["text"] == "changed"
    assert forward["message"]["forward_origin"]["sender_user"]["id"] == ANNA
    assert forward["message"]["reply_to_message"]["text"] == "changed"
    statuses = [update["my_chat_member"]["new_chat_member"]["status"] for update in (left, back)]
    assert statuses == ["kicked", "member"]


async def test_privacy_hides_a_groups_small_talk(telegram: Harness) -> None:
    """In a group the bot hears commands for it and replies to it; all of it with privacy mode off."""
    group = await telegram.control(
        "POST", "chats", {"type": "supergroup", "title": "Desk", "members": [ANNA, BORIS]}
    )
    chat = group["id"]
    mine = await telegram.result("sendMessage", chat_id=chat, text="hello all")
    heard = [
        await telegram.says(text, BORIS, chat=chat, **fields)
        for text, fields in [
            ("small talk", {}),
            ("/take", {}),
            ("/take@quartermaster_bot", {}),
            ("/take@other_bot", {}),
            ("a reply", {"reply_to": mine["message_id"]}),
        ]
    ]
    assert [entry["update_id"] is not None for entry in heard] == [False, True, True, False, True]
    await telegram.control("PUT", "settings", {"privacy": False})
    assert (await telegram.says("small talk", BORIS, chat=chat))["update_id"] is not None


async def test_two_hundred_people_write_at_once(telegram: Harness) -> None:
    """Every message is delivered, in the order of its id."""
    users = [await telegram.control("POST", "users", {"first_name": f"U{n}"}) for n in range(200)]
    answers = await asyncio.gather(*(telegram.says("/start", user["id"]) for user in users))
    offset, received = 0, []
    while batch := await telegram.result("getUpdates", offset=offset):
        received += [update["update_id"] for update in batch]
        offset = received[-1] + 1
    assert sorted(answer["update_id"] for answer in answers) == received


async def test_a_world_goes_on_after_a_restart(telegram: Harness) -> None:
    """Dumped and loaded: same chats, same pending updates; new ids leave a gap of 1000."""
    await telegram.says("pending")
    before = await telegram.control("GET", f"chats/{ANNA}/messages")
    state = await telegram.control("GET", "state")
    telegram.world.load(json.loads(json.dumps(telegram.world.dump())))
    assert before == await telegram.control("GET", f"chats/{ANNA}/messages")
    assert texts(await telegram.result("getUpdates")) == ["pending"]
    assert state["next_update_id"] + 1000 == (await telegram.says("next"))["update_id"]
    assert before[-1]["message_id"] + 1002 == (await telegram.says("after"))["message_id"]


@pytest.mark.parametrize(
    "data", [{}, {"version": 1}, {"version": 2}, [], {"version": 1, "users": [{"x": 1}]}]
)
async def test_damaged_data_are_refused(telegram: Harness, data: Any) -> None:
    """ValueError, and the world is as it was."""
    before = telegram.world.dump()
    with pytest.raises(ValueError, match="Telegram world"):
        telegram.world.load(data)
    assert before == telegram.world.dump()
