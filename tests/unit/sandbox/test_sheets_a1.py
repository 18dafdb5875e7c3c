"""The A1 grammar, without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.sheets.a1 import (
    Box,
    column_index,
    column_letters,
    format_box,
    parse_box,
    quote_title,
    split_title,
    unquote_title,
)

ROW = st.integers(0, 10_000_000)
COLUMN = st.integers(0, 18_277)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Every box that has an A1 text."""
    top, last = sorted((draw(ROW), draw(ROW)))
    left, last_column = sorted((draw(COLUMN), draw(COLUMN)))
    kind = draw(st.sampled_from(["closed", "rows", "columns", "below", "right"]))
    bottom = last + 1 if kind in ("closed", "rows", "right") else None
    right = last_column + 1 if kind in ("closed", "columns", "below") else None
    return Box(0 if kind == "columns" else top, 0 if kind == "rows" else left, bottom, right)


@given(boxes())
def test_parsing_undoes_formatting(box: Box) -> None:
    """parse(format(box)) is the box, for all forms of ranges."""
    assert parse_box(format_box(box)) == box


@given(COLUMN)
def test_column_letters_and_numbers_are_inverse(index: int) -> None:
    """Up to ZZZ, letters name one column each."""
    assert column_index(column_letters(index)) == index


@given(st.text(min_size=1), st.sampled_from(["A1", "A:C", "5:9"]))
def test_a_quoted_title_is_found_again(title: str, cells: str) -> None:
    """Whatever people call a sheet, its echo reads back as that title."""
    written, rest = split_title(f"{quote_title(title)}!{cells}")
    assert (unquote_title(written or ""), rest) == (title, cells)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("A1", Box(0, 0, 1, 1)),
        ("b2:c3", Box(1, 1, 3, 3)),
        ("D4:A1", Box(0, 0, 4, 4)),
        ("C3:A5", Box(2, 0, 5, 3)),
        ("C:A", Box(0, 0, None, 3)),
        ("9:5", Box(4, 0, 9, None)),
        ("A5:A", Box(4, 0, None, 1)),
        ("B5:A", Box(4, 0, None, 2)),
        ("A1:1", Box(0, 0, 1, None)),
        ("B2:5", Box(1, 1, 5, None)),
        ("R2C3", Box(1, 2, 2, 3)),
        ("R1C1:R2C3", Box(0, 0, 2, 3)),
        ("ZZZ1", Box(0, 18_277, 1, 18_278)),
    ],
)
def test_forms_of_ranges(text: str, box: Box) -> None:
    """Each documented form names the box it should."""
    assert parse_box(text) == box


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B",
        "2",
        "A0",
        "0:1",
        "A1 ",
        " A1",
        "A 1",
        "A1: B2",
        "A1:",
        ":A1",
        "A1:B2:C3",
        "AAAA1",
        "A:A5",
        "1:A1",
        "A1:[5",
    ],
)
def test_what_is_no_range(text: str) -> None:
    """A lone column or row, row 0, white space and half ranges are refused."""
    assert parse_box(text) is None


@pytest.mark.parametrize(
    ("title", "echo"),
    [
        ("Pool", "Pool"),
        ("_x1y", "_x1y"),
        ("My sheet", "'My sheet'"),
        ("Bob's", "'Bob''s'"),
        ("D3", "'D3'"),
        ("R1C1", "'R1C1'"),
        ("Лист1", "'Лист1'"),
        ("2026", "'2026'"),
    ],
)
def test_titles_are_quoted_as_google_does(title: str, echo: str) -> None:
    """Bare only for a plain ASCII name that reads as no cell."""
    assert quote_title(title) == echo
