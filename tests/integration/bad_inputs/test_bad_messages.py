"""Messages that are no commands typed here and now: one answer or none, never an effect."""

from __future__ import annotations

import pytest

from bad_inputs.cases import is_fit_for_people, told
from bad_inputs.sending import Sent
from bad_inputs.sent_messages import CASES, PRIVATELY
from bad_inputs.whole_desk import EVA, WholeDesk

pytestmark = pytest.mark.asyncio(loop_scope="module")

_BY_NEWCOMERS = [case for case in CASES if case.by is None]
NEWCOMERS = range(100, 100 + len(_BY_NEWCOMERS))  # users to whom nothing was said before


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.promise.name}: {case.name}")
async def test_a_message_is_answered_once_or_not_at_all(desk: WholeDesk, case: Sent) -> None:
    """Who has something to hear hears it where they asked; the bot lives on, and nothing has changed."""
    user = case.by or NEWCOMERS[_BY_NEWCOMERS.index(case)]
    heard = await desk.brings(*case.make(desk, user))
    place = desk.group if case.in_group else user
    expected = [] if case.says is None else [(place, case.says)]
    assert expected == [(chat, told(case.says or "", answer)) for chat, answer in heard]
    assert is_fit_for_people(answer for _, answer in heard)
    assert {} == await desk.changes()


async def test_a_group_reads_only_that_there_was_an_answer(desk: WholeDesk) -> None:
    """What is offered to one person stands in their private chat."""
    message = desk.message("/take scarce 10", EVA, desk.group)
    heard = dict(await desk.brings({"message": message}))
    assert PRIVATELY == heard[desk.group]
    assert "Only 3 of 10 are free for scarce. Nothing was taken." == heard[EVA]
    assert {} == await desk.changes()
