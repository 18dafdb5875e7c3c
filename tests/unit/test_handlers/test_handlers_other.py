"""Everything that is no proper command, and the errors."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest
from chat_support import ADMIN, GROUP, POOL, USER, a_proxy
from structlog.testing import capture_logs

from bot.errors import PeerUnavailable, SheetLayoutError
from bot.models.results import Held


async def test_my_shows_what_is_held_by_resource(chat):
    """What is settled can be copied; what is being checked shows no credentials yet."""
    chat.desk.held = [
        Held("a1", "beboo", a_proxy(7), "2026-11-22", True),
        Held("a2", "avito", a_proxy(8), "2026-11-22", False),
    ]
    await chat.write("/my")

    assert chat.texts == [
        (
            "You hold 2 proxies.\n"
            "\n<b>avito</b> (1)\nrow 8 · being checked\n"
            "\n<b>beboo</b> (1)\n<code>192.0.2.7:8080:user7:p&lt;7&gt;</code> · DE · 12 days"
        )
    ]


@pytest.mark.parametrize("command", ["/my", "/stats", "/refresh"])
async def test_in_a_group_private_answers_are_refused(chat, command):
    """One line, and nothing is read or shown."""
    chat.desk.pool = POOL
    await chat.write(command, ADMIN, chat=GROUP)

    assert chat.texts == ["Ask me that in private: t.me/desk_bot"]


async def test_stats_show_figures_of_every_part(chat):
    """Pool, sheet, commands, updates, jobs and process are there."""
    chat.desk.pool = POOL
    await chat.write("/help")
    await chat.clock.tick(0)
    await chat.write("/stats", ADMIN)

    answer = chat.texts[-1]
    for part in ("Proxies", "Free by resource", "Google Sheets", "Commands", "Updates", "Bot"):
        assert f"<b>{part}</b>" in answer
    assert "refresh the inventory" in answer
    assert "/help" in answer


async def test_refresh_answers_with_counts_and_unusable_rows(chat):
    """An admin learns which rows to mend."""
    chat.desk.pool = POOL
    await chat.write("/refresh", ADMIN)

    assert chat.texts == [
        (
            "The sheet was read just now: 150 proxies, 61 not in use, 12 expired.\n"
            "3 duplicates: counted once each.\n"
            "1 row cannot be used:\n"
            "row 9: no host:port found: write host:port:user:pass"
        )
    ]


async def test_a_slow_refresh_says_so(chat):
    """The progress message becomes the answer."""
    chat.desk.pool = POOL
    chat.desk.gate.clear()
    asking = asyncio.create_task(chat.write("/refresh", ADMIN))
    await chat.clock.tick(10)
    chat.desk.gate.set()
    await asking

    assert chat.texts[0] == "Reading the sheet. Google is slow just now; the answer follows."
    assert chat.session.named("EditMessageText")[0].text.startswith("The sheet was read")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            PeerUnavailable("Google Sheets", "secret detail"),
            "Google Sheets cannot be reached; nothing was changed.\nTry again in a minute.",
        ),
        (
            SheetLayoutError(("issued",), ("proxy", "<b>")),
            (
                "Row 1 of the sheet has no column “issued”; it has “proxy”, “&lt;b&gt;”.\n"
                "Add it there, then send /refresh."
            ),
        ),
    ],
)
async def test_a_failed_refresh_is_explained(chat, error, text):
    """What happened and what to do, without the error's own words."""
    chat.desk.refusals = [error]
    await chat.write("/refresh", ADMIN)

    assert chat.texts == [text]


async def test_an_unexpected_error_is_logged_once_and_shown_as_a_reference(chat):
    """The person gets a reference, the log the trace under the same one; the error's text stays inside."""
    chat.desk.refusals = [RuntimeError("user7:secret")]
    with capture_logs() as logged:
        await chat.write("/take beboo")

    assert chat.texts == [
        "Something went wrong on our side (reference k3f9). Nothing was lost; please try again."
    ]
    errors = [line for line in logged if line["log_level"] == "error"]
    assert [line["reference"] for line in errors] == ["k3f9"]


async def test_an_error_that_cannot_be_told_stays_inside(chat):
    """Failing to report a failure never takes the intake down."""
    chat.desk.refusals = [RuntimeError("boom")]
    chat.session.failures["SendMessage"] = [lambda method: TelegramBadRequest(method, "Bad Request: no")]
    with capture_logs():
        await chat.write("/take beboo")

    assert len(chat.session.named("SendMessage")) == 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/tke beboo", "I don't know that command. Did you mean /take?"),
        ("/xyzzy", "I don't know that command. See /help."),
        ("/", "I don't know that command. See /help."),
        ("/<b>", "I don't know that command. See /help."),
    ],
)
async def test_unknown_commands_are_met_with_the_nearest(chat, text, answer):
    """A guess where there is one."""
    await chat.write(text)

    assert chat.texts == [answer]


async def test_commands_are_not_case_sensitive(chat):
    """A phone that begins each line with a capital does not get in the way."""
    await chat.write("/Help")

    assert "What I can do" in chat.texts[0]


async def test_plain_text_gets_one_short_hint(chat):
    """Once, not after every line of somebody's monologue; and again later."""
    await chat.write("good morning")
    await chat.write("anybody there?")
    assert chat.texts == ["I work by commands: try /take beboo 5, or see /help."]

    await chat.clock.tick(60)
    await chat.write("hello?")
    assert len(chat.texts) == 2


async def test_an_album_gets_one_answer(chat):
    """Ten pictures are one thing that cannot be read, and the next album is another."""
    for album in ("g1", "g1", "g1", "g2", "g2"):
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        await chat.feed(message=chat.message(None, photo=photo, media_group_id=album))

    assert chat.texts == ["I can't read that here. Send /help."] * 2


@pytest.mark.parametrize(
    "media",
    [
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
        {"dice": {"emoji": "🎲", "value": 1}},
        {"location": {"latitude": 0, "longitude": 0}},
    ],
)
async def test_media_gets_a_line(chat, media):
    """Whatever it is, the person is not left without an answer."""
    await chat.feed(message=chat.message(None, **media))

    assert chat.texts == ["I can't read that here. Send /help."]


async def test_service_messages_get_no_answer(chat):
    """A pinned message is nobody's question."""
    await chat.feed(message=chat.message(None, pinned_message=chat.message("x")))

    assert chat.texts == []


async def test_in_groups_the_bot_speaks_only_when_spoken_to(chat):
    """Talk, media and commands that may be another bot's are left alone."""
    await chat.write("hello", chat=GROUP)
    await chat.write("/weather", chat=GROUP)
    await chat.feed(message=chat.message(None, USER, GROUP, dice={"emoji": "🎲", "value": 1}))
    assert chat.texts == []

    await chat.write("/weather@desk_bot", chat=GROUP)
    assert chat.texts == ["I don't know that command. See /help."]
