"""The requests of a spreadsheets:batchUpdate, checked as Google's JSON layer checks them.

Pure, and knows no spreadsheet. Kinds that the sandbox does not have are refused with a 400 that says so.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.sheets import wire
from sandbox.sheets.changes import (
    AppendDimension,
    Change,
    DeleteDimension,
    HideDimension,
    InsertDimension,
    MoveDimension,
    SortRange,
    UpdateCells,
)
from sandbox.sheets.errors import ApiError, invalid
from sandbox.sheets.grid import Cell, Formula
from sandbox.sheets.message import Message
from sandbox.sheets.metadata_wire import create_metadata, delete_metadata
from sandbox.sheets.protection_wire import add_protection, delete_protection, update_protection
from sandbox.sheets.sheet_wire import add_sheet, delete_sheet, update_book, update_sheet

JSON = dict[str, Any]

BODY_FIELDS = frozenset(
    {"requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"}
)
CELL_VALUES = {"stringValue": str, "numberValue": int | float, "boolValue": bool, "formulaValue": str}


class StructureRequest(NamedTuple):
    """The changes in their order, each with the name of its kind; whether to answer with the spreadsheet."""

    changes: list[tuple[str, Change]]
    include_book: bool


def structure_request(query: wire.Query, raw: bytes) -> StructureRequest:
    """A spreadsheets:batchUpdate."""
    wire.demand_parameters(query, frozenset())
    body = Message("", wire.parse_body(raw))
    body.demand(*BODY_FIELDS)
    if body.flag("responseIncludeGridData"):
        raise invalid("The sandbox does not serve grid data: read values instead.")
    changes = [_change(index, request) for index, request in enumerate(body.messages("requests"))]
    return StructureRequest(changes, body.flag("includeSpreadsheetInResponse"))


def _change(index: int, request: Message) -> tuple[str, Change]:
    kinds = [kind for kind, value in request.source.items() if value is not None]
    if not kinds:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    kind, *others = kinds
    if kind not in KINDS or others:
        raise invalid(f"The sandbox has no {' and '.join(kinds)} in one request of a batchUpdate.")
    try:
        return kind, KINDS[kind](request.message(kind))
    except ApiError as error:
        raise error if error.details else error.within(f"requests[{index}].{kind}") from error


def _append(message: Message) -> AppendDimension:
    message.demand("sheetId", "dimension", "length")
    return AppendDimension(message.integer("sheetId") or 0, message.axis(), message.integer("length") or 0)


def _insert(message: Message) -> InsertDimension:
    message.demand("range", "inheritFromBefore")
    sheet_id, axis, start, end = message.message("range").dimension_range()
    return InsertDimension(sheet_id, axis, start, end or 0, message.flag("inheritFromBefore"))


def _delete(message: Message) -> DeleteDimension:
    message.demand("range")
    return DeleteDimension(*message.message("range").dimension_range())


def _move(message: Message) -> MoveDimension:
    message.demand("source", "destinationIndex")
    source = message.message("source").dimension_range()
    return MoveDimension(*source, message.integer("destinationIndex") or 0)


def _hide(message: Message) -> HideDimension:
    message.demand("range", "properties", "fields")
    if message.mask() != ["hiddenByUser"]:
        raise invalid("The sandbox changes nothing of rows and columns but hiddenByUser.")
    hidden = message.message("properties").flag("hiddenByUser")
    return HideDimension(*message.message("range").dimension_range(), hidden)


def _sort(message: Message) -> SortRange:
    message.demand("range", "sortSpecs")
    keys = []
    for spec in message.messages("sortSpecs"):
        spec.demand("dimensionIndex", "sortOrder")
        order = spec.text("sortOrder")
        if order not in ("", "SORT_ORDER_UNSPECIFIED", "ASCENDING", "DESCENDING"):
            raise wire.wrong_value(f"{spec.path}.sort_order", f"{wire.PACKAGE}SortOrder", order)
        keys.append((spec.integer("dimensionIndex") or 0, order == "DESCENDING"))
    return SortRange(*message.message("range").grid_range(), keys)


def _update_cells(message: Message) -> UpdateCells:
    message.demand("rows", "fields", "start")
    if message.text("fields") != "userEnteredValue":
        raise invalid("The sandbox updates nothing of a cell but its userEnteredValue.")
    start = message.message("start")
    rows = [[_cell(cell) for cell in row.messages("values")] for row in message.messages("rows")]
    sheet_id, row, column = (start.integer(name) or 0 for name in ("sheetId", "rowIndex", "columnIndex"))
    return UpdateCells(sheet_id, row, column, rows)


def _cell(cell: Message) -> Cell | None:
    value = cell.message("userEnteredValue")
    value.demand(*CELL_VALUES)
    written: Cell
    for name, written in value.source.items():
        if not isinstance(written, CELL_VALUES[name]):
            raise wire.wrong_value(f"{value.path}.{name}", name, written)
        if name == "formulaValue":
            return _formula(str(written))
        return written
    return None


def _formula(text: str) -> Formula:
    if not text.startswith("="):
        raise invalid(f"Invalid formula: {text}. A formula must begin with an equals sign.")
    return Formula(text)


KINDS: dict[str, Callable[[Message], Change]] = {
    "appendDimension": _append,
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "updateDimensionProperties": _hide,
    "sortRange": _sort,
    "createDeveloperMetadata": create_metadata,
    "deleteDeveloperMetadata": delete_metadata,
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "updateSheetProperties": update_sheet,
    "updateSpreadsheetProperties": update_book,
    "updateCells": _update_cells,
    "addProtectedRange": add_protection,
    "updateProtectedRange": update_protection,
    "deleteProtectedRange": delete_protection,
}
