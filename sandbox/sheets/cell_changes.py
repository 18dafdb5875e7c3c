"""Changes of single cells."""

from typing import Any

from sandbox.sheets.changes import UpdateCells
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import CELL_TOO_LONG, PROTECTED, invalid
from sandbox.sheets.grid import COLUMNS, EMPTY, ROWS, Grid
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


def _demand_inside(grid: Grid, row: int, column: int) -> None:
    for name, index, size in (("row", row, grid.size[ROWS]), ("column", column, grid.size[COLUMNS])):
        if index < 0:
            raise invalid("GridCoordinate indexes must be >= 0.")
        if index >= size:
            raise invalid(
                f"Attempting to write {name}: {index}, beyond the last requested {name} of: {size - 1}"
            )
