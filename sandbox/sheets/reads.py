"""Reading values: values.get and batchGet on one book."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sandbox.sheets.a1 import Bounds, Box
from sandbox.sheets.book import Book
from sandbox.sheets.grid import Cell
from sandbox.sheets.rendering import Rendering, render
from sandbox.sheets.sheet import Sheet

JSON = dict[str, Any]


def get(book: Book, text: str, rendering: Rendering) -> JSON:
    """values.get: a ValueRange of the range bounded to the grid."""
    sheet, bounds = existing(*book.resolve(text))
    return value_range(book, sheet, bounds, rendering)


def batch_get(book: Book, texts: Sequence[str], rendering: Rendering) -> JSON:
    """values:batchGet: the ranges in the order asked for."""
    answer: JSON = {"spreadsheetId": book.id}
    if texts:
        answer["valueRanges"] = [get(book, text, rendering) for text in texts]
    return answer


def existing(sheet: Sheet, box: Box) -> tuple[Sheet, Bounds]:
    """What of a box lies on the grid; the API's 400 if it begins past it."""
    if sheet.grid.starts_outside(box):
        raise sheet.exceeds(box)
    return sheet, sheet.grid.bound(box)


def shown(book: Book, sheet: Sheet, bounds: Bounds, rendering: Rendering) -> list[list[Cell]]:
    """The values inside bounds, formulas calculated."""
    results = partial(book.calculation.result, sheet) if sheet.grid.live else None
    return render(sheet.grid, bounds, rendering, results)


def value_range(book: Book, sheet: Sheet, bounds: Bounds, rendering: Rendering) -> JSON:
    """What stands inside bounds, as a ValueRange."""
    values = shown(book, sheet, bounds, rendering)
    major = "COLUMNS" if rendering.by_columns else "ROWS"
    if not values:
        return {"range": sheet.range_text(bounds), "majorDimension": major}
    return {"range": sheet.range_text(bounds), "majorDimension": major, "values": values}
