"""The cells of one sheet, and what people do to them: insert, delete, move, sort."""

from collections.abc import Callable, Iterable
from typing import Any, Self

from sandbox.sheets.a1 import Bounds, Box
from sandbox.sheets.protection import Protection

Cell = str | int | float | bool
Axis = int

ROWS: Axis = 0
COLUMNS: Axis = 1
EMPTY = ""


class Grid:
    """Rows of cells; rows are ragged, missing cells and "" are empty.

    `formats` holds the number format of the few cells that have one, by (row, column); `protected` the
    protected ranges. `size` is (rows, columns).
    """

    def __init__(self, rows: list[list[Cell]], row_count: int, column_count: int) -> None:
        self.rows = rows
        self.size = [max(row_count, len(rows)), max(column_count, max(map(len, rows), default=0))]
        self.formats: dict[tuple[int, int], str] = {}
        self.protected: list[Protection] = []

    def copy(self) -> Self:
        """A grid of its own with the same content."""
        twin = type(self)([cells.copy() for cells in self.rows], *self.size)
        twin.formats, twin.protected = self.formats.copy(), self.protected.copy()
        return twin

    def bound(self, box: Box) -> Bounds:
        """The box cut to the grid."""
        row_count, column_count = self.size
        bottom = row_count if box.bottom is None else min(box.bottom, row_count)
        right = column_count if box.right is None else min(box.right, column_count)
        return box.top, box.left, bottom, right

    def starts_outside(self, box: Box) -> bool:
        """Whether a box begins past the grid."""
        return box.top >= self.size[ROWS] or box.left >= self.size[COLUMNS]

    def ends_outside(self, box: Box) -> bool:
        """Whether a box has an end past the grid."""
        past_bottom = box.bottom is not None and box.bottom > self.size[ROWS]
        return past_bottom or (box.right is not None and box.right > self.size[COLUMNS])

    def closed_to(self, user: str) -> list[Box]:
        """The boxes that the user may not write to."""
        return [protection.box for protection in self.protected if protection.keeps_out(user)]

    def get(self, row: int, column: int) -> Cell:
        """One cell, "" if empty."""
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else EMPTY

    def put(self, row: int, column: int, value: Cell) -> None:
        """Set one cell inside the grid."""
        self.row(row, column + 1)[column] = value

    def row(self, row: int, width: int) -> list[Cell]:
        """The cells of a row, to be written to; at least `width` of them."""
        rows = self.rows
        while len(rows) <= row:
            rows.append([])
        cells = rows[row]
        if len(cells) < width:
            cells.extend([EMPTY] * (width - len(cells)))
        return cells

    # -- people ---------------------------------------------------------------------------------------------

    def insert(self, axis: Axis, at: int, count: int) -> None:
        """Insert empty rows or columns before index `at`."""
        _demand(0 <= at <= self.size[axis] and count > 0, "cannot insert there")
        for line in self._lines(axis):
            if at < len(line):
                line[at:at] = [EMPTY if axis == COLUMNS else [] for _ in range(count)]
        self.size[axis] += count
        self._renumber(axis, lambda index: index + count if index >= at else index)

    def delete(self, axis: Axis, at: int, count: int) -> None:
        """Delete rows or columns; at least one must stay."""
        _demand(at >= 0 and count > 0 and at + count <= self.size[axis], "cannot delete what does not exist")
        _demand(count < self.size[axis], "You can't delete all the rows or columns on the sheet.")
        for line in self._lines(axis):
            del line[at : at + count]
        self.size[axis] -= count
        gone = range(at, at + count)
        self._renumber(axis, lambda index: None if index in gone else index - count * (index >= at + count))

    def move(self, axis: Axis, start: int, count: int, to: int) -> None:
        """Move rows or columns before index `to`, counted before they are taken out."""
        size, end = self.size[axis], start + count
        _demand(start >= 0 and count > 0 and end <= size and 0 <= to <= size, "cannot move there")
        order = list(range(size))
        moved = order[start:end]
        order[start:end] = []
        insertion = to if to <= start else max(start, to - count)
        order[insertion:insertion] = moved
        self._permute(axis, order)

    def _permute(self, axis: Axis, order: list[int]) -> None:
        if axis == ROWS:
            self.rows = [self.rows[old] if old < len(self.rows) else [] for old in order]
        else:
            padded = ([*cells, *[EMPTY] * (len(order) - len(cells))] for cells in self.rows)
            self.rows = [[cells[old] for old in order] for cells in padded]
        place = {old: new for new, old in enumerate(order)}
        self.formats = {_replaced(cell, axis, place[cell[axis]]): kind for cell, kind in self.formats.items()}

    def sort(self, box: Box, column: int, *, descending: bool) -> None:
        """Sort the rows of a box by one column: numbers, texts, booleans; empty cells always last. Stable."""
        top, left, bottom, right = self.bound(box)
        keys = {row: self.get(row, column) for row in range(top, bottom)}
        filled = [row for row in keys if keys[row] != EMPTY]
        filled.sort(key=lambda row: _sort_key(keys[row]), reverse=descending)
        order = filled + [row for row in keys if keys[row] == EMPTY]
        lines = [[self.get(row, at) for at in range(left, right)] for row in order]
        for row, line in enumerate(lines, start=top):
            self.row(row, right)[left:right] = line
        self._sort_formats(Box(top, left, bottom, right), order)

    def _sort_formats(self, box: Box, order: list[int]) -> None:
        if not self.formats:
            return
        place = {old: new for new, old in enumerate(order, start=box.top)}
        self.formats = {
            ((place[row], column) if box.holds(row, column) else (row, column)): kind
            for (row, column), kind in self.formats.items()
        }

    def _lines(self, axis: Axis) -> Iterable[list[Any]]:
        return [self.rows] if axis == ROWS else self.rows

    def _renumber(self, axis: Axis, new_index: Callable[[int], int | None]) -> None:
        self.formats = {
            _replaced(cell, axis, index): kind
            for cell, kind in self.formats.items()
            if (index := new_index(cell[axis])) is not None
        }
        self.protected = [
            protection._replace(box=box)
            for protection in self.protected
            if (box := _renumbered(protection.box, axis, new_index)) is not None
        ]


def _replaced(cell: tuple[int, int], axis: Axis, index: int) -> tuple[int, int]:
    return (index, cell[1]) if axis == ROWS else (cell[0], index)


def _renumbered(box: Box, axis: Axis, new_index: Callable[[int], int | None]) -> Box | None:
    first, end = (box.top, box.bottom) if axis == ROWS else (box.left, box.right)
    if end is None:
        start, stop = new_index(first), None
        start = first if start is None else start
    else:
        kept = [index for old in range(first, end) if (index := new_index(old)) is not None]
        if not kept:
            return None
        start, stop = kept[0], kept[-1] + 1
    return box._replace(top=start, bottom=stop) if axis == ROWS else box._replace(left=start, right=stop)


def _sort_key(value: Cell) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, value


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
