"""What a spreadsheets:batchUpdate can ask for: one class a kind of request."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.sheets.a1 import Box
from sandbox.sheets.grid import Axis, Cell
from sandbox.sheets.metadata import Lookup, Metadata

Properties = Mapping[str, Any]


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


class DeleteDimension(NamedTuple):
    """The end of rows or columns from `start` to before `end`; None is the end of the grid."""

    sheet_id: int
    axis: Axis
    start: int
    end: int | None


class MoveDimension(NamedTuple):
    """Rows or columns go before index `to`, counted before they are taken out."""

    sheet_id: int
    axis: Axis
    start: int
    end: int | None
    to: int


class HideDimension(NamedTuple):
    """Rows or columns are hidden, or shown again."""

    sheet_id: int
    axis: Axis
    start: int
    end: int | None
    hidden: bool


class SortRange(NamedTuple):
    """The rows of a box are sorted by columns, each (index, descending)."""

    sheet_id: int
    box: Box
    keys: list[tuple[int, bool]]


class AddSheet(NamedTuple):
    """A new sheet; `properties` as in UpdateSheet, and maybe `sheetId`."""

    properties: Properties


class DeleteSheet(NamedTuple):
    """The end of a sheet."""

    sheet_id: int


class UpdateSheet(NamedTuple):
    """Properties of a sheet that change: title, index, hidden, and the size and frozen lines of its grid."""

    sheet_id: int
    properties: Properties


class UpdateBook(NamedTuple):
    """Properties of the spreadsheet that change: title and timeZone."""

    properties: Properties


class CreateMetadata(NamedTuple):
    """A new note on a row or column; its id is 0 where the request gives none."""

    sheet_id: int
    note: Metadata


class DeleteMetadata(NamedTuple):
    """The end of all notes that a lookup finds."""

    lookup: Lookup


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


class UpdateProtectedRange(NamedTuple):
    """Fields of a protected range that change: box, description, warning_only, editors; its sheet stays."""

    id: int
    sheet_id: int | None
    fields: Properties


class DeleteProtectedRange(NamedTuple):
    """The end of a protected range."""

    id: int


Change = (
    AppendDimension
    | InsertDimension
    | DeleteDimension
    | MoveDimension
    | HideDimension
    | SortRange
    | AddSheet
    | DeleteSheet
    | UpdateSheet
    | UpdateBook
    | CreateMetadata
    | DeleteMetadata
    | UpdateCells
    | AddProtectedRange
    | UpdateProtectedRange
    | DeleteProtectedRange
)
