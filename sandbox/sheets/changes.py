"""What a spreadsheets:batchUpdate can ask for: one class a kind of request."""

from typing import NamedTuple

from sandbox.sheets.a1 import Box
from sandbox.sheets.grid import Axis, Cell


class AppendDimension(NamedTuple):
    """Rows or columns at the end of a sheet."""

    sheet_id: int
    axis: Axis
    length: int


class InsertDimension(NamedTuple):
    """Rows or columns from index `start` to before `end`."""

    sheet_id: int
    axis: Axis
    start: int
    end: int
    inherit_from_before: bool


class ResizeGrid(NamedTuple):
    """An updateSheetProperties of the grid's size; None leaves a count as it is."""

    sheet_id: int
    counts: tuple[int | None, int | None]


class UpdateCells(NamedTuple):
    """Typed values from one cell on; None empties the cell."""

    sheet_id: int
    row: int
    column: int
    rows: list[list[Cell | None]]


class AddProtectedRange(NamedTuple):
    """A new protected range; `editors` None where the request names none."""

    sheet_id: int
    box: Box
    description: str
    warning_only: bool
    editors: tuple[str, ...] | None


class DeleteProtectedRange(NamedTuple):
    """The end of a protected range."""

    id: int


Change = (
    AppendDimension | InsertDimension | ResizeGrid | UpdateCells | AddProtectedRange | DeleteProtectedRange
)
