"""Changes of whole sheets and of the spreadsheet: added, deleted, renamed, moved, hidden, resized."""

from typing import Any
from zoneinfo import ZoneInfo

from sandbox.sheets.changes import AddSheet, DeleteDimension, DeleteSheet, Properties, UpdateBook, UpdateSheet
from sandbox.sheets.description import sheet_properties
from sandbox.sheets.dimension_changes import NOUNS, delete, grow
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import PROTECTED, invalid
from sandbox.sheets.formulas.following import follow_title, forget_sheet
from sandbox.sheets.grid import COLUMNS, ROWS, Axis, Grid
from sandbox.sheets.sheet import COLUMN_COUNT, ROW_COUNT, Sheet

JSON = dict[str, Any]


def add_sheet(draft: Draft, change: AddSheet) -> JSON:
    """Add an empty sheet, the last one unless an index is given."""
    given = change.properties
    sheet_id = given.get("sheetId", draft.book.new_sheet_id())
    if any(sheet.id == sheet_id for sheet in draft.sheets):
        raise invalid(f"A sheet with id {sheet_id} already exists.")
    rows, columns = given.get("rowCount") or ROW_COUNT, given.get("columnCount") or COLUMN_COUNT
    draft.demand_room(rows * columns, columns)
    title = given.get("title") or _free_title(draft)
    _demand_free(draft, title, None)
    sheet = Sheet(sheet_id, title, Grid([], rows, columns))
    sheet.hidden = given.get("hidden", False)
    _freeze(sheet.grid, given)
    index = min(given.get("index", len(draft.sheets)), len(draft.sheets))
    draft.sheets.insert(index, sheet)
    return {"properties": sheet_properties(sheet, index)}


def delete_sheet(draft: Draft, change: DeleteSheet) -> JSON:
    """Delete a sheet; one that people see must stay."""
    sheet = draft.sheet(change.sheet_id, "sheet")
    if sheet.grid.closed_to(draft.user):
        raise invalid(PROTECTED)
    draft.sheets.remove(sheet)
    if not draft.sheets:
        raise invalid("You can't remove all the sheets in a document.")
    if all(left.hidden for left in draft.sheets):
        raise invalid("You can't remove all the visible sheets in a document.")
    forget_sheet(draft.following, sheet.title)
    return {}


def update_sheet(draft: Draft, change: UpdateSheet) -> JSON:
    """Change the properties that are named."""
    sheet, given = draft.sheet(change.sheet_id, "sheet"), change.properties
    if "title" in given:
        _rename(draft, sheet, given["title"])
    for axis, name in enumerate(("rowCount", "columnCount")):
        if name in given:
            _resize(draft, sheet, axis, given[name])
    _freeze(sheet.grid, given)
    if "hidden" in given:
        sheet.hidden = given["hidden"]
        if all(each.hidden for each in draft.sheets):
            raise invalid("You can't hide all the sheets in a document.")
    if "index" in given:
        _reorder(draft.sheets, sheet, given["index"])
    return {}


def update_book(draft: Draft, change: UpdateBook) -> JSON:
    """Change the title or the time zone of the spreadsheet."""
    draft.title = change.properties.get("title", draft.title)
    draft.time_zone = change.properties.get("timeZone", draft.time_zone)
    try:
        ZoneInfo(draft.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise invalid(f"Invalid time zone: {draft.time_zone}") from error
    return {}


def _rename(draft: Draft, sheet: Sheet, title: str) -> None:
    if not title:
        raise invalid("The title of a sheet must not be empty.")
    _demand_free(draft, title, sheet)
    old = sheet.title
    sheet.rename(title)
    follow_title(draft.following, sheet, old)


def _demand_free(draft: Draft, title: str, sheet: Sheet | None) -> None:
    taken = (each for each in draft.sheets if each.title.casefold() == title.casefold())
    if any(each is not sheet for each in taken):
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _free_title(draft: Draft) -> str:
    titles = {sheet.title.casefold() for sheet in draft.sheets}
    numbers = range(len(titles) + 1, 2 * len(titles) + 2)
    return next(f"Sheet{number}" for number in numbers if f"sheet{number}" not in titles)


def _resize(draft: Draft, sheet: Sheet, axis: Axis, count: int) -> None:
    size = sheet.grid.size[axis]
    if count < size:
        delete(draft, DeleteDimension(sheet.id, axis, count, size))
    elif count > size:
        grow(draft, sheet, axis, count - size)


def _freeze(grid: Grid, given: Properties) -> None:
    for axis, name in ((ROWS, "frozenRowCount"), (COLUMNS, "frozenColumnCount")):
        if name in given:
            grid.frozen[axis] = given[name]
        if grid.frozen[axis] >= grid.size[axis]:
            raise invalid(f"You can't freeze all visible {NOUNS[axis]}s on the sheet.")


def _reorder(sheets: list[Sheet], sheet: Sheet, index: int) -> None:
    """The index is counted with the sheet still in its old place."""
    old = sheets.index(sheet)
    sheets.remove(sheet)
    sheets.insert(index - 1 if index > old else index, sheet)
