"""Handing over: the colleague is asked, accepts or declines, and both know how it ended."""

from __future__ import annotations

import pytest
from chat_support import ADMIN, USER
from holding_support import ANNA, HoldingChat, a_held

from bot.errors import OverLimit
from bot.models.notice import Kind
from bot.models.person import Preferences

OVER = "That offer is over: the proxy was given back or handed to somebody else."
ABOUT = {"resource": "beboo", "address": "192.0.2.7:8080"}


@pytest.fixture
async def chat():
    chat = await HoldingChat.opened()
    chat.hold(a_held(7))
    return chat


async def offer_to_anna(chat):
    """Boris offers his proxy to Anna; her notice arrives."""
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Transfer")
    await chat.tap("@anna")
    await chat.receive()


async def test_a_colleague_is_chosen_by_name(chat):
    """Everybody who may hold proxies, but for oneself."""
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Transfer")

    assert chat.texts[-1] == (
        "Who gets <code>192.0.2.7:8080</code> (beboo)?\nThey are asked first; it stays yours until they accept."
    )
    assert chat.labels == ["@anna", "@chief", "‹ Back"]
    await chat.tap("‹ Back")
    assert chat.labels[0] == "Give back"


async def test_the_colleague_is_asked_and_nothing_changes_hands_yet(chat):
    """The notice tells no credentials; a doubled tap asks once."""
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Transfer")
    anna = chat.data_of("@anna")
    await chat.press(anna)
    await chat.press(anna)

    offer = ABOUT | {"allocation": "a7", "from_id": USER, "from_name": "@boris"}
    assert chat.outbox.notices == [(ANNA, Kind.TRANSFER, offer)]
    assert chat.desk.calls == []
    assert (
        chat.texts[-2:]
        == [
            (
                "@anna is asked whether they take <code>192.0.2.7:8080</code> (beboo).\n"
                "It stays yours until they accept; I will tell you."
            )
        ]
        * 2
    )


async def test_who_accepts_gets_the_credentials_and_its_giver_is_told(chat):
    """The notice becomes the proxy, written as its new holder likes it."""
    await chat.people.set_preferences(ANNA, Preferences(format="url"))
    await offer_to_anna(chat)
    assert chat.labels == ["Accept", "Decline"]
    await chat.tap("Accept", user=ANNA)

    assert chat.desk.calls == [("transfer", USER, ANNA, "a7")]
    assert chat.texts[-1] == (
        "Accepted: it is yours now.\n"
        "<b>beboo</b>, yours since 2026-11-22. Tap the line to copy it.\n"
        "<code>http://user7:p%3C7%3E@192.0.2.7:8080</code> · DE · 12 days\n"
        "Row 7 of the sheet."
    )
    assert chat.labels == ["Give back", "Transfer", "Does not answer: replace it", "‹ Back"]
    assert chat.outbox.notices[1:] == [(USER, Kind.ANSWERED, ABOUT | {"name": "@boris", "accepted": True})]


async def test_accepting_twice_hands_it_over_once(chat):
    """The second tap gets the same answer; the giver hears of it once."""
    await offer_to_anna(chat)
    accept = chat.data_of("Accept")
    await chat.press(accept, ANNA)
    await chat.press(accept, ANNA)

    assert len(chat.desk.calls) == 1
    assert chat.texts[-1] == chat.texts[-2]
    assert [kind for _, kind, _ in chat.outbox.notices] == [Kind.TRANSFER, Kind.ANSWERED]


async def test_who_declines_leaves_it_where_it_is(chat):
    """The giver is told, and still holds it."""
    await offer_to_anna(chat)
    await chat.tap("Decline", user=ANNA)

    assert chat.texts[-1] == "Declined; they are told. It stays with them."
    assert chat.outbox.notices[1:] == [(USER, Kind.ANSWERED, ABOUT | {"name": "@boris", "accepted": False})]
    assert (chat.desk.calls, len(chat.desk.holdings[USER])) == ([], 1)


@pytest.mark.parametrize("answer", ["Accept", "Decline"])
async def test_an_offer_of_what_was_given_away_meanwhile_is_over(chat, answer):
    """One line, no effect, and nobody is told what is not so."""
    await offer_to_anna(chat)
    chat.desk.holdings.clear()
    await chat.tap(answer, user=ANNA)

    assert chat.texts[-1] == OVER
    assert (chat.desk.calls, len(chat.outbox.notices)) == ([], 1)


async def test_declining_what_was_accepted_takes_nothing_back(chat):
    """Two taps in the same moment: the first one counts."""
    await offer_to_anna(chat)
    accept, decline = chat.data_of("Accept"), chat.data_of("Decline")
    await chat.press(accept, ANNA)
    await chat.press(decline, ANNA)

    assert chat.texts[-1] == OVER
    assert [data.get("accepted") for _, _, data in chat.outbox.notices] == [None, True]
    assert len(chat.desk.holdings[ANNA]) == 1


async def test_only_who_was_asked_can_accept(chat):
    """The giver cannot press the colleague's button, nor anybody else."""
    await offer_to_anna(chat)
    accept = chat.data_of("Accept")
    await chat.press(accept, USER)
    await chat.press(accept, ADMIN)

    assert chat.desk.calls == []


async def test_who_holds_too_many_already_is_told_and_it_stays_with_its_giver(chat):
    """The limit is the receiver's."""
    await offer_to_anna(chat)
    chat.desk.refusals = [OverLimit("held", 50, 50)]
    await chat.tap("Accept", user=ANNA)

    assert chat.texts[-1].startswith("At most 50 may be held at a time; you have 50.")
    assert len(chat.outbox.notices) == 1


async def test_what_is_not_held_any_more_is_offered_to_nobody(chat):
    """The choice of a colleague may be older than what happened since."""
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Transfer")
    chat.desk.holdings.clear()
    await chat.tap("@anna")

    assert chat.texts[-1] == "You do not hold that proxy.\nSee /my for those you hold."
    assert chat.outbox.notices == []


async def test_who_has_left_meanwhile_is_not_asked(chat):
    """Nobody waits for an answer that cannot come: the choice is shown again, without them."""
    await chat.write("/my")
    await chat.tap("1 · 192.0.2.7")
    await chat.tap("Transfer")
    anna = chat.data_of("@anna")
    await chat.people.mark_blocked(ANNA, 0.0)
    await chat.press(anna)

    assert chat.labels == ["@chief", "‹ Back"]
    assert chat.outbox.notices == []
