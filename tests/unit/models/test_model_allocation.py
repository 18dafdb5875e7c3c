"""What a state means for an allocation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from model_makers import allocation

from bot.models.allocation import HELD, LIVE, SPENT_REASON, State
from bot.models.results import BadReason


@pytest.mark.parametrize("state", sorted(State))
def test_what_somebody_has_or_is_about_to_have_is_held(state: State) -> None:
    """From the queue on until it is out of the sheet again."""
    assert (state in HELD) == allocation(2, state=state).is_held


@pytest.mark.parametrize(
    ("reason", "before", "held"),
    [
        (None, State.TAKEN, True),
        (SPENT_REASON, State.SPENT, False),
        *((reason, State.BAD, False) for reason in BadReason),
    ],
)
def test_what_is_on_its_way_out_knows_what_it_was(reason: str | None, before: State, held: bool) -> None:
    """So that it can be that again; what nobody held before is nobody's meanwhile."""
    leaving = replace(allocation(2, state=State.RELEASING), reason=reason)
    assert (before, held) == (leaving.before_leaving, leaving.is_held)


@pytest.mark.parametrize("state", sorted(State))
def test_what_only_time_ends_is_not_firm(state: State) -> None:
    """Live, and no reservation."""
    assert (state in LIVE and state is not State.RESERVED) == allocation(2, state=state).is_firm
