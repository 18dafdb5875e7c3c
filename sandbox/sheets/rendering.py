"""How cells are shown in answers: as formatted texts or typed, by rows or by columns, tails dropped."""

from datetime import date, timedelta
from itertools import zip_longest
from typing import NamedTuple

from sandbox.sheets.a1 import Bounds
from sandbox.sheets.grid import EMPTY, Cell, Grid

EPOCH = date(1899, 12, 30)


class Rendering(NamedTuple):
    """The three options of a read: `by_columns`, values `formatted` as texts, dates `dates_as_text`."""

    by_columns: bool = False
    formatted: bool = True
    dates_as_text: bool = False


def render(grid: Grid, bounds: Bounds, options: Rendering) -> list[list[Cell]]:
    """The values inside bounds (top, left, bottom, right); empty tails are dropped."""
    top, left, bottom, right = bounds
    lines = [cells[left:right] for cells in grid.rows[top:bottom]]
    if grid.formats and (options.formatted or options.dates_as_text):
        lines = [_dated(grid, line, row, left) for row, line in enumerate(lines, start=top)]
    if options.formatted:
        lines = [[v if v.__class__ is str else as_text(v) for v in line] for line in lines]
    if options.by_columns:
        lines = [list(line) for line in zip_longest(*lines, fillvalue=EMPTY)]
    for line in lines:
        while line and line[-1] == EMPTY:
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _dated(grid: Grid, line: list[Cell], row: int, left: int) -> list[Cell]:
    kinds = (grid.formats.get((row, column)) for column in range(left, left + len(line)))
    return [
        _date_text(value) if kind == "DATE" and not isinstance(value, str | bool) else value
        for value, kind in zip(line, kinds, strict=True)
    ]


def _date_text(serial: float) -> str:
    return (EPOCH + timedelta(days=int(serial))).isoformat()


def as_text(value: Cell) -> str:
    """A cell without number format as an English-language sheet shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int) else f"{value:.15g}".upper()
