"""Reporting what does not work, and replacing it in one step."""

from __future__ import annotations

import pytest
from chat_support import ADMIN, USER
from holding_support import HoldingChat, a_held

from bot.errors import NotEnough, NotYours, OthersWait, ResourceFrozen
from bot.models.notice import Kind
from bot.models.person import Preferences
from bot.models.results import Failure, Reason

GONE = "You do not hold that proxy.\nSee /my for those you hold."


@pytest.fixture
async def chat():
    chat = await HoldingChat.opened()
    chat.hold(a_held(7))
    chat.desk.given = [a_held(20), a_held(21)]
    return chat


async def open_it(chat):
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")


async def test_a_dead_one_is_replaced_in_one_step(chat):
    """The answer holds the fresh one's credentials, and says what became of the old one."""
    await open_it(chat)
    await chat.tap("Does not answer: replace it")

    assert chat.desk.calls == [("replace: dead", USER, "a7")]
    assert chat.texts[-1] == (
        "A fresh one for <b>beboo</b>. Tap the line to copy it.\n"
        "<code>192.0.2.20:8080:user20:p&lt;20&gt;</code> · DE · 12 days\n"
        "\nReported: <code>192.0.2.7:8080</code> (beboo) does not answer. Nobody gets it any more.\n"
        "\n<i>1 proxy · request #1042 · sheet read 3 s ago</i>"
    )
    assert chat.labels == ["My proxies"]


async def test_the_admins_hear_of_it_once(chat):
    """Who, which, what for and why; a doubled tap is no second report, and costs no second proxy."""
    await open_it(chat)
    data = chat.data_of("Does not answer: replace it")
    await chat.press(data)
    await chat.press(data)

    about = {"name": "@boris", "address": "192.0.2.7:8080", "resource": "beboo", "reason": "dead"}
    assert chat.outbox.notices == [(ADMIN, Kind.BAD, about)]
    assert len(chat.desk.calls) == 1
    assert chat.texts[-1] == chat.texts[-2].replace("ago</i>", "ago · repeated</i>")


async def test_the_fresh_one_is_written_as_the_person_likes_it(chat):
    """Here too."""
    await chat.people.set_preferences(USER, Preferences(format="url"))
    await open_it(chat)
    await chat.tap("Does not answer: replace it")

    assert "<code>http://user20:p%3C20%3E@192.0.2.20:8080</code>" in chat.texts[-1]


async def test_a_bad_one_is_replaced_with_its_reason(chat):
    """By way of giving it back: what is wrong, then at once another one."""
    await open_it(chat)
    await chat.tap("Give back")
    await chat.tap("Does not work: replace it")
    assert chat.texts[-1] == (
        "What is wrong with <code>192.0.2.7:8080</code> (beboo)?\nNobody gets it any more, and you get a fresh one."
    )
    assert chat.labels == ["It does not answer", "The site bans it", "It is too slow", "‹ Back"]

    await chat.tap("The site bans it")
    assert chat.desk.calls == [("replace: banned", USER, "a7")]
    assert "(beboo) is banned by the site. Nobody gets it any more." in chat.texts[-1]


async def test_when_none_of_its_kind_is_free_it_stays_and_there_are_two_ways_on(chat):
    """Any country, or only the report; nothing was marked, and nobody is told."""
    await open_it(chat)
    chat.desk.refusals = [NotEnough("beboo", 1, 0)]
    await chat.tap("Does not answer: replace it")

    assert chat.texts[-1] == (
        "No other one of the same country and protocol can be had for beboo now.\n"
        "<code>192.0.2.7:8080</code> is still yours."
    )
    assert chat.labels == ["Replace with any kind", "Only report it", "My proxies"]
    assert chat.outbox.notices == []

    await chat.tap("Replace with any kind")
    assert chat.desk.calls == [("replace: dead, any", USER, "a7")]


@pytest.mark.parametrize("refusal", [ResourceFrozen("beboo"), OthersWait("beboo", 2)], ids=repr)
async def test_while_nothing_is_handed_out_it_can_only_be_reported(chat, refusal):
    """Another country would be refused as well."""
    await open_it(chat)
    chat.desk.refusals = [refusal]
    await chat.tap("Does not answer: replace it")

    assert chat.texts[-1].startswith("No other one can be had for beboo now.\n")
    assert chat.labels == ["Only report it", "My proxies"]


