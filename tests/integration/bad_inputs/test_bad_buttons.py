"""Buttons that are not the presser's, or nobody's: an alert, and no effect."""

from __future__ import annotations

import pytest

from bad_inputs.cases import is_fit_for_people
from bad_inputs.pressed_buttons import CASES, LAPSED, TOO_HIGH, WRITTEN, Pressed, Written
from bad_inputs.whole_desk import ANNA, BORIS, EVA, WholeDesk
from bot.models.offer import Action

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAKE_ONE = Action("take", ("beboo", 1, 0))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_forged_button_is_met_with_an_alert(desk: WholeDesk, case: Pressed) -> None:
    """Whatever a client sends: one alert, not a word in the chat, nothing changed."""
    mine, his = await desk.offer(EVA, TAKE_ONE), await desk.offer(BORIS, TAKE_ONE)
    data = case.data.format(mine=mine, his=his, MINE=mine.upper())
    message_id, _ = desk.last_message(case.by)
    answer, written = await desk.press(case.by, data, message_id)
    assert ({"text": case.alert, "alert": True, "answers": 1}, []) == (answer, written)
    assert {} == await desk.changes()


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
async def test_a_button_of_another_version_has_lapsed_or_is_understood(
    desk: WholeDesk, case: Written
) -> None:
    """An update of the bot leaves old buttons in chats: none of them fails, none does what was not meant."""
    offer, (message_id, _) = await desk.offer(ANNA, case.action), desk.last_message(ANNA)
    answer, written = await desk.press(ANNA, f"b:{offer}:0", message_id)
    assert 1 == answer["answers"]
    assert (LAPSED, []) == (answer["text"], written) or "" == answer["text"]
    assert is_fit_for_people(written)
    assert not any("went wrong" in text for text in written)
    assert {} == await desk.changes()


@pytest.mark.parametrize(("verb", "by", "alert"), TOO_HIGH)
async def test_a_right_that_was_lost_is_lost_for_buttons_too(
    desk: WholeDesk, verb: str, by: int, alert: str
) -> None:
    """A button that was given to somebody who may not use its command any more."""
    offer, (message_id, _) = await desk.offer(by, Action(verb, ())), desk.last_message(by)
    answer, written = await desk.press(by, f"b:{offer}:0", message_id)
    assert ({"text": alert, "alert": True, "answers": 1}, []) == (answer, written)
    assert {} == await desk.changes()
