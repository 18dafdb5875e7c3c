"""Deny by default: who has no role learns their own id and how to ask for one, and nothing else."""

from __future__ import annotations

import pytest
from aiogram.exceptions import TelegramForbiddenError
from chat_support import ADMIN, GROUP, STRANGER, USER
from people_support import VIEWER, PeopleDesk, a_person, desk_of

from bot.errors import OverLimit
from bot.handlers.filters import ButtonData
from bot.models.notice import Kind
from bot.models.offer import Action
from bot.models.role import Role
from bot.services.people import MOST_ASKING

THE_LINE = "This is a private desk. Ask for access to be let in; your id is 1004."
ASKED = "You have asked for access, and an admin will answer. Your id is 1004."
DENIED = "This is a private desk. An admin has decided not to let you in; your id is 1004."


@pytest.fixture
async def chat() -> PeopleDesk:
    return await desk_of(a_person(VIEWER, "vera", Role.VIEWER))


@pytest.mark.parametrize(
    "text", ["/start", "/help", "/take beboo 5", "/take", "/my", "/stats", "/refresh", "/nonsense", "hello"]
)
async def test_a_stranger_gets_one_line_whatever_they_write(chat, text):
    """No command, no argument error and no hint tells a stranger anything more."""
    await chat.write(text, STRANGER)

    assert chat.texts == [THE_LINE]
    assert [label for label, _ in chat.buttons] == ["Ask for access"]
    assert chat.desk.asked == []


async def test_nothing_is_kept_of_a_stranger_who_only_writes(chat):
    """The table of people does not grow by who happens to find the bot."""
    await chat.write("/start", STRANGER)

    assert sorted(chat.store.rows) == [VIEWER]


async def test_a_strangers_press_on_somebodys_button_gets_the_same_line(chat):
    """A forwarded button does nothing for somebody without a role, even if its data are right."""
    offer = await chat.offers.make(USER, [Action("take", ("beboo", 1, 0)), Action("ask")])
    own = await chat.offers.make(STRANGER, [Action("take", ("beboo", 1, 0))])
    for data in (*(ButtonData(offer=offer, button=n).pack() for n in (0, 1)), f"b:{own}:0", "", "x"):
        await chat.press(data, STRANGER)

    assert chat.alerts == [(THE_LINE, True)] * 5
    assert (chat.desk.asked, chat.outbox.told) == ([], [])


async def test_asking_for_access_reaches_the_admins_once(chat):
    """One tap asks; tapping again, or asking again later, changes nothing and tells nobody again."""
    await chat.write("/start", STRANGER)
    [(_, data)] = chat.buttons
    await chat.press(data, STRANGER)
    await chat.press(data, STRANGER)
    await chat.write("/start", STRANGER)

    assert chat.texts == [THE_LINE, ASKED, ASKED, ASKED]
    assert [edit.message_id for edit in chat.session.named("EditMessageText")] == [77, 77]
    assert chat.buttons == []
    assert chat.outbox.told == [("admins", Kind.ACCESS, {"user_id": STRANGER, "name": "@boris"})]
    assert [(act.actor, act.act, act.subject) for act in chat.store.acts] == [
        (STRANGER, "ask for access", "@boris")
    ]


async def test_who_was_refused_cannot_ask_again(chat):
    """One no is enough for both sides; an admin can still let them in."""
    await chat.write("/start", STRANGER)
    [(_, data)] = chat.buttons
    await chat.press(data, STRANGER)
    await chat.people.answer(STRANGER, None, ADMIN)
    await chat.press(data, STRANGER)
    await chat.write("hello?", STRANGER)

    assert chat.texts[-2:] == [DENIED, DENIED]
    assert chat.buttons == []
    assert len(chat.outbox.told) == 1


async def test_a_crowd_of_strangers_cannot_flood_the_admins(chat):
    """Beyond a hundred open requests nobody is added."""
    for number in range(MOST_ASKING):
        await chat.people.ask(5000 + number, f"id {number}", None)
    await chat.write("/start", STRANGER)
    [(_, data)] = chat.buttons
    await chat.press(data, STRANGER)

    assert chat.alerts == [("Too many people are asking for access just now. Try again tomorrow.", True)]
    assert chat.outbox.told == []


