"""Cells cut out in one place and pasted in another, as people do it."""

from sandbox.sheets.a1 import Box
from sandbox.sheets.book import Book
from sandbox.sheets.formulas.following import carried, follow_cut
from sandbox.sheets.grid import EMPTY, Cell, Formula, Grid
from sandbox.sheets.sheet import Sheet


def cut_and_paste(book: Book, source: Sheet, box: Box, target: Sheet, top: int, left: int) -> None:
    """Move cells with their number formats; formulas that refer to them follow. ValueError for no such place."""
    first_row, first_column, bottom, right = source.grid.bound(box)
    height, width = bottom - first_row, right - first_column
    place = Box(top, left, top + height, left + width)
    if source.grid.starts_outside(box) or target.grid.ends_outside(place):
        raise ValueError("cannot cut or paste outside of the sheet")
    taken = Box(first_row, first_column, bottom, right)
    lines = [
        [_moved(source.grid.get(row, column), source, target) for column in range(first_column, right)]
        for row in range(first_row, bottom)
    ]
    formats = _taken_formats(source.grid, taken)
    _put(source.grid, taken, [[EMPTY] * width] * height)
    _taken_formats(target.grid, place)
    _put(target.grid, place, lines)
    down, across = top - first_row, left - first_column
    target.grid.formats |= {(row + down, column + across): kind for (row, column), kind in formats.items()}
    follow_cut(book.sheets, source, taken, target, top, left)


def _moved(cell: Cell, source: Sheet, target: Sheet) -> Cell:
    return carried(cell, source) if isinstance(cell, Formula) and source is not target else cell


def _taken_formats(grid: Grid, box: Box) -> dict[tuple[int, int], str]:
    taken = {cell: kind for cell, kind in grid.formats.items() if box.holds(*cell)}
    for cell in taken:
        del grid.formats[cell]
    return taken


def _put(grid: Grid, box: Box, lines: list[list[Cell]]) -> None:
    for row, line in enumerate(lines, start=box.top):
        for column, cell in enumerate(line, start=box.left):
            if cell != EMPTY or grid.get(row, column) != EMPTY:
                grid.put(row, column, cell)
