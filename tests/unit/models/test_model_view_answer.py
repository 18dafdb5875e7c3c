"""A view after a write: the rows of the answer take the place of the older ones."""

from __future__ import annotations

from model_makers import HEADER, READING, cells, key_of, view

from bot.models.view import RawRows


def test_an_answer_replaces_the_rows_it_holds() -> None:
    """The others stay as they were read, and the places follow."""
    before = view({2: cells(2), 3: cells(3)})
    after = before.with_answer(RawRows((), {3: cells(4, issued="x")}), READING)
    assert {2: key_of(2), 3: key_of(4)} == {number: row.key for number, row in after.rows.items()}
    assert [] == after.at(key_of(3))
    assert "x" == after.at(key_of(4))[0].issued
    assert HEADER == after.header


def test_a_row_that_became_unreadable_is_gone() -> None:
    """Its cells are kept, as they stand now."""
    after = view({2: cells(2)}).with_answer(RawRows(HEADER, {2: ["oops"]}), READING)
    assert ({}, ["oops"]) == (after.rows, after.cells[2])


def test_columns_that_moved_are_found_again() -> None:
    """With another header in the answer, every row is read by its new columns."""
    header = ("proxy", "new", *HEADER[1:])
    moved = [*cells(2)[:1], "", *cells(2, "beboo")[1:]]
    after = view({2: cells(2)}).with_answer(RawRows(header, {2: moved}), READING)
    assert 3 == after.columns.issued
    assert {"beboo"} == after.rows[2].used_for
