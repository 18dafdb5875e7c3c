"""Typed texts and formulas, whatever they hold: nothing is lost in rewriting, and results follow their cells."""

import random
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.sheets.book import Book
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.formulas.syntax import parse
from sandbox.sheets.formulas.tokens import tokens, with_references
from sandbox.sheets.grid import Formula
from sandbox.sheets.number_formats import is_known, shown
from sandbox.sheets.spans import deleted, inserted, moved
from sandbox.sheets.typed import read

SIZE = 6
CELL = st.builds(
    lambda column, row, held: f"{held}{column}{held}{row}",
    st.sampled_from("ABC"),
    st.integers(1, SIZE),
    st.sampled_from(["", "$"]),
)
CLOSED = st.builds("{}:{}".format, CELL, CELL)
OPEN = st.sampled_from(["A:B", "2:3", "B2:C", "C:A", "A1:3", "$B:$C"])


def formulas_about(areas: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """A few formulas of cells and sums over areas."""
    term = st.one_of(CELL, areas.map("SUM({})".format), st.integers(0, 3).map(str), st.just("5%"))
    rest = st.lists(st.tuples(st.sampled_from("+-*/"), term).map("".join), max_size=3).map("".join)
    return st.lists(st.builds("={}{}".format, term, rest), min_size=1, max_size=4)


PIECES = st.lists(
    st.one_of(st.sampled_from("=+-*/^%(),;$:!'\"#. AB1"), CELL, OPEN, st.characters()), max_size=12
)


@given(PIECES)
def test_any_text_can_be_typed(pieces: list[str]) -> None:
    """Whatever it is, it becomes a cell, and a number is shown by the format that it brought."""
    value, pattern = read("".join(pieces), date(2026, 11, 18))
    if pattern is not None:
        assert is_known(pattern)
        assert isinstance(value, int | float)
        assert isinstance(shown(pattern, value), str)


@given(
    st.one_of(
        st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(str), st.integers(-999, 99_999).map("{:,}".format)
    )
)
def test_what_is_shown_can_be_typed_again(text: str) -> None:
    """Days and numbers come back as they were typed."""
    value, pattern = read(text, date(2026, 11, 18))
    assert isinstance(value, int)
    assert text == (shown(pattern, value) if pattern else str(value))


@given(PIECES)
def test_any_formula_is_parsed_and_kept(pieces: list[str]) -> None:
    """Its words are its text; rewriting that changes no reference changes nothing."""
    text = "=" + "".join(pieces)
    assert text == "=" + "".join(token.text for token in tokens(text))
    assert Formula(text) == with_references(Formula(text), lambda reference: reference)
    assert parse(text) == parse(text)


def book_of(formulas: list[str], cells: list[list[int]]) -> Book:
    """A book with numbers in A1:C6 and, on a sheet of its own, formulas about them."""
    book = Book.from_json(
        "x", {"sheets": [{"title": "Data", "values": cells}, {"title": "F"}]}, [], random.Random(0)
    )
    for row, formula in enumerate(map(Formula, formulas)):
        named = with_references(formula, lambda each: each._replace(prefix="Data!"))
        book.sheets[1].grid.put(row, 0, named)
    return book


def results(book: Book) -> list[Any]:
    return [book.calculation.value(book.sheets[1], row, 0) for row in range(len(book.sheets[1].grid.rows))]


CELLS = st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=3), min_size=SIZE, max_size=SIZE)
PLACE = st.integers(1, SIZE)


@given(
    formulas_about(CLOSED | OPEN),
    CELLS,
    PLACE,
    st.integers(1, 3),
    st.sampled_from(["rows", "columns"]),
)
def test_insertions_change_no_result(
    formulas: list[str], cells: list[list[int]], at: int, count: int, lines: str
) -> None:
    """Empty rows and columns between the cells that a formula means are nothing to it."""
    book = book_of(formulas, cells)
    before = results(book)
    apply_edits(book, {"kind": f"insert_{lines}", "sheet": "Data", "at": at, "count": count})
    assert before == results(book)
    apply_edits(book, {"kind": f"delete_{lines}", "sheet": "Data", "at": at, "count": count})
    assert before == results(book)


@given(st.lists(CELL, min_size=1, max_size=4), CELLS, PLACE, PLACE)
def test_moved_rows_take_references_to_their_cells_along(
    formulas: list[str], cells: list[list[int]], start: int, to: int
) -> None:
    """A reference to one cell finds it wherever its row has gone."""
    book = book_of(["=" + cell for cell in formulas], cells)
    before = results(book)
    apply_edits(book, {"kind": "move_rows", "sheet": "Data", "from": start, "to": to})
    assert before == results(book)


@given(formulas_about(CLOSED), CELLS, PLACE, PLACE)
def test_cutting_everything_changes_no_result(
    formulas: list[str], cells: list[list[int]], down: int, across: int
) -> None:
    """All cells in one piece elsewhere: closed ranges and cells follow them."""
    book = book_of(formulas, cells)
    before = results(book)
    to = f"{'ABCDEFGH'[across]}{down + 1}"
    apply_edits(book, {"kind": "cut", "sheet": "Data", "range": f"A1:C{SIZE}", "to": to})
    assert before == results(book)


@given(st.integers(0, 5), st.integers(1, 4), PLACE, st.integers(0, SIZE), st.integers(1, 3))
def test_spans_hold_the_lines_they_held(first: int, length: int, at: int, to: int, count: int) -> None:
    """Against a list of lines that are really inserted, deleted and moved."""
    lines: list[Any] = list(range(12))
    span = (first, first + length)
    held = lines[slice(*span)]
    grown = lines[:at] + ["new"] * count + lines[at:]
    new = inserted(at, count)(span)
    assert new
    assert held == [line for line in grown[slice(*new)] if line != "new"]
    shrunk = lines[:at] + lines[at + count :]
    left = deleted(at, count)(span)
    assert [line for line in held if line in shrunk] == (shrunk[slice(*left)] if left else [])
    if at <= first and first + length <= at + count:
        kept = moved(at, count, to)(span)
        assert kept
        taken = lines[at : at + count]
        rest = [line for line in lines if line not in taken]
        place = len([line for line in rest if line < to])
        order = rest[:place] + taken + rest[place:]
        assert held == order[slice(*kept)]
