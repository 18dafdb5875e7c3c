"""The requests of a spreadsheets:batchUpdate, checked as Google's JSON layer checks them.

Pure, and knows no spreadsheet. Kinds that the sandbox does not have are refused with a 400 that says so.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sandbox.sheets import wire
from sandbox.sheets.a1 import Box
from sandbox.sheets.errors import invalid
from sandbox.sheets.grid import COLUMNS, ROWS, Axis, Cell

JSON = dict[str, Any]

BODY_FIELDS = frozenset(
    {"requests", "includeSpreadsheetInResponse", "responseRanges", "responseIncludeGridData"}
)
DIMENSIONS: dict[str, Axis] = {"ROWS": ROWS, "COLUMNS": COLUMNS}
CELL_VALUES = {"stringValue": str, "numberValue": int | float, "boolValue": bool}


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


class Message(NamedTuple):
    """A JSON object of the request and its path in it; reads fields by their JSON name, null as absent."""

    path: str
    source: Mapping[str, Any]

    def demand(self, *known: str) -> None:
        """Refuse names that the message does not have."""
        wire.demand_fields(dict(self.source), frozenset(known), self.path)

    def message(self, name: str) -> "Message":
        """A nested message; an empty one where there is none."""
        value, path = self.source.get(name), self._at(name)
        if value is not None and not isinstance(value, dict):
            raise wire.wrong_value(path, "message", value)
        return Message(path, value or {})

    def messages(self, name: str) -> list["Message"]:
        """A list of messages."""
        values, path = self.source.get(name) or [], self._at(name)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise wire.wrong_value(path, "message", values)
        return [Message(f"{path}[{index}]", value) for index, value in enumerate(values)]

    def integer(self, name: str) -> int | None:
        """A number; proto3 takes it as text, too."""
        value = self.source.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,10}", value):
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise wire.wrong_value(self._at(name), "TYPE_INT32", value)

    def flag(self, name: str) -> bool:
        """A boolean, false where there is none."""
        return bool(self._typed(name, bool, "TYPE_BOOL"))

    def text(self, name: str) -> str:
        """A text, "" where there is none."""
        return str(self._typed(name, str, "TYPE_STRING") or "")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(str(value) for value in self._typed(name, list, "TYPE_STRING") or ())

    def axis(self) -> Axis:
        """The field `dimension`."""
        value = self.source.get("dimension")
        if value not in DIMENSIONS:
            raise wire.wrong_value(self._at("dimension"), f"{wire.PACKAGE}Dimension", value)
        return DIMENSIONS[value]

    def _typed(self, name: str, kind: type, written: str) -> Any:
        value = self.source.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise wire.wrong_value(self._at(name), written, value)

    def _at(self, name: str) -> str:
        snake = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
        return f"{self.path}.{snake}" if self.path else snake


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
    place = protected.message("range")
    editors = protected.message("editors").texts("users") if protected.source.get("editors") else None
    return AddProtectedRange(
        place.integer("sheetId") or 0,
        Box(
            place.integer("startRowIndex") or 0,
            place.integer("startColumnIndex") or 0,
            place.integer("endRowIndex"),
            place.integer("endColumnIndex"),
        ),
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
