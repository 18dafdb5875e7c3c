"""Rows and columns of a spreadsheet inserted, deleted, moved and sorted, with the formulas that follow them."""

from collections.abc import Sequence

from sandbox.sheets.a1 import Box
from sandbox.sheets.formulas.calculation import Calculation
from sandbox.sheets.formulas.following import follow_lines, follow_sort
from sandbox.sheets.grid import Axis
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.spans import deleted, inserted, moved


def insert(sheets: Sequence[Sheet], sheet: Sheet, axis: Axis, at: int, count: int) -> None:
    """Insert empty lines before index `at`."""
    sheet.grid.insert(axis, at, count)
    follow_lines(sheets, sheet, axis, inserted(at, count))


def delete(sheets: Sequence[Sheet], sheet: Sheet, axis: Axis, at: int, count: int) -> None:
    """Delete lines; what referred to them alone reads #REF! from then on."""
    sheet.grid.delete(axis, at, count)
    follow_lines(sheets, sheet, axis, deleted(at, count))


def move(sheets: Sequence[Sheet], sheet: Sheet, axis: Axis, start: int, count: int, to: int) -> None:
    """Move lines before index `to`, counted before they are taken out."""
    sheet.grid.move(axis, start, count, to)
    follow_lines(sheets, sheet, axis, moved(start, count, to))


def sort(calculation: Calculation, sheet: Sheet, box: Box, keys: Sequence[tuple[int, bool]]) -> None:
    """Sort the rows of a box by what their cells come to; formulas act as if copied to their new rows."""
    order = sheet.grid.sort(box, keys, lambda row, column: calculation.value(sheet, row, column))
    follow_sort(sheet, sheet.grid.bound(box), order)
