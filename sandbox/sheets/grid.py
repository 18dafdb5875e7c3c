"""The cells of one sheet, and what people do to them: insert, delete, move, sort."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sandbox.sheets.a1 import Bounds, Box
from sandbox.sheets.metadata import Metadata
from sandbox.sheets.protection import Protection
from sandbox.sheets.spans import Shift, deleted, inserted, moved


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is calculated; its text begins with an equals sign."""

    text: str


Cell = str | int | float | bool | Formula
Axis = int

ROWS: Axis = 0
COLUMNS: Axis = 1
EMPTY = ""


class Grid:
    """Rows of cells; rows are ragged, missing cells and "" are empty.

    `formats` holds the number format of the few cells that have one, by (row, column); `protected` the
    protected ranges, `metadata` what programs have noted about rows and columns. `size` is (rows, columns),
    `frozen` how many of them stay in view, `hidden` which are not shown; hidden ones are read and written like
    any other. It is `live` once it has held a formula.
    """

    def __init__(self, rows: list[list[Cell]], row_count: int, column_count: int) -> None:
        self.rows = rows
        self.size = [max(row_count, len(rows)), max(column_count, max(map(len, rows), default=0))]
        self.formats: dict[tuple[int, int], str] = {}
        self.protected: list[Protection] = []
        self.live = False
        self.metadata: list[Metadata] = []
        self.frozen = [0, 0]
        self.hidden: tuple[set[int], set[int]] = (set(), set())

    def copy(self) -> Self:
        """A grid of its own with the same content."""
        twin = type(self)([cells.copy() for cells in self.rows], *self.size)
        twin.live, twin.metadata = self.live, self.metadata.copy()
        twin.formats, twin.protected = self.formats.copy(), self.protected.copy()
        twin.frozen, twin.hidden = self.frozen.copy(), (self.hidden[ROWS].copy(), self.hidden[COLUMNS].copy())
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
        self.live = self.live or isinstance(value, Formula)

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
        self.frozen[axis] += count * (at < self.frozen[axis])
        self._follow(axis, inserted(at, count))

    def delete(self, axis: Axis, at: int, count: int) -> None:
        """Delete rows or columns; at least one must stay."""
        _demand(at >= 0 and count > 0 and at + count <= self.size[axis], "cannot delete what does not exist")
        _demand(count < self.size[axis], "You can't delete all the rows or columns on the sheet.")
        for line in self._lines(axis):
            del line[at : at + count]
        self.size[axis] -= count
        self.frozen[axis] -= max(0, min(self.frozen[axis], at + count) - at)
        self._follow(axis, deleted(at, count))

    def move(self, axis: Axis, start: int, count: int, to: int) -> None:
        """Move rows or columns before index `to`, counted before they are taken out."""
        size, end = self.size[axis], start + count
        _demand(start >= 0 and count > 0 and end <= size and 0 <= to <= size, "cannot move there")
        order = list(range(size))
        taken = order[start:end]
        order[start:end] = []
        place = to if to <= start else max(start, to - count)
        order[place:place] = taken
        self._permute(axis, order)
        self._follow(axis, moved(start, count, to))

    def hide(self, axis: Axis, start: int, count: int, *, hidden: bool) -> None:
        """Hide rows or columns, or show them again."""
        _demand(start >= 0 and count > 0 and start + count <= self.size[axis], "no such rows or columns")
        lines = range(start, start + count)
        (self.hidden[axis].update if hidden else self.hidden[axis].difference_update)(lines)

    def _permute(self, axis: Axis, order: list[int]) -> None:
        if axis == ROWS:
            self.rows = [self.rows[old] if old < len(self.rows) else [] for old in order]
        else:
            padded = ([*cells, *[EMPTY] * (len(order) - len(cells))] for cells in self.rows)
            self.rows = [[cells[old] for old in order] for cells in padded]

    def sort(
        self,
        box: Box,
        keys: Sequence[tuple[int, bool]],
        value_at: Callable[[int, int], Cell] | None = None,
    ) -> list[int]:
        """Sort the rows of a box by columns, each (index, descending): numbers, texts, booleans. Stable.

        The first column decides, later ones break ties; empty cells always come last. `value_at` says what
        formulas come to. Returns the rows of the box by their old indices in their new order.
        """
        top, left, bottom, right = self.bound(box)
        order = list(range(top, bottom))
        value_at = value_at if self.live and value_at else self.get
        for column, descending in reversed(keys):
            ranks = {row: _sort_key(value) for row in order if (value := value_at(row, column)) != EMPTY}
            filled = sorted(ranks, key=ranks.__getitem__, reverse=descending)
            order = filled + [row for row in order if row not in ranks]
        lines = [[self.get(row, at) for at in range(left, right)] for row in order]
        for row, line in enumerate(lines, start=top):
            self.row(row, right)[left:right] = line
        self._sort_formats(Box(top, left, bottom, right), order)
        return order

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

    def _follow(self, axis: Axis, shift: Shift) -> None:
        self.formats = {
            _replaced(cell, axis, span[0]): kind
            for cell, kind in self.formats.items()
            if (span := shift((cell[axis], cell[axis] + 1)))
        }
        hidden = [span[0] for index in self.hidden[axis] if (span := shift((index, index + 1)))]
        self.hidden[axis].clear()
        self.hidden[axis].update(hidden)
        self.metadata = [kept for note in self.metadata if (kept := note.shifted(axis, shift))]
        self.protected = [
            protection._replace(box=box)
            for protection in self.protected
            if (box := shifted_box(protection.box, axis, shift))
        ]


def _replaced(cell: tuple[int, int], axis: Axis, index: int) -> tuple[int, int]:
    return (index, cell[1]) if axis == ROWS else (cell[0], index)


def shifted_box(box: Box, axis: Axis, shift: Shift) -> Box | None:
    """Where a box is when its rows or columns have shifted; None if nothing of it is left."""
    span = shift((box.top, box.bottom) if axis == ROWS else (box.left, box.right))
    if span is None:
        return None
    first, end = span
    return box._replace(top=first, bottom=end) if axis == ROWS else box._replace(left=first, right=end)


def _sort_key(value: Cell) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, value


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
