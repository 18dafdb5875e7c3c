"""What people find beside the input field: commands by scope, the menu button; and that the bot is busy."""

from typing import Any

import pytest
from telegram_harness import ANNA, BORIS, Harness

ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note"
)
WEB_APP = {"type": "web_app", "text": "Open", "web_app": {"url": "https://example.com/app"}}


def one(name: str) -> list[dict[str, str]]:
    """A list of one command."""
    return [{"command": name, "description": "x"}]


async def offered(telegram: Harness, chat: int, user: int) -> list[str]:
    """The commands somebody is offered in a chat."""
    commands = await telegram.control("GET", f"chats/{chat}/commands?user={user}")
    return [command["command"] for command in commands]


async def group(telegram: Harness) -> int:
    """A group of Anna, who created it and speaks German, and Boris."""
    founded = {"type": "supergroup", "title": "Desk", "members": [ANNA, BORIS], "creator": ANNA}
    chat: int = (await telegram.control("POST", "chats", founded))["id"]
    return chat


async def test_the_narrowest_list_wins_in_a_private_chat(telegram: Harness) -> None:
    """chat, all_private_chats, default; each first in the person's language."""
    scopes: list[Any] = [
        {"type": "default"},
        {"type": "all_private_chats"},
        {"type": "chat", "chat_id": ANNA},
    ]
    for scope in scopes:
        for language in ("", "de"):
            name = f"{scope['type']}{language}"
            await telegram.result("setMyCommands", commands=one(name), scope=scope, language_code=language)
            assert await offered(telegram, ANNA, ANNA) == [name]
    for scope in reversed(scopes):
        for language in ("de", ""):
            assert await offered(telegram, ANNA, ANNA) == [f"{scope['type']}{language}"]
            await telegram.result("deleteMyCommands", scope=scope, language_code=language)
    assert await offered(telegram, ANNA, ANNA) == []


async def test_the_narrowest_list_wins_in_a_group(telegram: Harness) -> None:
    """chat_member, chat_administrators, chat, all_chat_administrators, all_group_chats, default."""
    chat = await group(telegram)
    scopes: list[Any] = [
        {"type": "default"},
        {"type": "all_group_chats"},
        {"type": "all_chat_administrators"},
        {"type": "chat", "chat_id": chat},
        {"type": "chat_administrators", "chat_id": chat},
        {"type": "chat_member", "chat_id": chat, "user_id": ANNA},
    ]
    seen = []
    for scope in scopes:
        await telegram.result("setMyCommands", commands=one(scope["type"]), scope=scope)
        seen.append([(await offered(telegram, chat, user))[0] for user in (ANNA, BORIS)])
    assert [
        ["default", "default"],
        ["all_group_chats", "all_group_chats"],
        ["all_chat_administrators", "all_group_chats"],
        ["chat", "chat"],
        ["chat_administrators", "chat"],
        ["chat_member", "chat"],
    ] == seen


