"""Who is in a group, and what the bot is told when that changes."""

from typing import Any

import pytest
from telegram_harness import ANNA, BORIS, Harness

ASKED = ["message", "my_chat_member", "chat_member"]


async def group(telegram: Harness, kind: str = "supergroup") -> int:
    """A group that Anna created."""
    founded = {"type": kind, "title": "Desk", "members": [ANNA], "creator": ANNA}
    chat: int = (await telegram.control("POST", "chats", founded))["id"]
    return chat


async def becomes(telegram: Harness, chat: int, user: int, status: str, **fields: object) -> Any:
    """Somebody becomes something in a group: what the control side answers."""
    body = {"chat": chat, "user": user, "status": status, **fields}
    return await telegram.control("POST", "members", body)


async def told(telegram: Harness) -> list[tuple[str, Any]]:
    """What the bot has been told since it last asked: kind and content of each update."""
    updates = await telegram.result("getUpdates", allowed_updates=ASKED)
    if updates:
        await telegram.result("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [next((kind, update[kind]) for kind in ASKED if kind in update) for update in updates]


def change(update: tuple[str, Any]) -> tuple[str, int, str, str]:
    """Kind, actor, old and new status of a change."""
    kind, content = update
    old, new = content["old_chat_member"]["status"], content["new_chat_member"]["status"]
    return kind, content["from"]["id"], old, new


async def test_coming_and_going_is_told_in_the_chat(telegram: Harness) -> None:
    """Service messages about joins, additions, leaves and removals, privacy mode or not."""
    chat = await group(telegram)
    for status, by in (("member", BORIS), ("left", BORIS), ("member", ANNA), ("kicked", ANNA)):
        await becomes(telegram, chat, BORIS, status, by=by)
    events = [content for _, content in await told(telegram)]
    assert [BORIS, BORIS, ANNA, ANNA] == [event["from"]["id"] for event in events]
    named = [event.get("new_chat_members", [event.get("left_chat_member")])[0]["id"] for event in events]
    assert [BORIS] * 4 == named
    shown = await telegram.control("GET", f"chats/{chat}/messages")
    words = ["Boris joined", "Boris left", "Anna added Boris", "Anna removed Boris"]
    assert words == [message["service"] for message in shown]


async def test_chat_member_comes_to_an_administrator_who_asked(telegram: Harness) -> None:
    """Neither without the question nor without the office."""
    chat = await group(telegram)
    assert (await becomes(telegram, chat, BORIS, "administrator", by=ANNA))["update_ids"]
    await told(telegram)
    assert (await becomes(telegram, chat, BORIS, "member", by=ANNA))["update_ids"] == []
    await becomes(telegram, chat, telegram.world.bot.id, "administrator")
    await told(telegram)
    await becomes(telegram, chat, BORIS, "administrator", by=ANNA, rights=["can_pin_messages"])
    [update] = await told(telegram)
    assert ("chat_member", ANNA, "member", "administrator") == change(update)
    assert update[1]["new_chat_member"]["can_pin_messages"] is True
    await telegram.result("getUpdates", allowed_updates=[])
    assert (await becomes(telegram, chat, BORIS, "member", by=ANNA))["update_ids"] == []


async def test_the_bot_always_hears_of_itself(telegram: Harness) -> None:
    """Promoted, demoted, thrown out, banned and let in again."""
    chat, bot = await group(telegram), telegram.world.bot.id
    for status in ("administrator", "member", "left", "member", "kicked", "member"):
        await becomes(telegram, chat, bot, status)
    changes = [change(update) for update in await told(telegram) if update[0] == "my_chat_member"]
    assert [
        ("my_chat_member", ANNA, "member", "administrator"),
        ("my_chat_member", ANNA, "administrator", "member"),
        ("my_chat_member", ANNA, "member", "left"),
        ("my_chat_member", ANNA, "left", "member"),
        ("my_chat_member", ANNA, "member", "kicked"),
        ("my_chat_member", ANNA, "kicked", "member"),
    ] == changes


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize(("status", "how"), [("left", "is not a member of"), ("kicked", "was kicked from")])
async def test_a_bot_that_is_out_is_refused(telegram: Harness, kind: str, status: str, how: str) -> None:
    """403 for every call, and nothing that is said there reaches it."""
    chat = await group(telegram, kind)
    await becomes(telegram, chat, telegram.world.bot.id, status)
    for method in ("sendMessage", "getChat", "getChatAdministrators", "getChatMemberCount"):
        refused = await telegram.refusal(method, chat_id=chat, text="x")
        assert f"Forbidden: bot {how} the {kind} chat" == refused
    assert (await telegram.says("/take", chat=chat))["update_id"] is None


async def test_members_are_what_they_are(telegram: Harness) -> None:
    """creator, administrator with rights, member, left, kicked."""
    chat = await group(telegram)
    chen = (await telegram.control("POST", "users", {"first_name": "Chen"}))["id"]

    async def status(user: int) -> str:
        return str((await telegram.result("getChatMember", chat_id=chat, user_id=user))["status"])

    assert ["creator", "left", "member"] == [await status(u) for u in (ANNA, BORIS, telegram.world.bot.id)]
    await becomes(telegram, chat, BORIS, "administrator", by=ANNA, rights=["can_delete_messages"])
    member = await telegram.result("getChatMember", chat_id=chat, user_id=BORIS)
    rights = [member[name] for name in ("can_manage_chat", "can_delete_messages", "can_pin_messages")]
    assert [True, True, False] == rights
    await becomes(telegram, chat, chen, "kicked", by=ANNA)
    assert (await telegram.result("getChatMember", chat_id=chat, user_id=chen))["until_date"] == 0
    private = await telegram.result("getChatMember", chat_id=ANNA, user_id=ANNA)
    assert ("member", ANNA) == (private["status"], private["user"]["id"])


async def test_heads_are_listed_and_members_counted(telegram: Harness) -> None:
    """The creator first, the bot if it is one of them; a private chat has none, and two members."""
    chat = await group(telegram)
    await becomes(telegram, chat, telegram.world.bot.id, "administrator")
    await becomes(telegram, chat, BORIS, "member")
    heads = await telegram.result("getChatAdministrators", chat_id=chat)
    assert [ANNA, telegram.world.bot.id] == [head["user"]["id"] for head in heads]
    assert await telegram.result("getChatMemberCount", chat_id=chat) == 3
    assert await telegram.result("getChatMemberCount", chat_id=ANNA) == 2
    refused = await telegram.refusal("getChatAdministrators", chat_id=ANNA)
    assert refused == "Bad Request: there are no administrators in the private chat"
    assert await telegram.refusal("getChatMember", chat_id=chat) == "Bad Request: invalid user_id specified"


async def test_an_administrator_bot_hears_small_talk(telegram: Harness) -> None:
    """Privacy mode hides nothing from it."""
    chat = await group(telegram)
    assert (await telegram.says("small talk", chat=chat))["update_id"] is None
    await becomes(telegram, chat, telegram.world.bot.id, "administrator")
    assert (await telegram.says("small talk", chat=chat))["update_id"] is not None


async def test_a_supergroup_keeps_its_heads_and_bans(telegram: Harness) -> None:
    """Migration and a restart change nobody's place."""
    chat = await group(telegram, "group")
    await becomes(telegram, chat, telegram.world.bot.id, "administrator")
    await becomes(telegram, chat, BORIS, "kicked", by=ANNA)
    new = (await telegram.control("POST", "migrate", {"chat": chat}))["id"]
    telegram.world.load(telegram.world.dump())
    heads = await telegram.result("getChatAdministrators", chat_id=new)
    assert ["creator", "administrator"] == [head["status"] for head in heads]
    banned = await telegram.result("getChatMember", chat_id=new, user_id=BORIS)
    assert banned["status"] == "kicked"


@pytest.mark.parametrize(
    ("change_", "reason"),
    [
        ({"status": "king"}, "status must be one of creator, administrator, member, left, kicked"),
        ({"status": "left"}, "Boris is that already"),
        ({"status": "administrator", "rights": ["can_fly"]}, "unknown rights: can_fly"),
        ({"status": "administrator", "rights": "all"}, "rights must be a list of names"),
        ({"status": "creator"}, "a group has one creator, who is a person"),
        ({"status": "member", "chat": ANNA}, f"chat {ANNA} is no group whose members change"),
        ({"status": "member", "by": 77}, "there is no person 77"),
    ],
)
async def test_senseless_changes_are_told_why(
    telegram: Harness, change_: dict[str, object], reason: str
) -> None:
    """400, and everybody stays what they were."""
    chat = await group(telegram)
    body = {"chat": chat, "user": BORIS, **change_}
    assert (400, {"error": reason}) == await telegram.try_control("POST", "members", body)
    assert (await telegram.result("getChatMember", chat_id=chat, user_id=BORIS))["status"] == "left"
    assert await told(telegram) == []


async def test_a_creator_is_one_of_the_members(telegram: Harness) -> None:
    """A group is not created by somebody outside."""
    body = {"type": "group", "title": "x", "members": [ANNA], "creator": BORIS}
    refused = {"error": "the creator must be one of the members"}
    assert (400, refused) == await telegram.try_control("POST", "chats", body)
