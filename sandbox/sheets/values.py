"""Changing values: values.update, batchUpdate, append, clear and batchClear on one book."""

from collections.abc import Sequence
from typing import Any

from sandbox.sheets import lines
from sandbox.sheets.a1 import Bounds
from sandbox.sheets.book import MAX_CELLS, MAX_COLUMNS, Book
from sandbox.sheets.errors import PROTECTED, TOO_MANY_CELLS, TOO_MANY_COLUMNS, ApiError, invalid
from sandbox.sheets.grid import COLUMNS, EMPTY, ROWS
from sandbox.sheets.reads import existing
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.tables import table_in
from sandbox.sheets.wire import Append, BatchUpdate, UpdateOptions, ValueRange
from sandbox.sheets.writes import Write, carry_out, demand_open, entered, extent, response, targeted, totals

JSON = dict[str, Any]


def update(book: Book, data: ValueRange, options: UpdateOptions, user: str) -> JSON:
    """values.update: an UpdateValuesResponse."""
    write = _checked(book, data, options, user)
    written = carry_out(write)
    book.revision += 1
    return response(book, write, written, options, by_columns=data.by_columns)


def batch_update(book: Book, request: BatchUpdate, user: str) -> JSON:
    """values:batchUpdate: totals over distinct rows and columns, and a response for each range."""
    options = request.options
    writes = [_checked_part(book, data, options, user, index) for index, data in enumerate(request.data)]
    done = [(write, carry_out(write)) for write in writes]
    book.revision += 1
    responses = [
        response(book, write, written, options, by_columns=data.by_columns)
        for (write, written), data in zip(done, request.data, strict=True)
    ]
    answer = {"spreadsheetId": book.id} | totals(done)
    return answer | {"responses": responses} if responses else answer


def _checked_part(book: Book, data: ValueRange, options: UpdateOptions, user: str, index: int) -> Write:
    try:
        return _checked(book, data, options, user)
    except ApiError as error:
        raise error.within(f"data[{index}]") from error


def _checked(book: Book, data: ValueRange, options: UpdateOptions, user: str) -> Write:
    rows = entered(book, data, options)
    write = targeted(*book.resolve(data.range), rows)
    demand_open(write, user)
    return write


def append(book: Book, request: Append, user: str) -> JSON:
    """values.append: rows below the last table in the range, or at its first cell if it is empty."""
    rows = entered(book, request.data, request.options)
    sheet, bounds = existing(*book.resolve(request.data.range))
    table = table_in(sheet.grid, bounds)
    top, left = (table[2], table[1]) if table else bounds[:2]
    height, width = extent(rows)
    filled = (top, left, top + height, left + width)
    write = Write(sheet, filled, filled, rows)
    demand_open(write, user)
    _make_room(book, sheet, filled, insert=request.insert_rows)
    answer: JSON = {"spreadsheetId": book.id}
    if table:
        answer["tableRange"] = sheet.range_text(table)
    written = carry_out(write)
    book.revision += 1
    by_columns = request.data.by_columns
    return answer | {"updates": response(book, write, written, request.options, by_columns=by_columns)}


def _make_room(book: Book, sheet: Sheet, filled: Bounds, *, insert: bool) -> None:
    top, _, bottom, right = filled
    row_count, column_count = sheet.grid.size
    inserted = bottom - top if insert and top < row_count else 0
    missing_rows = max(0, bottom - row_count - inserted)
    missing_columns = max(0, right - column_count)
    grown = (row_count + inserted + missing_rows) * (column_count + missing_columns)
    if book.cells - row_count * column_count + grown > MAX_CELLS:
        raise invalid(TOO_MANY_CELLS)
    if missing_columns and column_count + missing_columns > MAX_COLUMNS:
        raise invalid(TOO_MANY_COLUMNS)
    if inserted:
        lines.insert(book.sheets, sheet, ROWS, top, inserted)
    if missing_rows:
        lines.insert(book.sheets, sheet, ROWS, sheet.grid.size[ROWS], missing_rows)
    if missing_columns:
        lines.insert(book.sheets, sheet, COLUMNS, column_count, missing_columns)


def clear(book: Book, text: str, user: str) -> JSON:
    """values.clear: the cells of a range are emptied, their formats stay."""
    [cleared] = clear_all(book, [existing(*book.resolve(text))], user)
    return {"spreadsheetId": book.id, "clearedRange": cleared}


def batch_clear(book: Book, texts: Sequence[str], user: str) -> JSON:
    """values:batchClear: all of the ranges or none."""
    cleared = clear_all(book, [existing(*book.resolve(text)) for text in texts], user)
    return {"spreadsheetId": book.id} | ({"clearedRanges": cleared} if cleared else {})


def clear_all(book: Book, places: Sequence[tuple[Sheet, Bounds]], user: str) -> list[str]:
    """Empty all of the places, or none if one is closed to the user; how Google echoes them."""
    for sheet, bounds in places:
        if any(box.meets(bounds) for box in sheet.grid.closed_to(user)):
            raise invalid(PROTECTED)
    for sheet, (top, left, bottom, right) in places:
        for cells in sheet.grid.rows[top:bottom]:
            end = min(right, len(cells))
            cells[left:end] = [EMPTY] * (end - left)
    book.revision += 1
    return [sheet.range_text(bounds) for sheet, bounds in places]
