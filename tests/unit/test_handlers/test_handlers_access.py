"""Deny by default: who is not listed learns their own id and nothing else."""

from __future__ import annotations

import pytest
from chat_support import ADMIN, GROUP, STRANGER, USER

THE_LINE = "This is a private desk. Ask an admin to add you; your id is 1004."


@pytest.mark.parametrize(
    "text", ["/start", "/help", "/take beboo 5", "/take", "/my", "/stats", "/refresh", "/nonsense", "hello"]
)
async def test_a_stranger_gets_one_line_whatever_they_write(chat, text):
    """No command, no argument error and no hint tells a stranger anything more."""
    await chat.write(text, STRANGER)

    assert chat.texts == [THE_LINE]
    assert chat.desk.asked == []


async def test_a_strangers_press_gets_the_same_line(chat):
    """A forwarded button does nothing for somebody who is not listed, even if its id is right."""
    offer = await chat.desk.make_offer(STRANGER, "beboo", 1)
    await chat.press(f"offer:{offer}", STRANGER)

    assert chat.alerts == [(THE_LINE, True)]
    assert chat.desk.asked == []


async def test_strangers_in_a_group_are_met_with_silence(chat):
    """A group may have other members and other bots."""
    await chat.write("/take beboo", STRANGER, chat=GROUP)

    assert chat.session.calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sender_chat": {"id": GROUP, "type": "supergroup"}},
        {"from": {"id": USER, "is_bot": True, "first_name": "Other bot"}},
        {"from": None},
    ],
    ids=["anonymous admin", "another bot", "nobody"],
)
async def test_only_people_can_ask(chat, changes):
    """Posts in the name of a chat, by bots or by nobody are not acted on, whatever ids they carry."""
    raw = chat.message("/take beboo", USER, GROUP) | changes
    await chat.feed(message={key: value for key, value in raw.items() if value is not None})

    assert chat.session.calls == []
    assert chat.desk.asked == []


async def test_updates_of_other_kinds_are_left_alone(chat):
    """Channel posts, edits and kinds that do not exist yet end quietly."""
    await chat.feed(channel_post=chat.message("/take beboo") | {"chat": {"id": -1001, "type": "channel"}})
    await chat.feed(edited_message=chat.message("/take beboo") | {"edit_date": 1})
    await chat.feed(something_of_next_year={"id": 1})

    assert chat.session.calls == []


async def test_users_are_told_that_admin_commands_are_for_admins(chat):
    """A user may know that a command exists, not use it."""
    await chat.write("/refresh", USER)
    await chat.write("/stats", USER)

    assert chat.texts == [
        "/refresh is for admins. See /help for what you can use.",
        "/stats is for admins. See /help for what you can use.",
    ]


async def test_help_lists_what_the_role_can_use(chat):
    """Admins see their own commands too."""
    await chat.write("/help", USER)
    await chat.write("/help", ADMIN)

    assert chat.texts[0] == (
        "<b>What I can do</b>\n"
        "/take RESOURCE [N] – take proxies: 1, or N up to 50\n"
        "/my – the proxies you hold\n"
        "/help – what I can do\n"
        "/start – begin here"
    )
    assert chat.texts[1].splitlines()[-2:] == [
        "/stats – the pool, the sheet and the bot in figures",
        "/refresh – read the sheet again now",
    ]


async def test_start_greets_with_examples(chat):
    """Two sentences and something to tap."""
    await chat.write("/start")

    assert chat.texts == [
        (
            "I hand out proxies from the team's sheet, never the same one twice for the same site.\n"
            "Ask with /take and the site's name; the answer is for you alone.\n"
            "\n"
            "/take beboo – one proxy for beboo\n"
            "/take beboo 5 – five of them\n"
            "/my – what you hold\n"
            "/help – everything I can do"
        )
    ]
