"""Requests and their answers as they are stored, and what a commit has to write down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.outcome import Outcome
from bot.models.request import Settlement, params_hash
from bot.models.results import Failure, Reason

IDS = st.lists(st.text(max_size=8), max_size=4).map(tuple)
SETTLEMENTS = st.builds(
    Settlement,
    taken=IDS,
    released=IDS,
    failures=st.lists(st.builds(Failure, st.integers(0, 10**6), st.sampled_from(Reason)), max_size=4).map(
        tuple
    ),
    available=st.none() | st.integers(0, 100),
    unknown=st.booleans(),
    reads=st.integers(0, 9),
    writes=st.integers(0, 9),
    read_at=st.floats(0, 4e9),
)


@given(SETTLEMENTS)
def test_an_answer_is_given_again_as_it_was(settlement: Settlement) -> None:
    """What was stored comes back equal: lists, reasons, numbers and what is absent."""
    assert settlement == Settlement.from_json(settlement.to_json())


def test_parameters_are_told_apart() -> None:
    """Value, type and order count, so that a key cannot come to mean another thing; equal ones agree."""
    hashes = [
        params_hash(*params) for params in [(7, "beboo"), ("beboo", 7), ("7", "beboo"), (7,), (7, (2, 3))]
    ]
    assert len(set(hashes)) == len(hashes)
    assert params_hash(7, (2, 3)) == params_hash(7, (2, 3))
    assert {32} == {len(each) for each in hashes}


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(taken=["a"]),
        Outcome(failed=["a"]),
        Outcome(released=["a"]),
        Outcome(kept=["a"]),
        Outcome(settlements={1: Settlement()}),
    ],
)
def test_an_outcome_with_anything_in_it_is_written(outcome: Outcome) -> None:
    """Only when nothing was proved there is nothing to journal."""
    assert Outcome().is_empty
    assert not outcome.is_empty
