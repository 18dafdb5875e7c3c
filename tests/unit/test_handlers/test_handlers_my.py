"""/my: the list, one of it with its credentials, and the file."""

from __future__ import annotations

import pytest
from chat_support import GROUP, USER
from holding_support import ANNA, HoldingChat, a_held

from bot.models.person import Preferences


@pytest.fixture
async def chat():
    return await HoldingChat.opened()


async def test_the_list_shows_everything_but_credentials(chat):
    """By resource, best first, numbered as /release counts; no password is on the screen."""
    chat.hold(a_held(7, days_left=3), a_held(8, "avito"), a_held(9, days_left=20))
    await chat.write("/my")

    assert chat.texts == [
        (
            "You hold 3 proxies.\n"
            "\n<b>avito</b> (1)\n"
            "1 · <code>192.0.2.8:8080</code> · DE · 12 days\n"
            "\n<b>beboo</b> (2)\n"
            "2 · <code>192.0.2.9:8080</code> · DE · 20 days\n"
            "3 · <code>192.0.2.7:8080</code> · DE · 3 days"
        )
    ]
    assert chat.labels == ["1 · 192.0.2.8", "2 · 192.0.2.9", "3 · 192.0.2.7", "Get all as a file"]


async def test_an_empty_hand_is_told_how_to_fill_it(chat):
    """One tap from choosing."""
    await chat.write("/my")

    assert chat.texts == [
        "You hold no proxies.\nChoose some with /proxies, or send for example /take beboo 5."
    ]
    assert chat.labels == ["Choose proxies"]


async def test_pages_are_turned_in_place(chat):
    """Eight a page; the same message shows the next ones."""
    chat.hold(*(a_held(row) for row in range(10, 22)))
    await chat.write("/my")
    assert chat.texts[-1].startswith("You hold 12 proxies. Page 1 of 2.")
    assert len(chat.labels) == 8 + 1 + 1

    await chat.tap("Next ›")
    assert chat.texts[-1].startswith("You hold 12 proxies. Page 2 of 2.\n\n<b>beboo</b> (12)\n9 · ")
    assert chat.labels == [
        *("9 · 192.0.2.18", "10 · 192.0.2.19", "11 · 192.0.2.20", "12 · 192.0.2.21"),
        *("‹ Previous", "Get all as a file"),
    ]
    assert [edit.message_id for edit in chat.session.named("EditMessageText")] == [77]


async def test_a_page_that_is_gone_shows_the_last_one(chat):
    """Giving back what filled the page does not lead into nothing."""
    chat.hold(*(a_held(row) for row in range(10, 22)))
    await chat.write("/my")
    last_page = chat.data_of("Next ›")
    del chat.desk.holdings[USER][3:]
    await chat.press(last_page)

    assert chat.texts[-1].startswith("You hold 3 proxies.\n")


async def test_one_is_opened_with_its_credentials_and_what_can_be_done(chat):
    """Tap to copy; the way back leads to the page it came from."""
    chat.hold(a_held(7, note="fast <one>"))
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")

    assert chat.texts[-1] == (
        "<b>beboo</b>, yours since 2026-11-22. Tap the line to copy it.\n"
        "<code>192.0.2.7:8080:user7:p&lt;7&gt;</code> · DE · 12 days\n"
        "Row 7 of the sheet.\n"
        "Note: fast &lt;one&gt;"
    )
    assert chat.labels == ["Give back", "Transfer", "Does not answer: replace it", "‹ Back"]
    await chat.tap("‹ Back")
    assert chat.texts[-1].startswith("You hold 1 proxy.")


async def test_credentials_are_written_as_the_person_likes_them(chat):
    """The chosen form is used when one is shown."""
    await chat.people.set_preferences(USER, Preferences(format="url"))
    chat.hold(a_held(7))
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")

    assert "<code>http://user7:p%3C7%3E@192.0.2.7:8080</code>" in chat.texts[-1]


async def test_what_is_being_checked_shows_no_credentials_and_can_be_looked_at_again(chat):
    """Until the sheet has confirmed, it may be somebody else's."""
    chat.hold(a_held(7, settled=False))
    await chat.write("/my")
    assert chat.labels == ["1 · 192.0.2.7"]
    await chat.tap("1 · 192.0.2.7")

    assert chat.texts[-1] == (
        "<code>192.0.2.7:8080</code> (beboo) is being checked: Google has not confirmed it yet.\n"
        "Look again in a minute."
    )
    assert chat.labels == ["Look again", "‹ Back"]


async def test_one_that_is_not_held_any_more_is_not_shown(chat):
    """A list may be older than what happened since."""
    chat.hold(a_held(7))
    await chat.write("/my")
    chat.desk.holdings.clear()
    await chat.tap("1 · 192.0.2.7")

    assert chat.texts[-1] == "You do not hold that proxy.\nSee /my for those you hold."


async def test_nobody_else_can_press_the_buttons(chat):
    """A button is its owner's, even for somebody who guesses what it carries."""
    chat.hold(a_held(7))
    await chat.write("/my")
    before = list(chat.texts)
    await chat.tap("1 · 192.0.2.7", user=ANNA)

    assert chat.texts == before


async def test_in_a_group_the_list_goes_into_the_private_chat(chat):
    """What one holds is nobody else's business."""
    chat.hold(a_held(7))
    await chat.write("/my", chat=GROUP)

    assert chat.sent_to == [USER, GROUP]
    assert "192.0.2.7" not in chat.texts[1]


async def test_all_of_one_resource_come_as_a_file_beside_the_list(chat):
    """One a line, what is not settled left out; the list stays where it is."""
    chat.hold(a_held(7), a_held(8, days_left=20), a_held(9, settled=False))
    await chat.write("/my")
    await chat.tap("Get all as a file")

    assert chat.texts[-1] == "2 proxies for beboo, one a line, written as host:port:user:pass."
    assert chat.session.named("EditMessageText") == []
    [sent] = chat.session.named("SendDocument")
    assert (sent.chat_id, sent.document.filename) == (USER, "beboo-2.txt")
    assert sent.document.data == b"192.0.2.8:8080:user8:p<8>\n192.0.2.7:8080:user7:p<7>\n"


async def test_of_several_resources_one_is_chosen_first(chat):
    """A file for a tool holds the proxies of one site."""
    chat.hold(a_held(7), a_held(8, "avito"), a_held(9, "avito"))
    await chat.write("/my")
    await chat.tap("Get all as a file")
    assert chat.texts[-1] == "Which of them shall be in the file?"
    assert chat.labels == ["avito (2)", "beboo (1)", "All (3)"]
    everything = chat.data_of("All (3)")

    await chat.tap("avito (2)")
    await chat.press(everything)
    names = [sent.document.filename for sent in chat.session.named("SendDocument")]
    assert names == ["avito-2.txt", "proxies-3.txt"]
    assert chat.texts[-1] == "3 proxies, one a line, written as host:port:user:pass."


async def test_a_file_of_nothing_is_refused(chat):
    """What was given back meanwhile is in no file."""
    chat.hold(a_held(7))
    await chat.write("/my")
    chat.desk.holdings.clear()
    await chat.tap("Get all as a file")

    assert chat.texts[-1].startswith("You do not hold that proxy.")
    assert chat.session.named("SendDocument") == []


async def test_start_reminds_of_what_is_held(chat):
    """The message that showed it may never have arrived."""
    chat.hold(a_held(7), a_held(8))
    await chat.write("/start")
    assert chat.texts[-1].endswith("\nYou hold 2 proxies: see /my.")
