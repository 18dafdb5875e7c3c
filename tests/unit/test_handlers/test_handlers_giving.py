"""Giving back: how, what came of it, and /release."""

from __future__ import annotations

import asyncio

import pytest
from chat_support import USER
from holding_support import HoldingChat, a_held

from bot.errors import StorageError
from bot.models.results import Failure, Reason

RECEIPT = "\n\n<i>1 proxy · request #1042 · sheet read 3 s ago</i>"


@pytest.fixture
async def chat():
    return await HoldingChat.opened()


async def ask_how(chat):
    """Open the only proxy there is, and go on to its return."""
    chat.hold(a_held(7))
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Give back")


async def test_giving_back_asks_what_has_become_of_it(chat):
    """Free it, keep it marked or report it: three taps from /my, and nothing done so far."""
    await ask_how(chat)

    assert chat.texts[-1] == (
        "How do you give <code>192.0.2.7:8080</code> (beboo) back?\n"
        "Not used: others can have it for beboo. Used up: nobody gets it for beboo again."
    )
    assert chat.labels == [
        "Not used: free it",
        "Used up: keep it marked",
        "Does not work: replace it",
        "‹ Back",
    ]
    assert chat.desk.calls == []


@pytest.mark.parametrize(
    ("label", "call", "text"),
    [
        (
            "Not used: free it",
            ("give back", USER, "a7"),
            "Given back: <code>192.0.2.7:8080</code> (beboo). Others can have it now.",
        ),
        (
            "Used up: keep it marked",
            ("spend", USER, "a7"),
            "Used up: <code>192.0.2.7:8080</code> (beboo). Nobody gets it for beboo again.",
        ),
    ],
)
async def test_it_is_done_once_however_often_it_is_tapped(chat, label, call, text):
    """The second tap gets the same answer, marked as a repetition."""
    await ask_how(chat)
    data = chat.data_of(label)
    await chat.press(data)
    await chat.press(data)

    assert chat.desk.calls == [call]
    assert chat.texts[-2:] == [text + RECEIPT, (text + RECEIPT).replace("ago</i>", "ago · repeated</i>")]
    assert chat.labels == ["My proxies"]


async def test_another_button_after_the_first_has_no_effect(chat):
    """What is not held any more cannot be marked either; one line says so."""
    await ask_how(chat)
    free, keep = chat.data_of("Not used: free it"), chat.data_of("Used up: keep it marked")
    await chat.press(free)
    await chat.press(keep)

    assert [call[0] for call in chat.desk.calls] == ["give back"]
    assert chat.texts[-1] == "You do not hold that proxy.\nSee /my for those you hold."


async def test_what_could_not_be_given_back_is_still_held(chat):
    """The answer says that nothing was changed, and why."""
    await ask_how(chat)
    chat.desk.failures = (Failure(7, Reason.SHEET_UNAVAILABLE),)
    await chat.tap("Not used: free it")

    assert chat.texts[-1] == (
        "Nothing was changed.\n\nStill yours:\nrow 7: Google did not answer in time\n"
        "\n<i>request #1042 · sheet read 3 s ago</i>"
    )


async def test_a_slow_return_says_that_it_is_being_checked(chat):
    """After 10 s the pressed message says so; the answer takes its place."""
    await ask_how(chat)
    chat.desk.gate.clear()
    tapping = asyncio.create_task(chat.tap("Not used: free it"))
    await chat.clock.tick(10)
    assert (
        chat.texts[-1] == "Being checked: giving back 1 proxy. Google is slow just now; the answer follows."
    )
    chat.desk.gate.set()
    await tapping

    assert chat.texts[-1].startswith("Given back:")
    assert len(chat.session.named("SendMessage")) == 1


