"""The line in chat: stand in it, get one's turn, take it or leave."""

from __future__ import annotations

import asyncio

import pytest
from browse_support import ANNA, BrowseChat, browse_chat
from chat_support import USER, a_proxy

from bot.models.offer import Action
from bot.services.line import TURN

LEFT = "You are not in that line any more.\nSend /proxies to see what is free."


@pytest.fixture
async def chat(tmp_path):
    async with browse_chat(tmp_path) as chat:
        chat.desk.fill("empty")
        yield chat


async def turn_comes(chat: BrowseChat) -> None:
    """One becomes free, and the first in line is told."""
    chat.desk.fill("empty", a_proxy(90))
    assert 1 == await chat.line.advance(chat.clock.time())
    await chat.receive()


async def stand_in_line(chat: BrowseChat, user: int = USER) -> str:
    """From /proxies; returns what the button carries."""
    await chat.write("/proxies", user)
    await chat.tap("empty · 0", user)
    assert chat.texts[-1] == "<b>empty</b>: none free.\nI can tell you when one is."
    return await chat.tap("Tell me when one is free", user)


async def test_when_none_is_free_one_can_be_told_when_one_is(chat: BrowseChat):
    """The position is shown, and a second tap says the same."""
    data = await stand_in_line(chat)
    shown = chat.texts[-1]
    assert shown == (
        "You are 1st in line for <b>empty</b>.\nWhen it is your turn, I write to you and reserve one for 10 min."
    )
    await chat.press(data)
    assert chat.texts[-1] == shown


async def test_the_screen_shows_who_stands_in_line_where_they_stand(chat: BrowseChat):
    """And lets them leave."""
    await chat.line.join(ANNA, "@anna", "empty")
    await chat.write("/proxies")
    await chat.tap("empty · 0")
    assert chat.texts[-1].splitlines()[1] == (
        "1 person stands in line before you. Stand in line too, and I tell you when it is your turn."
    )
    await chat.tap("Tell me when one is free")
    await chat.write("/proxies")
    await chat.tap("empty · 0")
    assert chat.texts[-1].splitlines()[1] == "You are 2nd in line: I write to you when it is your turn."
    await chat.tap("Leave the line for empty")
    assert chat.texts[-1] == LEFT
    assert chat.line.positions(USER) == []


async def test_a_turn_is_taken_by_one_tap(chat: BrowseChat):
    """The notice becomes the proxy; a second tap says the same."""
    await stand_in_line(chat)
    await turn_comes(chat)
    assert chat.texts[-1].startswith("It is your turn: one proxy for <b>empty</b> is reserved for you")
    take = await chat.tap("Take")
    answer = chat.texts[-1]
    assert answer.startswith("1 proxy for <b>empty</b>. Tap a line to copy it.\n<code>192.0.2.90:8080")
    await chat.press(take)
    assert chat.texts[-1] == answer.replace("</i>", " · repeated</i>")
    assert chat.line.positions(USER) == []


async def test_a_turn_that_is_not_wanted_goes_to_the_next(chat: BrowseChat):
    """“No thanks” ends the place; twice is the same."""
    await stand_in_line(chat)
    await chat.line.join(ANNA, "@anna", "empty")
    await turn_comes(chat)
    no = await chat.tap("No thanks")
    await chat.press(no)
    assert chat.texts[-2:] == [LEFT, LEFT]

    await chat.line.advance(chat.clock.time())
    assert [user for user, _, _ in chat.outbox.notices] == [USER, ANNA]


async def test_no_thanks_after_take_writes_nothing_over_the_proxy(chat: BrowseChat):
    """Both were tapped: the proxy stays on the screen."""
    await stand_in_line(chat)
    await turn_comes(chat)
    no = chat.data_of("No thanks")
    await chat.tap("Take")
    edits = len(chat.session.named("EditMessageText"))
    await chat.press(no)
    assert edits == len(chat.session.named("EditMessageText"))
    assert chat.texts[-1] == LEFT


async def test_a_turn_that_ran_out_is_told_as_one_line(chat: BrowseChat):
    """Ten minutes, and not a second more; one can stand in line anew."""
    await stand_in_line(chat)
    await turn_comes(chat)
    number = chat.line.positions(USER)[0].place
    take = await chat.offers.make(USER, [Action("take turn", (number.number, number.turn))], good_for=9999)
    await chat.clock.tick(TURN)
    await chat.press(f"b:{take}:0")
    assert chat.texts[-1] == "Those are not reserved for you any more.\nSend /proxies to choose again."
    assert chat.line.positions(USER) == []


async def test_a_turn_taken_in_time_does_not_run_out_while_google_is_slow(chat: BrowseChat):
    """It is being checked; the next in line waits for the next proxy."""
    await stand_in_line(chat)
    await turn_comes(chat)
    chat.desk.gate.clear()
    taking = asyncio.create_task(chat.tap("Take"))
    await asyncio.wait_for(chat.desk.taking.wait(), 10)
    await chat.clock.tick(TURN)
    assert chat.texts[-1] == "Being checked: 1 proxy. Google is slow just now; the answer follows."
    await chat.line.advance(chat.clock.time())
    chat.desk.gate.set()
    await taking
    assert chat.texts[-1].startswith("1 proxy for <b>empty</b>.")
    assert chat.line.positions(USER) == []


async def test_the_screen_offers_the_turn_that_has_come(chat: BrowseChat):
    """Whoever has deleted the notice finds it there."""
    await stand_in_line(chat)
    await turn_comes(chat)
    await chat.write("/proxies")
    await chat.tap("empty · 0")
    assert chat.texts[-1] == "<b>empty</b>: none free.\nIt is your turn: one is reserved for you."
    await chat.tap("Take it")
    assert chat.texts[-1].startswith("1 proxy for <b>empty</b>.")


@pytest.mark.parametrize("verb", ["line up", "take turn", "leave line"])
@pytest.mark.parametrize("args", [(), (None,), ("1", "2"), (1.5, 2)])
async def test_a_button_of_another_version_has_lapsed(chat: BrowseChat, verb: str, args: tuple[object, ...]):
    """One line, no effect, whatever its arguments are."""
    offer = await chat.offers.make(USER, [Action(verb, args)])
    await chat.press(f"b:{offer}:0")
    assert chat.alerts == [("This button is not yours or has lapsed. Send the command again.", True)]
    assert chat.line.positions(USER) == []
