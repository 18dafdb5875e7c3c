"""References of formulas: texts such as `$A$1`, `B2:C` or `'My sheet'!1:3`, read, moved and written. Pure."""

import re
from typing import NamedTuple

from sandbox.sheets.a1 import Box, column_index, column_letters, unquote_title

PREFIX = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
COLUMN, ROW = r"\$?[A-Za-z]{1,3}", r"\$?[1-9][0-9]{0,6}"
CELL = COLUMN + ROW
PATTERN = rf"(?:{PREFIX})?(?:{CELL}(?::(?:{CELL}|{COLUMN}|{ROW}))?|{COLUMN}:{COLUMN}|{ROW}:{ROW})(?![\w(!$])"
CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9][0-9]*)?")


class Corner(NamedTuple):
    """A column and a row, each with whether a `$` holds it when the formula is copied; None where not said."""

    column: int | None
    column_fixed: bool
    row: int | None
    row_fixed: bool

    @property
    def text(self) -> str:
        """As it is written."""
        column = "" if self.column is None else "$" * self.column_fixed + column_letters(self.column)
        return column + ("" if self.row is None else f"{'$' * self.row_fixed}{self.row + 1}")


class Reference(NamedTuple):
    """A cell, or a range if there is a `last` corner; `prefix` names another sheet, as it is written."""

    prefix: str
    first: Corner
    last: Corner | None

    @property
    def title(self) -> str | None:
        """The title of the sheet that is meant; None for the formula's own."""
        return unquote_title(self.prefix[:-1]) if self.prefix else None

    @property
    def text(self) -> str:
        """As it is written."""
        return self.prefix + self.first.text + (f":{self.last.text}" if self.last else "")

    @property
    def box(self) -> Box:
        """The cells that are meant; reversed corners are swapped."""
        last = self.last or self.first
        top, bottom = _ends(self.first.row, last.row)
        left, right = _ends(self.first.column, last.column)
        return Box(top, left, bottom, right)

    def at(self, box: Box) -> "Reference":
        """The same reference to another place."""
        column, row = self.first.column is not None, self.first.row is not None
        first = self.first._replace(column=box.left if column else None, row=box.top if row else None)
        if self.last is None:
            return self._replace(first=first)
        right, bottom = (None if end is None else end - 1 for end in (box.right, box.bottom))
        return self._replace(first=first, last=self.last._replace(column=right, row=bottom))

    def copied(self, rows: int) -> "Reference | None":
        """The reference in a copy of the formula so many rows further down; None if it leaves the sheet."""
        corners = [_lowered(corner, rows) for corner in (self.first, self.last) if corner]
        if any(corner.row is not None and corner.row < 0 for corner in corners):
            return None
        return self._replace(first=corners[0], last=corners[1] if self.last else None)


def _ends(first: int | None, last: int | None) -> tuple[int, int | None]:
    if first is None or last is None:
        return (first if first is not None else last) or 0, None
    return min(first, last), max(first, last) + 1


def _lowered(corner: Corner, rows: int) -> Corner:
    if corner.row is None or corner.row_fixed:
        return corner
    return corner._replace(row=corner.row + rows)


def read_reference(text: str) -> Reference:
    """Read what matches PATTERN."""
    prefix, mark, cells = text.rpartition("!")
    first, colon, last = cells.partition(":")
    return Reference(prefix + mark, _corner(first), _corner(last) if colon else None)


def _corner(text: str) -> Corner:
    match = CORNER.fullmatch(text)
    assert match, text
    held, letters, row_held, number = match.groups()
    if letters is None:
        return Corner(None, False, int(number) - 1, bool(held or row_held))
    row = int(number) - 1 if number else None
    return Corner(column_index(letters), bool(held), row, bool(row_held))
