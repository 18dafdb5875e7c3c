"""The requests of a spreadsheets:batchUpdate, checked as Google's JSON layer checks them.

Pure, and knows no spreadsheet. Kinds that the sandbox does not have are refused with a 400 that says so.
"""

from collections.abc import Callable
from typing import Any

from sandbox.sheets import wire
from sandbox.sheets.changes import (
    AddProtectedRange,
    AppendDimension,
    Change,
    DeleteProtectedRange,
    InsertDimension,
    ResizeGrid,
    UpdateCells,
)
from sandbox.sheets.errors import invalid
from sandbox.sheets.grid import Cell
from sandbox.sheets.message import Message

JSON = dict[str, Any]

BODY_FIELDS = frozenset(
    {"requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"}
)
CELL_VALUES = {"stringValue": str, "numberValue": int | float, "boolValue": bool}


def structure_request(query: wire.Query, raw: bytes) -> list[tuple[str, Change]]:
    """The changes of a batchUpdate in their order, each with the name of its kind."""
    wire.demand_parameters(query, frozenset())
    body = Message("", wire.parse_body(raw))
    body.demand(*BODY_FIELDS)
    return [_change(index, request) for index, request in enumerate(body.messages("requests"))]


def _change(index: int, request: Message) -> tuple[str, Change]:
    kinds = [kind for kind, value in request.source.items() if value is not None]
    if not kinds:
        raise invalid(f"Invalid requests[{index}]: No request set.")
    kind, *others = kinds
    if kind not in KINDS or others:
        raise invalid(f"The sandbox has no {' and '.join(kinds)} in one request of a batchUpdate.")
    return kind, KINDS[kind](request.message(kind))


def _append(message: Message) -> AppendDimension:
    message.demand("sheetId", "dimension", "length")
    return AppendDimension(message.integer("sheetId") or 0, message.axis(), message.integer("length") or 0)


def _insert(message: Message) -> InsertDimension:
    message.demand("range", "inheritFromBefore")
    place = message.message("range")
    place.demand("sheetId", "dimension", "startIndex", "endIndex")
    return InsertDimension(
        place.integer("sheetId") or 0,
        place.axis(),
        place.integer("startIndex") or 0,
        place.integer("endIndex") or 0,
        message.flag("inheritFromBefore"),
    )


def _resize(message: Message) -> ResizeGrid:
    message.demand("properties", "fields")
    properties = message.message("properties")
    grid = properties.message("gridProperties")
    wanted = {field.strip().replace("/", ".") for field in message.text("fields").split(",")}
    counts = {f"gridProperties.{name}": grid.integer(name) for name in ("rowCount", "columnCount")}
    if not wanted <= counts.keys():
        raise invalid("The sandbox changes no sheet properties but rowCount and columnCount.")
    rows, columns = (count if name in wanted else None for name, count in counts.items())
    return ResizeGrid(properties.integer("sheetId") or 0, (rows, columns))


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
        return written
    return None


def _add_protection(message: Message) -> AddProtectedRange:
    message.demand("protectedRange")
    protected = message.message("protectedRange")
    protected.demand(
        "protectedRangeId", "range", "description", "warningOnly", "requestingUserCanEdit", "editors"
    )
    editors = protected.message("editors").texts("users") if protected.source.get("editors") else None
    return AddProtectedRange(
        *protected.message("range").grid_range(),
        protected.text("description"),
        protected.flag("warningOnly"),
        editors,
    )


def _delete_protection(message: Message) -> DeleteProtectedRange:
    message.demand("protectedRangeId")
    return DeleteProtectedRange(message.integer("protectedRangeId") or 0)


KINDS: dict[str, Callable[[Message], Change]] = {
    "appendDimension": _append,
    "insertDimension": _insert,
    "updateSheetProperties": _resize,
    "updateCells": _update_cells,
    "addProtectedRange": _add_protection,
    "deleteProtectedRange": _delete_protection,
}