async def test_strangers_in_a_group_are_met_with_silence(chat):
    """A group may have other members and other bots; only the spinner of a button ends."""
    offer = await chat.offers.make(STRANGER, [Action("ask")])
    await chat.write("/take beboo", STRANGER, chat=GROUP)
    await chat.write("/start@desk_bot", STRANGER, chat=GROUP)
    await chat.press(ButtonData(offer=offer, button=0).pack(), STRANGER, chat=GROUP)

    assert (chat.texts, chat.alerts, chat.outbox.told) == ([], [(None, False)], [])


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
    await chat.write("/take beboo", VIEWER)

    assert chat.texts == [
        "That is for admins.\nSee /help for what you can use.",
        "That is for users.\nSee /help for what you can use.",
    ]
    assert chat.desk.asked == []


async def test_a_role_counts_from_the_moment_it_is_given(chat):
    """Neither a command nor a button outlives the role it needs."""
    offer = await chat.offers.make(VIEWER, [Action("take", ("beboo", 1, 0))])
    await chat.people.grant(VIEWER, Role.USER, ADMIN)
    await chat.write("/take beboo", VIEWER)
    await chat.people.deny(VIEWER, ADMIN)
    await chat.press(ButtonData(offer=offer, button=0).pack(), VIEWER)
    await chat.write("/take beboo", VIEWER)

    assert [asked["user_id"] for asked in chat.desk.asked] == [VIEWER]
    assert chat.texts[-1].startswith("This is a private desk.")


async def test_names_are_kept_as_they_are_now(chat):
    """Who writes is known by the name they have, and is not taken for somebody who blocked the bot."""
    await chat.people.mark_blocked(VIEWER)
    await chat.write("/help", VIEWER)

    vera = chat.people.get(VIEWER)
    assert (vera.name, vera.username, vera.role, vera.blocked_at) == ("@boris", "boris", Role.VIEWER, None)


async def test_who_comes_back_is_told_what_has_waited_for_them(chat):
    """At the first message after they had blocked the bot, and only then."""
    await chat.write("/help", VIEWER)
    await chat.people.mark_blocked(VIEWER)
    await chat.write("/help", VIEWER)
    await chat.write("/my", VIEWER)

    assert chat.outbox.hastened == [VIEWER]


async def test_a_database_that_refuses_keeps_nobody_from_their_answer(chat):
    """A name that cannot be noted is noted the next time."""
    chat.store.broken = True
    await chat.write("/help", VIEWER)
    assert "What I can do" in chat.texts[0]

    chat.store.broken = False
    await chat.write("/help", VIEWER)
    assert chat.store.rows[VIEWER].name == "@boris"


async def test_who_has_blocked_the_bot_meanwhile_is_known_to_have(chat):
    """An answer that could not be given marks them, as a notice would; their next message takes it back."""
    chat.session.failures["SendMessage"] = [
        lambda method: TelegramForbiddenError(method, "Forbidden: bot was blocked by the user")
    ]
    await chat.write("/help", VIEWER)
    assert chat.people.is_blocked(VIEWER)

    await chat.write("/help", VIEWER)
    assert not chat.people.is_blocked(VIEWER)


async def test_an_error_in_a_group_is_told_in_private(chat):
    """What somebody holds, waits for or mistypes is nobody else's business; that it is not for them may be seen."""
    chat.desk.refusals = [OverLimit("held", 5, 5)]
    await chat.write("/take beboo 2", USER, GROUP)
    assert [USER, GROUP] == chat.sent_to
    assert ["At most 5 may be held ", "Sent to you privately."] == [text[:22] for text in chat.texts]

    await chat.write("/stats", USER, GROUP)
    assert (GROUP, "That is for admins.") == (chat.sent_to[-1], chat.texts[-1].splitlines()[0])
