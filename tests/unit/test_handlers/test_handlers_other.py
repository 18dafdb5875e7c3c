"""Everything that is no proper command, and the errors."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import AnswerCallbackQuery
from chat_support import ADMIN, GROUP, POOL, USER
from structlog.testing import capture_logs

from bot.errors import PeerUnavailable, SheetLayoutError
from bot.handlers.filters import ButtonData
from bot.models.offer import Action


@pytest.mark.parametrize("command", ["/start", "/help", "/refresh"])
async def test_in_a_group_answers_go_to_the_private_chat(chat, command):
    """The group reads that it was answered, and nothing else."""
    chat.desk.pool = POOL
    await chat.write(command, ADMIN, chat=GROUP)

    assert (chat.sent_to, chat.texts[1:]) == ([ADMIN, GROUP], ["Sent to you privately."])


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
                "Tell an admin: it is to be added there, then /refresh."
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
        "Something went wrong on my side (reference k3f9). Nothing was lost; please try again."
    ]
    errors = [line for line in logged if line["log_level"] == "error"]
    assert [line["reference"] for line in errors] == ["k3f9"]


async def test_a_button_of_a_higher_role_is_an_alert_and_no_message(chat):
    """One line over the screen: the chat is not filled with what was not done."""
    offer = await chat.offers.make(USER, [Action("stats", ("pool",))])
    await chat.press(ButtonData(offer=offer, button=0).pack())

    assert chat.alerts == [("That is for admins.\nSee /help for what you can use.", True)]
    assert chat.texts == []


async def test_a_group_that_has_moved_is_answered_where_it_is_now(chat):
    """A group that became a supergroup has another id; what is said there follows."""
    chat.session.failures["SendMessage"] = [
        None,
        lambda method: TelegramMigrateToChat(method, "group upgraded", migrate_to_chat_id=-1009),
    ]
    await chat.write("/help", chat=GROUP)

    assert chat.sent_to == [USER, GROUP, -1009]
    assert chat.texts[-1] == "Sent to you privately."


async def test_a_refusal_follows_a_group_that_has_moved(chat):
    """Errors find the new chat as well."""
    chat.session.failures["SendMessage"] = [
        lambda method: TelegramMigrateToChat(method, "group upgraded", migrate_to_chat_id=-1009)
    ]
    await chat.write("/stats", chat=GROUP)

    assert chat.sent_to == [GROUP, -1009]
    assert chat.texts[-1] == "That is for admins.\nSee /help for what you can use."


async def test_a_press_that_is_too_old_to_be_answered_is_let_be(chat):
    """Telegram takes no answer to it any more; nobody reads of an error, and nothing is logged as one."""
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    chat.desk.refusals = [TelegramBadRequest(AnswerCallbackQuery(callback_query_id="55"), too_old)]
    offer = await chat.offers.make(USER, [Action("take", ("beboo", 1, 0))])
    with capture_logs() as logged:
        await chat.press(ButtonData(offer=offer, button=0).pack())

    assert chat.texts == []
    assert [line for line in logged if line["log_level"] == "error"] == []


@pytest.mark.parametrize(
    "failure",
    [
        lambda method: TelegramNetworkError(method, "reset"),
        lambda method: TelegramServerError(method, "Bad Gateway"),
        lambda method: TelegramRetryAfter(method, "Too Many Requests", 300),
    ],
)
@pytest.mark.parametrize("text", ["/take", "/take beboo"])
async def test_an_error_that_the_network_has_lost_is_told_later(chat, failure, text):
    """As every other answer: the update stays open, and is carried out again."""
    refused = PeerUnavailable("Google Sheets", "no answer")
    chat.desk.refusals = [refused, refused]
    chat.session.failures["SendMessage"] = [failure]
    with pytest.raises((TelegramNetworkError, TelegramServerError, TelegramRetryAfter)):
        await chat.write(text)
    before = len(chat.texts)
    await chat.write(text)
    assert len(chat.texts) == before + 1


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
        ("/tke beboo", "I do not know that command. Did you mean /take?"),
        ("/xyzzy", "I do not know that command. See /help."),
        ("/", "I do not know that command. See /help."),
        ("/<b>", "I do not know that command. See /help."),
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


async def test_a_guess_names_only_what_one_may_use(chat):
    """A user is not pointed to an admin's command."""
    await chat.write("/statz")
    await chat.write("/statz", ADMIN)

    assert chat.texts == [
        "I do not know that command. Did you mean /start?",
        "I do not know that command. Did you mean /stats?",
    ]


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

    assert chat.texts == ["I cannot read that here. Send /help."] * 2


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

    assert chat.texts == ["I cannot read that here. Send /help."]


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
    assert chat.texts == ["I do not know that command. See /help."]