async def test_an_error_of_ours_is_told_and_nothing_is_lost(chat):
    """The proxy stays where it is."""
    await ask_how(chat)
    chat.desk.refusals = [StorageError("disk full")]
    await chat.tap("Not used: free it")

    assert chat.texts[-1].startswith("I cannot write my records just now, so nothing was done.")
    assert len(chat.desk.holdings[USER]) == 1


async def test_release_without_a_word_shows_how_and_what(chat):
    """The usage, and below it the list with its buttons."""
    chat.hold(a_held(7))
    await chat.write("/release")

    assert chat.texts == [
        (
            "Say what you give back:\n"
            "/release 192.0.2.7 – that one\n"
            "/release 3 – so many of them\n"
            "/release all – everything\n"
            "\nYou hold 1 proxy.\n"
            "\n<b>beboo</b> (1)\n"
            "1 · <code>192.0.2.7:8080</code> · DE · 12 days"
        )
    ]
    assert chat.labels == ["1 · 192.0.2.7", "Get all as a file"]


@pytest.mark.parametrize(
    "words",
    ["192.0.2.7", "192.0.2.7:8080", "http://someone:secret@192.0.2.7:8080", "192.0.2.7:8080:user7:p<7>"],
)
async def test_a_host_that_fits_one_is_freed_at_once(chat, words):
    """With its port, its login, or neither."""
    chat.hold(a_held(7), a_held(8))
    await chat.write(f"/release {words}")

    assert chat.desk.calls == [("give back", USER, "a7")]
    assert chat.texts == [
        "Given back: <code>192.0.2.7:8080</code> (beboo). Others can have it now." + RECEIPT
    ]


async def test_a_host_that_fits_several_is_asked_about(chat):
    """The same proxy for two sites: nothing is freed unasked."""
    chat.hold(a_held(7), a_held(7, "avito"), a_held(8))
    await chat.write("/release 192.0.2.7")

    assert chat.texts == ["Several of yours fit. Which of them do you give back?"]
    assert chat.labels == ["192.0.2.7:8080 · avito", "192.0.2.7:8080 · beboo", "All 2"]
    assert chat.desk.calls == []
    await chat.tap("192.0.2.7:8080 · avito")
    assert chat.desk.calls == [("give back", USER, "b7")]


async def test_a_resource_stands_for_all_that_is_held_for_it(chat):
    """Shown first, then freed by one tap."""
    chat.hold(a_held(7), a_held(8), a_held(9, "avito"))
    await chat.write("/release beboo")
    await chat.tap("All 2")
    await chat.tap("Give back 2")

    assert chat.desk.calls == [("give back", USER, "a7", "a8")]


async def test_everything_is_shown_and_freed_by_one_tap(chat):
    """What is being checked stays; a doubled tap frees once."""
    chat.hold(a_held(7, days_left=3), a_held(8, "avito"), a_held(9, settled=False))
    await chat.write("/release all")

    assert chat.texts == [
        (
            "Give back these 2 proxies? Others can have them then.\n"
            "\n<code>192.0.2.8:8080</code> · avito · 12 days\n"
            "<code>192.0.2.7:8080</code> · beboo · 3 days\n"
            "\n1 more being checked: not given back now."
        )
    ]
    assert chat.labels == ["Give back 2", "Keep them"]
    assert chat.desk.calls == []
    confirm = chat.data_of("Give back 2")
    await chat.press(confirm)
    await chat.press(confirm)
    assert chat.desk.calls == [("give back", USER, "b8", "a7")]
    assert chat.texts[-2] == (
        "Given back: 2 proxies. Others can have them now."
        "\n\n<i>2 proxies · request #1042 · sheet read 3 s ago</i>"
    )


async def test_keeping_them_leads_back_to_the_list(chat):
    """A change of mind costs nothing."""
    chat.hold(a_held(7), a_held(8))
    await chat.write("/release all")
    await chat.tap("Keep them")

    assert chat.texts[-1].startswith("You hold 2 proxies.")
    assert chat.desk.calls == []


