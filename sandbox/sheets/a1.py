"""The A1 grammar: texts to boxes of cells and back. Rows and columns count from 0, ends are exclusive."""

import re
from functools import lru_cache
from typing import NamedTuple

PATTERN = re.compile(r"([A-Za-z]{1,3})?([1-9][0-9]{0,9})?(?:(:)([A-Za-z]{1,3})?([1-9][0-9]{0,9})?)?")
R1C1 = re.compile(
    r"R([1-9][0-9]{0,9})C([1-9][0-9]{0,9})(?::R([1-9][0-9]{0,9})C([1-9][0-9]{0,9}))?", re.IGNORECASE
)
QUOTED = re.compile(r"'(?:[^']|'')+'")
BARE_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LOOKS_LIKE_CELL = re.compile(r"[A-Z]{1,3}[0-9]+|R[0-9]*C[0-9]*", re.IGNORECASE)


class Box(NamedTuple):
    """A rectangle of cells; `bottom` or `right` None reaches to the end of the grid."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    @property
    def is_cell(self) -> bool:
        """Whether it is exactly one cell."""
        return self.bottom == self.top + 1 and self.right == self.left + 1

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies inside."""
        below = self.bottom is not None and row >= self.bottom
        beyond = self.right is not None and column >= self.right
        return row >= self.top and column >= self.left and not (below or beyond)

    def meets(self, bounds: "Bounds") -> bool:
        """Whether it has a cell in common with bounds."""
        top, left, bottom, right = bounds
        over_rows = self.top < bottom and (self.bottom is None or top < self.bottom)
        return over_rows and self.left < right and (self.right is None or left < self.right)


# A box with both ends known: top, left, bottom, right.
Bounds = tuple[int, int, int, int]

WHOLE_SHEET = Box(0, 0, None, None)


@lru_cache(maxsize=20_000)
def column_index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26, in either case."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


@lru_cache(maxsize=20_000)
def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters, number = "", index + 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def parse_box(text: str) -> Box | None:
    """The box a range without sheet title names; None if it is no range.

    `A1`, `A1:C3`, `A:C`, `1:3`, `A5:C` (open below), `B1:3` (open to the right), `R1C1`, `R1C1:R3C3`.
    Reversed corners are swapped; a lone column or row, row 0 and white space are no ranges.
    """
    match = PATTERN.fullmatch(text)
    if match is None:
        return _parse_r1c1(text)
    column, row, colon, last_column, last_row = match.groups()
    if colon is None:
        return _span(row, row, column, column) if column and row else None
    if row and last_row and not column and not last_column:
        return _span(row, last_row, None, None)
    if column and row and last_row and not last_column:
        return _span(row, last_row, column, None)
    if column and last_column and bool(row) >= bool(last_row):
        return _span(row, last_row, column, last_column)
    return None


def _span(row: str | None, last_row: str | None, column: str | None, last_column: str | None) -> Box:
    top, bottom = (int(row) - 1 if row else 0), (int(last_row) if last_row else None)
    if bottom is not None and bottom <= top:
        top, bottom = bottom - 1, top + 1
    left = column_index(column) if column else 0
    right = column_index(last_column) + 1 if last_column else None
    if right is not None and right <= left:
        left, right = right - 1, left + 1
    return Box(top, left, bottom, right)


def _parse_r1c1(text: str) -> Box | None:
    match = R1C1.fullmatch(text)
    if match is None:
        return None
    row, column, last_row, last_column = (int(group) if group else 0 for group in match.groups())
    rows, columns = sorted((row, last_row or row)), sorted((column, last_column or column))
    return Box(rows[0] - 1, columns[0] - 1, rows[1], columns[1])


def format_bounds(bounds: Bounds) -> str:
    """`A1` or `A1:C3`."""
    top, left, bottom, right = bounds
    if bottom == top + 1 and right == left + 1:
        return f"{column_letters(left)}{bottom}"
    return f"{column_letters(left)}{top + 1}:{column_letters(right - 1)}{bottom}"


def format_box(box: Box) -> str:
    """The shortest text for a box: `A1`, `A1:C3`, `A:C`, `1:3`, `A5:C`, `B1:3`."""
    top, left, bottom, right = box
    if bottom is not None and right is not None:
        return format_bounds((top, left, bottom, right))
    if bottom is not None:
        return f"{column_letters(left) if left else ''}{top + 1}:{bottom}"
    if right is None and top:
        return f"{column_letters(left)}{top + 1}"
    return f"{column_letters(left)}{top + 1 if top else ''}:{column_letters(right - 1) if right else ''}"


def split_title(text: str) -> tuple[str | None, str]:
    """Split a range at its last `!` into (title as written, range); (None, text) without one."""
    if text.endswith("'") and QUOTED.fullmatch(text):
        return None, text
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def unquote_title(text: str) -> str:
    """The title meant by what stands before the `!`."""
    return text[1:-1].replace("''", "'") if QUOTED.fullmatch(text) else text


def quote_title(title: str) -> str:
    """The title as Google echoes it: bare if it is a plain name that reads as no cell, else quoted."""
    if BARE_TITLE.fullmatch(title) and not LOOKS_LIKE_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"
