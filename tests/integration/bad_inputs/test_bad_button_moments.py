"""Buttons that were right once, pressed at the wrong moment or in the wrong place: one effect at most."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bad_inputs.pressed_buttons import DOOR, FOR_USERS, LAPSED
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import ANNA, BORIS, EVA, Json, WholeDesk, pool_rows, whole_desk
from bot.models.offer import Action
from bot.models.role import Role

ALERT = {"text": LAPSED, "alert": True, "answers": 1}
TAKEN = "1 proxy for beboo. Tap a line to copy it."


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """A desk of its own for each test: clocks jump, bots restart."""
    async with whole_desk(tmp_path, pool_rows()) as desk:
        yield desk


async def offered(desk: WholeDesk, user: int = EVA) -> tuple[int, str]:
    """A message with a button that takes one proxy for `beboo`, and the button's data."""
    await desk.writes(user, "/take scarce 4")
    message_id, buttons = desk.last_message(user)
    offer = await desk.offer(user, Action("take", ("beboo", 1, 1)))
    assert ["Take 3"] == list(buttons)
    return message_id, f"b:{offer}:0"


async def taken(desk: WholeDesk) -> int:
    """How many proxies anybody holds."""
    return (await desk.bench.service.get_stats()).taken


async def test_a_button_lapses(desk: WholeDesk) -> None:
    """Ten minutes later it does nothing, and says so; after a restart too."""
    message_id, data = await offered(desk)
    desk.clock.jump(601)
    assert (ALERT, []) == await desk.press(EVA, data, message_id)
    await desk.stop()
    await desk.start()
    assert (ALERT, []) == await desk.press(EVA, data, message_id)
    assert 0 == await taken(desk)


async def test_a_button_outlives_a_restart(desk: WholeDesk) -> None:
    """What was offered before is offered still."""
    message_id, data = await offered(desk)
    await desk.stop()
    await desk.start()
    _, [answer] = await desk.press(EVA, data, message_id)
    assert answer.startswith(TAKEN)
    assert 1 == await taken(desk)


async def test_after_cancel_no_button_works(desk: WholeDesk) -> None:
    """/cancel drops every offer of whoever sends it."""
    message_id, data = await offered(desk)
    await desk.writes(EVA, "/cancel")
    assert (ALERT, []) == await desk.press(EVA, data, message_id)
    assert 0 == await taken(desk)


async def test_a_right_that_was_taken_away(desk: WholeDesk) -> None:
    """A viewer reads for whom it is; who was thrown out reads what strangers read."""
    message_id, data = await offered(desk)
    await desk.bench.desk.people.grant(EVA, Role.VIEWER, ANNA)
    assert ({**ALERT, "text": FOR_USERS}, []) == await desk.press(EVA, data, message_id)
    await desk.bench.desk.people.deny(EVA, ANNA)
    door = DOOR.replace("id is 10", f"id is {EVA}")
    assert ({**ALERT, "text": door}, []) == await desk.press(EVA, data, message_id)
    assert 0 == await taken(desk)


async def test_a_press_that_comes_twice_takes_once(desk: WholeDesk) -> None:
    """Tapped again, or told of again by Telegram: the same proxy, the same request."""
    message_id, data = await offered(desk)
    _, [first] = await desk.press(EVA, data, message_id)
    _, [second] = await desk.press(EVA, data, message_id)
    assert first.splitlines()[:2] == second.splitlines()[:2]
    assert "repeated" in second
    update_id = desk.telegram.updates.next_id - 1
    assert [] == await desk.again(update_id)
    assert 1 == await taken(desk)


