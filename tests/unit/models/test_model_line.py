"""The line as it stands in memory."""

from __future__ import annotations

from bot.models.line import Line, Place

ANNA, BORIS = Place(1, 7, "@anna", "beboo", 100.0), Place(2, 8, "@boris", "beboo", 101.0)


def test_a_place_that_is_not_open_is_dropped_without_a_word() -> None:
    """It may have ended in the same moment; the others keep theirs."""
    line = Line([ANNA, BORIS])
    for _ in range(2):
        line.drop(ANNA.number)
    assert [BORIS] == line.all()
    assert 0 == line.position("beboo", BORIS.user_id).ahead


def test_an_empty_line_is_no_line() -> None:
    """When the last one has gone nobody is before anybody."""
    line = Line([ANNA])
    assert (["beboo"], 1) == (line.resources(), line.ahead_of("beboo", BORIS.user_id))
    line.drop(ANNA.number)
    assert ([], 0) == (line.resources(), line.ahead_of("beboo", BORIS.user_id))
