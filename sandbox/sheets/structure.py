"""spreadsheets:batchUpdate: the size of the grid, single cells and protected ranges.

The changes are made to copies, which take the place of the grids when every one of them has been accepted.
"""

from collections.abc import Sequence
from functools import singledispatchmethod
from typing import Any

from sandbox.sheets.a1 import Box
from sandbox.sheets.book import MAX_CELLS, Book
from sandbox.sheets.changes import (
    AddProtectedRange,
    AppendDimension,
    Change,
    DeleteProtectedRange,
    InsertDimension,
    ResizeGrid,
    UpdateCells,
)
from sandbox.sheets.errors import CELL_TOO_LONG, PROTECTED, TOO_MANY_CELLS, ApiError, invalid
from sandbox.sheets.grid import COLUMNS, EMPTY, ROWS, Axis, Grid
from sandbox.sheets.protection import Protection, describe
from sandbox.sheets.writes import MAX_CHARACTERS

JSON = dict[str, Any]


def batch_update(book: Book, changes: Sequence[tuple[str, Change]], user: str) -> JSON:
    """Make all changes, or none if one of them is refused."""
    if not changes:
        raise invalid("Must specify at least one request.")
    draft = Draft(book, user)
    replies = [_reply(draft, index, kind, change) for index, (kind, change) in enumerate(changes)]
    draft.publish()
    return {"spreadsheetId": book.id, "replies": replies}


def _reply(draft: "Draft", index: int, kind: str, change: Change) -> JSON:
    try:
        answer: JSON = draft.apply(change)
    except ApiError as error:
        raise error.within(f"requests[{index}].{kind}") from error
    return {kind: answer} if answer else {}


class Draft:
    """A book as it will be; the book itself stays as it is until `publish`."""

    def __init__(self, book: Book, user: str) -> None:
        self._book, self._user = book, user
        self._grids: dict[int, Grid] = {}

    def publish(self) -> None:
        """Put the changed grids in place."""
        for sheet in self._book.sheets:
            sheet.grid = self._grids.get(sheet.id, sheet.grid)
        self._book.revision += 1

    @singledispatchmethod
    def apply(self, change: Change) -> JSON:
        """Make one change; returns its reply, which is mostly empty. ApiError, without the request's place."""
        raise TypeError(f"no change: {change!r}")

    @apply.register
    def _(self, change: AppendDimension) -> JSON:
        if change.length <= 0:
            raise invalid("length must be greater than 0.")
        return self._grow(change.sheet_id, change.axis, change.length)

    @apply.register
    def _(self, change: InsertDimension) -> JSON:
        grid = self._grid(change.sheet_id)
        size = grid.size[change.axis]
        if change.end <= change.start:
            raise invalid("range.endIndex must be greater than range.startIndex.")
        if change.inherit_from_before and change.start == 0:
            raise invalid("inheritFromBefore cannot be true when inserting at index 0.")
        if change.start >= size and not change.inherit_from_before:
            raise invalid(
                f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is false."
            )
        if change.start > size:
            raise invalid(f"range.startIndex must not be greater than the grid size ({size}).")
        return self._grow(change.sheet_id, change.axis, change.end - change.start, at=change.start)

    @apply.register
    def _(self, change: ResizeGrid) -> JSON:
        for axis, count in zip((ROWS, COLUMNS), change.counts, strict=True):
            if count is not None:
                self._resize(change.sheet_id, axis, count)
        return {}

    @apply.register
    def _(self, change: UpdateCells) -> JSON:
        grid = self._grid(change.sheet_id)
        closed = grid.closed_to(self._user)
        for row, line in enumerate(change.rows, start=change.row):
            for column, value in enumerate(line, start=change.column):
                _demand_inside(grid, row, column)
                if any(box.holds(row, column) for box in closed):
                    raise invalid(PROTECTED)
                if isinstance(value, str) and len(value) > MAX_CHARACTERS:
                    raise invalid(CELL_TOO_LONG)
                grid.put(row, column, EMPTY if value is None else value)
        return {}

    @apply.register
    def _(self, change: AddProtectedRange) -> JSON:
        grid = self._grid(change.sheet_id)
        self._demand_protectable(grid, change)
        editors = () if change.warning_only else (change.editors or (self._user,))
        new_id = self._book.new_protection_id()
        protection = Protection(new_id, change.box, change.description, change.warning_only, editors)
        grid.protected.append(protection)
        return {"protectedRange": describe(protection, change.sheet_id, self._user)}

    @apply.register
    def _(self, change: DeleteProtectedRange) -> JSON:
        for sheet in self._book.sheets:
            grid = self._grid(sheet.id)
            found = next((each for each in grid.protected if each.id == change.id), None)
            if found and found.keeps_out(self._user):
                raise invalid(PROTECTED)
            if found:
                grid.protected.remove(found)
                return {}
        raise invalid(f"No protected range with id: {change.id}")

    def _demand_protectable(self, grid: Grid, change: AddProtectedRange) -> None:
        if change.warning_only and change.editors:
            raise invalid("ProtectedRange is warningOnly. Editors cannot be set on it.")
        if change.editors and self._user not in change.editors:
            raise invalid("You can't remove yourself as an editor.")
        whole = Box(0, 0, None, None)
        if change.box == whole and any(each.box == whole for each in grid.protected):
            title = next(sheet.title for sheet in self._book.sheets if sheet.id == change.sheet_id)
            raise invalid(f'Sheet "{title}" already has sheet protection.')

    def _resize(self, sheet_id: int, axis: Axis, count: int) -> None:
        grid = self._grid(sheet_id)
        size = grid.size[axis]
        if count <= 0:
            raise invalid(f"You can't delete all the {'rows' if axis == ROWS else 'columns'} on the sheet.")
        if count < size:
            grid.delete(axis, count, size - count)
        elif count > size:
            self._grow(sheet_id, axis, count - size)

    def _grow(self, sheet_id: int, axis: Axis, count: int, at: int | None = None) -> JSON:
        grid = self._grid(sheet_id)
        grown = count * grid.size[COLUMNS if axis == ROWS else ROWS]
        if self._cells() + grown > MAX_CELLS:
            raise invalid(TOO_MANY_CELLS)
        grid.insert(axis, grid.size[axis] if at is None else at, count)
        return {}

    def _cells(self) -> int:
        sizes = (self._grids.get(sheet.id, sheet.grid).size for sheet in self._book.sheets)
        return sum(rows * columns for rows, columns in sizes)

    def _grid(self, sheet_id: int) -> Grid:
        if sheet_id not in self._grids:
            found = next((sheet for sheet in self._book.sheets if sheet.id == sheet_id), None)
            if found is None:
                raise invalid(f"No grid with id: {sheet_id}")
            self._grids[sheet_id] = found.grid.copy()
        return self._grids[sheet_id]


def _demand_inside(grid: Grid, row: int, column: int) -> None:
    for name, index, size in (("row", row, grid.size[ROWS]), ("column", column, grid.size[COLUMNS])):
        if index >= size:
            raise invalid(
                f"Attempting to write {name}: {index}, beyond the last requested {name} of: {size - 1}"
            )
