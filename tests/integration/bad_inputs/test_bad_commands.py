"""Commands that make no sense: one answer each, in the promised words, and nothing changes."""

from __future__ import annotations

import pytest

from bad_inputs import typed_admin, typed_market, typed_own, typed_take, typed_trade
from bad_inputs.cases import Typed, is_fit_for_people, told
from bad_inputs.whole_desk import WholeDesk

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES = (
    *typed_take.CASES,
    *typed_own.CASES,
    *typed_admin.CASES,
    *typed_trade.CASES,
    *typed_market.CASES,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_bad_command_is_answered_and_changes_nothing(desk: WholeDesk, case: Typed) -> None:
    """One answer, of the promised lines, in private; journal, people, orders, alerts and sheet stay as they are."""
    [(chat, answer)] = await desk.brings({"message": desk.message(case.text, case.by)})
    assert (case.by, case.says) == (chat, told(case.says, answer))
    assert is_fit_for_people([answer])
    assert {} == await desk.changes()
