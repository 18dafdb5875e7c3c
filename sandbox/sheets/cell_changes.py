"""Changes of single cells and of protected ranges."""

from typing import Any

from sandbox.sheets.a1 import WHOLE_SHEET
from sandbox.sheets.changes import AddProtectedRange, DeleteProtectedRange, UpdateCells
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import CELL_TOO_LONG, PROTECTED, invalid
from sandbox.sheets.grid import COLUMNS, EMPTY, ROWS, Grid
from sandbox.sheets.protection import Protection, describe
from sandbox.sheets.writes import MAX_CHARACTERS

JSON = dict[str, Any]


def update_cells(draft: Draft, change: UpdateCells) -> JSON:
    """Write typed values from one cell on."""
    grid = draft.grid(change.sheet_id)
    closed = grid.closed_to(draft.user)
    for row, line in enumerate(change.rows, start=change.row):
        for column, value in enumerate(line, start=change.column):
            _demand_inside(grid, row, column)
            if any(box.holds(row, column) for box in closed):
                raise invalid(PROTECTED)
            if isinstance(value, str) and len(value) > MAX_CHARACTERS:
                raise invalid(CELL_TOO_LONG)
            grid.put(row, column, EMPTY if value is None else value)
    return {}


def add_protection(draft: Draft, change: AddProtectedRange) -> JSON:
    """Protect a range; without editors whoever asks is its editor."""
    sheet = draft.sheet(change.sheet_id)
    if change.warning_only and change.editors:
        raise invalid("ProtectedRange is warningOnly. Editors cannot be set on it.")
    if change.editors and draft.user not in change.editors:
        raise invalid("You can't remove yourself as an editor.")
    if change.box == WHOLE_SHEET and any(each.box == WHOLE_SHEET for each in sheet.grid.protected):
        raise invalid(f'Sheet "{sheet.title}" already has sheet protection.')
    editors = () if change.warning_only else (change.editors or (draft.user,))
    new_id = draft.book.new_protection_id()
    protection = Protection(new_id, change.box, change.description, change.warning_only, editors)
    sheet.grid.protected.append(protection)
    return {"protectedRange": describe(protection, change.sheet_id, draft.user)}


def delete_protection(draft: Draft, change: DeleteProtectedRange) -> JSON:
    """End a protection; only who may edit there can."""
    for sheet in draft.sheets:
        found = next((each for each in sheet.grid.protected if each.id == change.id), None)
        if found and found.keeps_out(draft.user):
            raise invalid(PROTECTED)
        if found:
            draft.grid(sheet.id).protected.remove(found)
            return {}
    raise invalid(f"No protected range with id: {change.id}")


def _demand_inside(grid: Grid, row: int, column: int) -> None:
    for name, index, size in (("row", row, grid.size[ROWS]), ("column", column, grid.size[COLUMNS])):
        if index < 0:
            raise invalid("GridCoordinate indexes must be >= 0.")
        if index >= size:
            raise invalid(
                f"Attempting to write {name}: {index}, beyond the last requested {name} of: {size - 1}"
            )
