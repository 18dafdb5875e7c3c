"""So many requests a minute and person: one notice, then silence, and nobody else notices."""

from __future__ import annotations

import pytest
from aiogram.exceptions import TelegramNetworkError
from chat_support import GROUP, STRANGER, USER
from people_support import TRADER, PeopleDesk, a_person, desk_of

from bot.handlers.filters import ButtonData
from bot.models.offer import Action
from bot.models.role import Role

NOTICE = "That was more than 60 requests in a minute.\nWait a little: until then I answer nothing you send."


@pytest.fixture
async def chat() -> PeopleDesk:
    return await desk_of(a_person(TRADER, "theo", Role.TRADER))


async def flood(chat: PeopleDesk, count: int, user: int = USER, text: str = "/take beboo") -> None:
    for _ in range(count):
        await chat.write(text, user)


async def test_a_hundred_commands_in_a_second_are_answered_sixty_times(chat):
    """Then comes one notice, and nothing is done any more."""
    await flood(chat, 100)

    assert len(chat.desk.asked) == 60
    assert chat.texts[60:] == [NOTICE]


async def test_others_are_unharmed(chat):
    """Each person has an account of their own."""
    await flood(chat, 100)
    await chat.write("/take beboo", TRADER)

    assert chat.desk.asked[-1]["user_id"] == TRADER


async def test_what_comes_back_is_one_request_a_second(chat):
    """Who goes on flooding is served at the pace, without a notice for each."""
    await flood(chat, 70)
    for _ in range(5):
        await chat.clock.tick(1)
        await flood(chat, 3)

    assert len(chat.desk.asked) == 65
    assert chat.texts.count(NOTICE) == 1


async def test_after_a_calm_minute_all_is_as_before(chat):
    """A minute without requests gives a minute's worth, and a new flood a new notice."""
    await flood(chat, 61)
    await chat.clock.tick(60)
    await flood(chat, 61)

    assert len(chat.desk.asked) == 120
    assert chat.texts.count(NOTICE) == 2


async def test_presses_count_and_their_spinner_ends(chat):
    """The first that is too much says so over the screen, the others end without a word."""
    offer = await chat.offers.make(USER, [Action("take", ("beboo", 1, 0))])
    data = ButtonData(offer=offer, button=0).pack()
    await flood(chat, 59)
    for _ in range(4):
        await chat.press(data)

    assert len(chat.desk.asked) == 60
    assert chat.alerts == [(None, False), (NOTICE, True), (None, False), (None, False)]


async def test_strangers_count_too(chat):
    """Sixty lines and a notice are all that a stranger can make the bot say in a minute."""
    await flood(chat, 100, STRANGER, "let me in")

    assert len(chat.texts) == 61
    assert chat.texts[-1] == NOTICE
    assert len(chat.offer_store.kept) == 60


async def test_a_group_does_not_read_of_it(chat):
    """What is too much in a group is met with silence; the notice waits for the private chat."""
    for _ in range(61):
        await chat.write("/take beboo", USER, chat=GROUP)
    assert (len(chat.desk.asked), NOTICE in chat.texts) == (60, False)

    await chat.write("/take beboo")
    assert chat.texts[-1] == NOTICE


async def test_talk_in_a_group_is_no_request(chat):
    """Who talks much to others may still ask."""
    for _ in range(100):
        await chat.write("good morning", USER, chat=GROUP)
    await chat.write("/take beboo")

    assert len(chat.desk.asked) == 1


async def test_a_notice_that_cannot_be_sent_is_let_be(chat):
    """Telegram away while somebody floods the bot is no reason to keep their updates open."""
    await flood(chat, 60)
    chat.session.failures["SendMessage"] = [lambda method: TelegramNetworkError(method, "reset")]
    await flood(chat, 2)

    assert len(chat.desk.asked) == 60


async def test_the_bound_is_a_setting():
    """REQUESTS_PER_MINUTE says how much, and the notice says how much that is."""
    chat = await desk_of(requests_per_minute=3)
    await flood(chat, 5)

    assert len(chat.desk.asked) == 3
    assert chat.texts[-1].startswith("That was more than 3 requests in a minute.")


async def test_edits_and_posts_of_others_cost_nobody_anything(chat):
    """What is not acted on is not counted."""
    for _ in range(70):
        await chat.feed(edited_message=chat.message("/take beboo") | {"edit_date": 1})
    await chat.write("/take beboo")

    assert len(chat.desk.asked) == 1
