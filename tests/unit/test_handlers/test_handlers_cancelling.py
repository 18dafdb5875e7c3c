"""/cancel: nothing is reserved, no button works, the places in line stay."""

from __future__ import annotations

from typing import Any

import pytest
from browse_support import ANNA, BrowseChat, browse_chat
from chat_support import USER, a_proxy

from bot.models.notice import Kind
from bot.services.offers import AWAITED
from bot.services.previews import GRACE
from bot.views.commands import ROLE_OF_VERB
from bot.views.notices import WEEK


@pytest.fixture
async def chat(tmp_path):
    async with browse_chat(tmp_path) as chat:
        chat.desk.fill("empty")
        yield chat


async def test_cancel_drops_what_is_reserved_and_says_how_many(chat: BrowseChat):
    """Others' reservations stay; the preview's message says soon that it promises nothing any more."""
    await chat.look(5)
    await chat.look(2, "tinder", ANNA)
    await chat.write("/cancel")

    assert chat.texts[-1] == (
        "5 proxies are not reserved for you any more.\nOlder buttons for choosing do nothing now."
    )
    assert [kept.user_id for kept in chat.desk.kept.values()] == [ANNA]
    assert 1 == await chat.previews.lapse(chat.clock.time() + GRACE)
    [(user, kind, data)] = chat.outbox.notices
    assert (user, kind, data["message_id"]) == (USER, Kind.PREVIEW_LAPSED, 77)


async def test_with_nothing_reserved_it_says_so(chat: BrowseChat):
    """As often as it is sent."""
    await chat.write("/cancel")
    await chat.write("/cancel")
    text = "Nothing was reserved for you.\nOlder buttons for choosing do nothing now."
    assert chat.texts == [text, text]


async def test_older_buttons_have_lapsed(chat: BrowseChat):
    """One line, no effect."""
    await chat.look(5)
    take = chat.data_of("Take 5")
    await chat.write("/cancel")
    await chat.press(take)
    assert chat.alerts[-1] == ("This button is not yours or has lapsed. Send the command again.", True)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            Kind.TRANSFER,
            {
                "allocation": "id000001",
                "resource": "beboo",
                "address": "192.0.2.7:8080",
                "from_id": ANNA,
                "from_name": "@anna",
            },
        ),
        (Kind.ACCESS, {"user_id": 9, "name": "@clara"}),
        (Kind.REMOVALS, {"count": 40, "people": 3, "latest": 1.0}),
    ],
)
async def test_what_others_wait_for_can_be_answered_still(chat: BrowseChat, kind: Kind, data: dict[str, Any]):
    """However little time is left for it: /cancel is about what one has begun oneself."""
    await chat.outbox.tell(USER, kind, {**data, "until": chat.clock.time() + 3600}, "key")
    await chat.receive()
    asked = set(chat.offer_store.kept)
    await chat.clock.tick(60 if kind is Kind.TRANSFER else WEEK - 3600)
    await chat.write("/cancel")
    assert asked <= set(chat.offer_store.kept)


def test_the_answers_that_stay_are_buttons_there_are():
    """Each of them has its right in the table of commands."""
    assert set(ROLE_OF_VERB) >= AWAITED


async def test_places_in_line_stay_and_can_be_left(chat: BrowseChat):
    """They are named with their position; the button works, it is new."""
    await chat.line.join(ANNA, "@anna", "empty")
    await chat.line.join(USER, "@boris", "empty")
    await chat.write("/cancel")
    assert chat.texts[-1].splitlines()[-1] == "You are still in line: empty (2nd)."
    await chat.tap("Leave the line for empty")
    assert chat.line.positions(USER) == []


async def test_a_turn_is_dropped_with_what_was_kept_for_it(chat: BrowseChat):
    """It goes to the next in line, not to the same person again."""
    await chat.line.join(USER, "@boris", "empty")
    await chat.line.join(ANNA, "@anna", "empty")
    chat.desk.fill("empty", a_proxy(90))
    await chat.line.advance(chat.clock.time())
    await chat.write("/cancel")

    assert chat.texts[-1].startswith("1 proxy is not reserved for you any more.")
    assert chat.line.positions(USER) == []
    await chat.line.advance(chat.clock.time())
    assert [user for user, _, _ in chat.outbox.notices] == [USER, ANNA]
