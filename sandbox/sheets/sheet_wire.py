"""The batchUpdate requests about whole sheets and the spreadsheet. Pure, and knows no spreadsheet."""

from sandbox.sheets.changes import AddSheet, DeleteSheet, Properties, UpdateBook, UpdateSheet
from sandbox.sheets.errors import invalid
from sandbox.sheets.message import Message

GRID = "gridProperties."
SIZES = ("rowCount", "columnCount", "frozenRowCount", "frozenColumnCount")
COUNTS = frozenset({"index", *(GRID + name for name in SIZES)})
BOOK_PROPERTIES = frozenset({"title", "timeZone", "locale"})
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
    wanted = list(properties.source) if message.mask() == ["*"] else message.mask()
    if not BOOK_PROPERTIES.issuperset(wanted):
        raise invalid("The sandbox changes no properties of a spreadsheet but title and timeZone.")
    changes = {name: properties.text(name) for name in wanted}
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
    return {path.removeprefix(GRID): _property(properties, path) for path in paths}


def _property(properties: Message, path: str) -> str | int | bool:
    if path == "title":
        return properties.text("title")
    if path == "hidden":
        return properties.flag("hidden")
    if path not in COUNTS:
        raise invalid(f"The sandbox changes no sheet property {path}.")
    holder = properties if path == "index" else properties.message("gridProperties")
    count = holder.integer(path.removeprefix(GRID)) or 0
    if count < 0:
        raise invalid(f"{path} must be >= 0.")
    return count
