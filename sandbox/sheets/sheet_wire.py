"""The batchUpdate requests about whole sheets and the spreadsheet. Pure, and knows no spreadsheet."""

from collections.abc import Callable
from typing import Any

from sandbox.sheets.changes import AddSheet, DeleteSheet, Properties, UpdateBook, UpdateSheet
from sandbox.sheets.errors import invalid
from sandbox.sheets.message import Message

GRID = "gridProperties."
SIZES = ("rowCount", "columnCount", "frozenRowCount", "frozenColumnCount")
LOCALE = "en_US"


def add_sheet(message: Message) -> AddSheet:
    """An addSheet."""
    message.demand("properties")
    properties = message.message("properties")
    if properties.text("sheetType") not in ("", "SHEET_TYPE_UNSPECIFIED", "GRID"):
        raise invalid("The sandbox has no sheets but grids.")
    given = _read(properties, _given(properties))
    sheet_id = properties.integer("sheetId")
    return AddSheet(given if sheet_id is None else {**given, "sheetId": sheet_id})


def delete_sheet(message: Message) -> DeleteSheet:
    """A deleteSheet."""
    message.demand("sheetId")
    return DeleteSheet(message.integer("sheetId") or 0)


def update_sheet(message: Message) -> UpdateSheet:
    """An updateSheetProperties; what its mask does not name is left alone."""
    message.demand("properties", "fields")
    properties = message.message("properties")
    wanted: list[str] = []
    for path in message.mask():
        wanted += _given(properties) if path == "*" else _inside(properties, path)
    return UpdateSheet(properties.integer("sheetId") or 0, _read(properties, wanted))


def update_book(message: Message) -> UpdateBook:
    """An updateSpreadsheetProperties."""
    message.demand("properties", "fields")
    properties = message.message("properties")
    changes: dict[str, Any] = {}
    for path in message.mask():
        names = ("title", "timeZone", "locale") if path == "*" else (path,)
        for name in names:
            if name not in ("title", "timeZone", "locale"):
                raise invalid("The sandbox changes no properties of a spreadsheet but title and timeZone.")
            if path != "*" or properties.source.get(name) is not None:
                changes[name] = properties.text(name)
    if changes.pop("locale", LOCALE) != LOCALE:
        raise invalid(f"The sandbox has no locale but {LOCALE}.")
    return UpdateBook(changes)


def _given(properties: Message) -> list[str]:
    names = [name for name in properties.source if name not in ("sheetId", "sheetType", "gridProperties")]
    return names + [GRID + name for name in properties.message("gridProperties").source]


def _inside(properties: Message, path: str) -> list[str]:
    if path == "gridProperties":
        return [GRID + name for name in properties.message("gridProperties").source]
    return [path]


def _read(properties: Message, paths: list[str]) -> Properties:
    grid = properties.message("gridProperties")
    readers: dict[str, Callable[[], Any]] = {
        "title": lambda: properties.text("title"),
        "index": lambda: properties.integer("index") or 0,
        "hidden": lambda: properties.flag("hidden"),
    }
    read: dict[str, Any] = {}
    for path in paths:
        if path in readers:
            read[path] = readers[path]()
        elif path.removeprefix(GRID) in SIZES and path.startswith(GRID):
            read[path.removeprefix(GRID)] = grid.integer(path.removeprefix(GRID)) or 0
        else:
            raise invalid(f"The sandbox changes no sheet property {path}.")
        if isinstance(read[path.removeprefix(GRID)], int) and read[path.removeprefix(GRID)] < 0:
            raise invalid(f"{path} must be >= 0.")
    return read
