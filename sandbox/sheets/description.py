"""A spreadsheet as spreadsheets.get tells of it, without the cells."""

from typing import Any

from sandbox.sheets import protection
from sandbox.sheets.book import Book
from sandbox.sheets.grid import COLUMNS, ROWS
from sandbox.sheets.sheet import Sheet

JSON = dict[str, Any]


def describe(book: Book, user: str) -> JSON:
    """A Spreadsheet without grid data, as that user sees it."""
    properties = {
        "title": book.title,
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": book.time_zone,
    }
    return {
        "spreadsheetId": book.id,
        "properties": properties,
        "sheets": [_describe_sheet(sheet, index, user) for index, sheet in enumerate(book.sheets)],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }


def _describe_sheet(sheet: Sheet, index: int, user: str) -> JSON:
    answer: JSON = {"properties": sheet_properties(sheet, index)}
    protected = [protection.describe(each, sheet.id, user) for each in sheet.grid.protected]
    return answer | ({"protectedRanges": protected} if protected else {})


def sheet_properties(sheet: Sheet, index: int) -> JSON:
    """The SheetProperties of a sheet; what is at its default is left out."""
    frozen_rows, frozen_columns = sheet.grid.frozen
    grid = {"rowCount": sheet.grid.size[ROWS], "columnCount": sheet.grid.size[COLUMNS]}
    grid |= {"frozenRowCount": frozen_rows} if frozen_rows else {}
    grid |= {"frozenColumnCount": frozen_columns} if frozen_columns else {}
    properties = {"sheetId": sheet.id, "title": sheet.title, "index": index, "sheetType": "GRID"}
    return properties | {"gridProperties": grid} | ({"hidden": True} if sheet.hidden else {})