async def test_a_press_too_late_to_be_answered_works_all_the_same(desk: WholeDesk) -> None:
    """Telegram refuses to end the spinner; the proxies come all the same, and what would be an alert is written."""
    message_id, data = await offered(desk)
    desk.faults.add({"kind": "status", "status": 400, "path": "/answerCallbackQuery"})
    _, [answer] = await desk.press(EVA, data, message_id)
    assert answer.startswith(TAKEN)
    assert ({"text": "", "alert": False, "answers": 0}, [LAPSED]) == await desk.press(
        EVA, "b:a:0", message_id
    )
    assert 1 == await taken(desk)


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"message": None}, id="no message"),
        pytest.param({"message": None, "inline_message_id": "AAAA"}, id="an inline message"),
        pytest.param(
            {"message": {"chat": {"id": EVA, "type": "private"}, "message_id": 5, "date": 0}},
            id="too old to be shown",
        ),
    ],
)
async def test_an_answer_needs_no_message(desk: WholeDesk, where: Json) -> None:
    """The message with the button cannot be edited: the answer is a new one, in private."""
    _, data = await offered(desk)
    callback = desk.callback(EVA, data=data, **where)
    [(chat, answer)] = await desk.brings({"callback_query": callback})
    assert (EVA, True, 1) == (chat, answer.startswith(TAKEN), await taken(desk))


async def test_a_message_that_was_deleted_meanwhile(desk: WholeDesk) -> None:
    """The same: what cannot be edited is written anew."""
    message_id, data = await offered(desk)
    shown = {"message_id": message_id + 500, "date": int(desk.clock.time()), "text": "gone"}
    message = {**shown, "chat": {"id": EVA, "type": "private"}, "from": desk.person(desk.telegram.bot.id)}
    [(chat, answer)] = await desk.brings({"callback_query": desk.callback(EVA, data=data, message=message)})
    assert (EVA, True, 1) == (chat, answer.startswith(TAKEN), await taken(desk))


async def test_a_button_in_a_group_answers_in_private(desk: WholeDesk) -> None:
    """A copied button of one's own may be pressed anywhere; whatever is said to that is said in private."""
    _, data = await offered(desk)
    group: dict[str, Any] = {"id": desk.group, "type": "supergroup", "title": "Team"}
    message = {"message_id": 5, "date": int(desk.clock.time()), "text": "x", "chat": group}
    heard = await desk.brings({"callback_query": desk.callback(EVA, data=data, message=message)})
    assert [EVA] == [chat for chat, _ in heard]
    heard = await desk.brings({"callback_query": desk.callback(BORIS, data=data, message=message)})
    assert ([(BORIS, LAPSED)], 1) == (heard, await taken(desk))


OTHER_BOT = {"id": 555, "is_bot": True, "first_name": "Other", "username": "other_bot"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"data": None}, [(EVA, LAPSED)], id="no data"),
        pytest.param({"data": None, "game_short_name": "chess"}, [(EVA, LAPSED)], id="a game"),
        pytest.param({"from": OTHER_BOT}, [], id="a bot"),
    ],
)
async def test_a_press_without_sense_takes_nothing(
    desk: WholeDesk, changes: Json, says: list[tuple[int, str]]
) -> None:
    """People read that the button is none, bots nothing; the next press works."""
    message_id, data = await offered(desk)
    assert says == await desk.brings({"callback_query": desk.callback(EVA, **({"data": data} | changes))})
    assert 0 == await taken(desk)
    _, [answer] = await desk.press(EVA, data, message_id)
    assert answer.startswith(TAKEN)


async def test_another_persons_chat_is_left_alone(desk: WholeDesk) -> None:
    """A press that claims to come from somebody else's chat is answered in the presser's own."""
    _, data = await offered(desk)
    message = {
        "message_id": 5,
        "date": int(desk.clock.time()),
        "text": "x",
        "chat": {"id": BORIS, "type": "private"},
    }
    heard = await desk.brings({"callback_query": desk.callback(EVA, data=data, message=message)})
    assert [EVA] == [chat for chat, _ in heard]


TRIED = {
    Promise.BUTTON_OUT_OF_TIME: (
        test_a_button_lapses,
        test_a_button_outlives_a_restart,
        test_after_cancel_no_button_works,
        test_a_right_that_was_taken_away,
        test_a_press_that_comes_twice_takes_once,
        test_a_press_too_late_to_be_answered_works_all_the_same,
    ),
    Promise.BUTTON_OUT_OF_PLACE: (
        test_an_answer_needs_no_message,
        test_a_message_that_was_deleted_meanwhile,
        test_a_button_in_a_group_answers_in_private,
        test_a_press_without_sense_takes_nothing,
        test_another_persons_chat_is_left_alone,
    ),
}