async def test_an_empty_list_is_none(telegram: Harness) -> None:
    """Set to nothing, with or without the parameter, a scope gives way to the wider one."""
    await telegram.result("setMyCommands", commands=one("all"))
    narrow = {"type": "chat", "chat_id": ANNA}
    for nothing in ({"commands": []}, {}):
        await telegram.result("setMyCommands", commands=one("narrow"), scope=narrow)
        await telegram.result("setMyCommands", scope=narrow, **nothing)
        assert await offered(telegram, ANNA, ANNA) == ["all"]
        assert await telegram.result("getMyCommands", scope=narrow) == []


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"commands": "["}, "can't parse commands JSON object"),
        ({"commands": {"command": "a"}}, "expected an Array of BotCommand"),
        ({"commands": ["a"]}, "can't parse BotCommand: expected an Object"),
        ({"commands": [{"command": "a"}]}, "can't parse BotCommand: Can't find field \"description\""),
        ({"scope": {"type": "everywhere"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ({"scope": {"type": "chat", "chat_id": 77}}, "chat not found"),
        (
            {"scope": {"type": "chat_administrators", "chat_id": ANNA}},
            "can't use specified scope in private chats",
        ),
        (
            {"scope": {"type": "chat_member", "chat_id": ANNA, "user_id": ANNA}},
            "can't use specified scope in private chats",
        ),
    ],
)
async def test_what_is_no_list_of_commands(telegram: Harness, parameters: Any, reason: str) -> None:
    """Nor a scope; nothing changes."""
    await telegram.result("setMyCommands", commands=one("old"))
    refused = await telegram.refusal("setMyCommands", **{"commands": one("new"), **parameters})
    assert (f"Bad Request: {reason}", ["old"]) == (refused, await offered(telegram, ANNA, ANNA))


async def test_the_menu_button_is_the_chats_own_or_everybodys(telegram: Harness) -> None:
    """At first it opens the commands; a private chat's own button comes before that of all."""

    async def shown(user: int) -> Any:
        return await telegram.control("GET", f"chats/{user}/menu_button")

    assert await telegram.result("getChatMenuButton") == {"type": "commands"}
    assert await telegram.result("getChatMenuButton", chat_id=ANNA) == {"type": "default"}
    await telegram.result("setChatMenuButton", menu_button=WEB_APP)
    await telegram.result("setChatMenuButton", chat_id=ANNA, menu_button={"type": "commands"})
    assert await telegram.result("getChatMenuButton") == WEB_APP
    assert await telegram.result("getChatMenuButton", chat_id=ANNA) == {"type": "commands"}
    assert ({"type": "commands"}, WEB_APP) == (await shown(ANNA), await shown(BORIS))
    await telegram.result("setChatMenuButton", chat_id=ANNA)
    assert await shown(ANNA) == WEB_APP


async def test_a_menu_button_has_its_rules(telegram: Harness) -> None:
    """A known kind, a text, an HTTPS address, a private chat."""
    chat = await group(telegram)
    plain = {**WEB_APP, "web_app": {"url": "http://example.com"}}
    for parameters, reason in (
        ({"menu_button": {"type": "dance"}}, "MenuButton has unsupported type specified"),
        (
            {"menu_button": {**WEB_APP, "text": ""}},
            'can\'t parse menu button: Field "text" must be non-empty',
        ),
        (
            {"menu_button": plain},
            "menu button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed",
        ),
        ({"chat_id": chat}, "chat must be a private chat"),
    ):
        assert f"Bad Request: {reason}" == await telegram.refusal("setChatMenuButton", **parameters)
    assert (
        await telegram.refusal("getChatMenuButton", chat_id=chat)
        == "Bad Request: chat must be a private chat"
    )


@pytest.mark.parametrize("action", ACTIONS.split())
async def test_every_chat_action_is_taken(telegram: Harness, action: str) -> None:
    """In any case of letters."""
    assert await telegram.result("sendChatAction", chat_id=ANNA, action=action.upper())


@pytest.mark.parametrize("action", ["", "dancing", "upload"])
async def test_other_chat_actions_are_refused(telegram: Harness, action: str) -> None:
    """In Telegram's words."""
    refused = await telegram.refusal("sendChatAction", chat_id=ANNA, action=action)
    assert refused == "Bad Request: wrong parameter action in request"


async def test_an_action_is_shown_to_whoever_wants_the_bot(telegram: Harness) -> None:
    """Old names are shown as the new ones; who has not started the bot is shown nothing."""
    with telegram.world.events.listening(ANNA) as listener:
        await telegram.result("sendChatAction", chat_id=ANNA, action="upload_audio")
        event = listener.queue.get_nowait()
    assert {"kind": "chat_action", "chat": ANNA, "action": "upload_voice"} == event
    refused = await telegram.refusal("sendChatAction", chat_id=BORIS, action="typing")
    assert refused == "Forbidden: bot can't initiate conversation with a user"