async def test_when_none_at_all_is_free_it_can_only_be_reported(chat):
    """The button that would fail again is gone."""
    await open_it(chat)
    chat.desk.refusals = [NotEnough("beboo", 1, 0), NotEnough("beboo", 1, 0)]
    await chat.tap("Does not answer: replace it")
    await chat.tap("Replace with any kind")
    assert chat.texts[-1].startswith("No other one can be had for beboo now.\n")
    assert chat.labels == ["Only report it", "My proxies"]

    report = chat.data_of("Only report it")
    await chat.press(report)
    await chat.press(report)
    assert chat.desk.calls == [("bad: dead", USER, "a7")]
    assert chat.texts[-2] == (
        "Reported: <code>192.0.2.7:8080</code> (beboo) does not answer. Nobody gets it any more; the admins know.\n"
        "\n<i>1 proxy · request #1042 · sheet read 3 s ago</i>"
    )
    assert [kind for _, kind, _ in chat.outbox.notices] == [Kind.BAD]


async def test_a_replacement_that_the_sheet_did_not_confirm_is_not_claimed(chat):
    """No credentials, no report: nothing was marked."""
    await open_it(chat)
    chat.desk.failures = (Failure(20, Reason.SHEET_UNAVAILABLE),)
    await chat.tap("Does not answer: replace it")

    assert chat.texts[-1] == (
        "No fresh one could be given, so <code>192.0.2.7:8080</code> (beboo) is still yours.\n"
        "\nrow 20: Google did not answer in time\n"
        "\n<i>request #1042 · sheet read 3 s ago</i>"
    )
    assert chat.outbox.notices == []


async def test_one_that_the_sheet_does_not_show_yet_says_so(chat):
    """The mode is named where it is not the usual one."""
    await open_it(chat)
    chat.desk.pending = True
    await chat.tap("Does not answer: replace it")

    assert "\nSheet pending: it is yours; the sheet follows by itself.\n" in chat.texts[-1]


async def test_what_is_not_held_any_more_is_neither_replaced_nor_reported(chat):
    """One line, and no effect."""
    await open_it(chat)
    chat.desk.refusals = [NotYours()]
    await chat.tap("Does not answer: replace it")

    assert chat.texts[-1] == GONE
    assert (chat.desk.calls, chat.outbox.notices) == ([], [])


async def test_bad_asks_what_is_wrong_and_what_is_wanted(chat):
    """Named by its host: two taps to a fresh one, and nothing is done before the last."""
    await chat.write("/bad 192.0.2.7")
    assert chat.texts == ["What is wrong with <code>192.0.2.7:8080</code> (beboo)?"]
    assert chat.labels == ["It does not answer", "The site bans it", "It is too slow"]

    await chat.tap("It is too slow")
    assert chat.texts[-1] == (
        "<code>192.0.2.7:8080</code> (beboo) is too slow. Do you want another one for it?\nNothing was done yet."
    )
    assert chat.labels == ["Replace it", "Only report it"]
    assert chat.desk.calls == []
    await chat.tap("Replace it")
    assert chat.desk.calls == [("replace: slow", USER, "a7")]


async def test_bad_with_a_reason_asks_only_what_is_wanted(chat):
    """Who knows the words saves a tap."""
    await chat.write("/bad 192.0.2.7:8080 Banned")
    await chat.tap("Only report it")

    assert chat.desk.calls == [("bad: banned", USER, "a7")]


async def test_bad_asks_which_of_several(chat):
    """The same host for two sites."""
    chat.hold(a_held(7, "avito"))
    await chat.write("/bad 192.0.2.7 dead")
    assert chat.texts == ["Several of yours fit. Which of them does not work?"]
    assert chat.labels == ["192.0.2.7:8080 · avito", "192.0.2.7:8080 · beboo"]

    await chat.tap("192.0.2.7:8080 · avito")
    assert chat.texts[-1].startswith("<code>192.0.2.7:8080</code> (avito) does not answer.")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "Say which proxy does not work."),
        ("10.9.8.7", "You hold nothing that fits, or it is still being checked."),
        ("192.0.2.7 broken", "“broken” is no reason: dead, banned, slow, other are."),
        ("192.0.2.7 very slow", "Those are too many words: a host and a reason are enough."),
        ("3", "“3” is no host."),
    ],
)
async def test_bad_without_a_proxy_of_ones_own_reports_nothing(chat, words, answer):
    """One line what is wrong, one what to do."""
    await chat.write(f"/bad {words}")

    assert chat.texts[0].split("\n")[0] == answer
    assert (chat.desk.calls, chat.outbox.notices) == ([], [])
