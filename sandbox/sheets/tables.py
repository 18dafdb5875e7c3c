"""The search of values.append for a table: a block of cells that touch each other, corners included."""

from sandbox.sheets.a1 import Bounds
from sandbox.sheets.grid import EMPTY, Grid


def table_in(grid: Grid, bounds: Bounds) -> Bounds | None:
    """The last table that reaches into bounds; None if all cells there are empty."""
    last = _last_filled(grid, bounds)
    return _grown(grid, (last[0], last[1], last[0] + 1, last[1] + 1)) if last else None


def _last_filled(grid: Grid, bounds: Bounds) -> tuple[int, int] | None:
    top, left, bottom, right = bounds
    for row in range(min(bottom, len(grid.rows)) - 1, top - 1, -1):
        cells = grid.rows[row]
        for column in range(min(right, len(cells)) - 1, left - 1, -1):
            if cells[column] != EMPTY:
                return row, column
    return None


def _grown(grid: Grid, block: Bounds) -> Bounds:
    """Widen a block until nothing touches it."""
    top, left, bottom, right = block
    while True:
        before = (top, left, bottom, right)
        while top > 0 and _filled(grid, top - 1, left - 1, right + 1):
            top -= 1
        while _filled(grid, bottom, left - 1, right + 1):
            bottom += 1
        around = range(max(0, top - 1), bottom + 1)
        while left > 0 and any(grid.get(row, left - 1) != EMPTY for row in around):
            left -= 1
        while any(grid.get(row, right) != EMPTY for row in around):
            right += 1
        if (top, left, bottom, right) == before:
            return before


def _filled(grid: Grid, row: int, left: int, right: int) -> bool:
    if row >= len(grid.rows):
        return False
    return any(value != EMPTY for value in grid.rows[row][max(0, left) : right])