async def test_the_only_one_is_everything(chat):
    """One proxy needs no confirmation."""
    chat.hold(a_held(7))
    await chat.write("/release all")

    assert chat.desk.calls == [("give back", USER, "a7")]


async def test_a_number_that_can_mean_several_things_is_asked_about(chat):
    """So many of each resource, or that one of the list: the buttons say which."""
    chat.hold(*(a_held(row, days_left=row) for row in (7, 8, 9)), a_held(10, "avito"), a_held(11, "avito"))
    await chat.write("/release 2")

    assert chat.texts == ["“2” can mean several things. Which of them do you give back?"]
    assert chat.labels == [
        "2 of avito, fewest days left",
        "2 of beboo, fewest days left",
        "Number 2: 192.0.2.11:8080 · avito",
    ]
    await chat.tap("2 of beboo, fewest days left")
    assert chat.texts[-1] == (
        "Give back these 2 proxies? Others can have them then.\n"
        "\n<code>192.0.2.8:8080</code> · beboo · 8 days\n"
        "<code>192.0.2.7:8080</code> · beboo · 7 days"
    )
    assert chat.desk.calls == []


async def test_a_number_that_can_mean_one_thing_is_shown_first(chat):
    """More than one proxy is never freed without a tap."""
    chat.hold(a_held(7), a_held(8))
    await chat.write("/release 2")
    assert chat.labels == ["2 of beboo, fewest days left", "Number 2: 192.0.2.8:8080 · beboo"]
    await chat.write("/release 2")
    await chat.tap("2 of beboo, fewest days left")
    await chat.tap("Give back 2")

    assert chat.desk.calls == [("give back", USER, "a7", "a8")]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("3", "You do not hold 3 of one resource."),
        ("10.9.8.7", "You hold nothing that fits, or it is still being checked."),
        ("avito", "You hold nothing that fits, or it is still being checked."),
        ("0", "“0” does not work here: it is 1 to 999, in digits."),
        ("all of them", "Those are too many words: one host, one number or “all” is enough."),
    ],
)
async def test_words_that_mean_nothing_free_nothing(chat, words, answer):
    """One line what is wrong, one what to do."""
    chat.hold(a_held(7), a_held(8))
    await chat.write(f"/release {words}")

    assert chat.texts[0].split("\n")[0] == answer
    assert len(chat.texts[0].split("\n")) == 2
    assert chat.desk.calls == []


@pytest.mark.parametrize("words", ["all", "1"])
async def test_an_empty_hand_has_nothing_to_give_back(chat, words):
    """Neither all nor one."""
    await chat.write(f"/release {words}")

    assert chat.texts == [
        "You hold nothing that fits, or it is still being checked.\nSee /my for what you hold."
    ]


async def test_the_same_message_again_frees_nothing_more(chat):
    """A command that is delivered twice is one request, whatever is held by then."""
    message = chat.message("/release 192.0.2.7")
    chat.hold(a_held(7))
    await chat.feed(message=message)
    chat.hold(a_held(7, "avito"))
    await chat.feed(message=message)

    assert chat.desk.calls == [("give back", USER, "a7")]
    assert (
        chat.texts[-1] == "That was asked before, and is done or about to be.\nSee /my for what you hold now."
    )


async def test_a_late_command_frees_nothing(chat):
    """What was written long ago may not be meant any more."""
    chat.hold(a_held(7))
    await chat.write("/release 192.0.2.7", date=int(chat.clock.time()) - 3600)

    assert chat.texts == ["That was asked a while ago: please ask again."]
    assert chat.desk.calls == []


async def test_what_was_given_back_meanwhile_is_not_proposed(chat):
    """Choices may be older than what happened since."""
    chat.hold(a_held(7), a_held(7, "avito"))
    await chat.write("/release 192.0.2.7")
    chat.desk.holdings.clear()
    await chat.tap("All 2")

    assert chat.texts[-1] == "You do not hold that proxy.\nSee /my for those you hold."
