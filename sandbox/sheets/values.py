"""Reading and writing values: values.get, batchGet, update and batchUpdate on one book.

A write is checked as a whole before the first cell changes.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sandbox.sheets.a1 import Bounds, Box, column_letters
from sandbox.sheets.book import Book, Sheet
from sandbox.sheets.errors import CELL_TOO_LONG, PROTECTED, ApiError, invalid
from sandbox.sheets.grid import Cell
from sandbox.sheets.rendering import Rendering, render
from sandbox.sheets.wire import BatchUpdate, UpdateOptions, ValueRange, Values, transposed

JSON = dict[str, Any]

MAX_CHARACTERS = 50_000
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def get(book: Book, text: str, rendering: Rendering) -> JSON:
    """values.get: a ValueRange of the range bounded to the grid."""
    sheet, box = book.resolve(text)
    if sheet.grid.starts_outside(box):
        raise sheet.exceeds(box)
    return _value_range(sheet, sheet.grid.bound(box), rendering)


def batch_get(book: Book, texts: Sequence[str], rendering: Rendering) -> JSON:
    """values:batchGet: the ranges in the order asked for."""
    answer: JSON = {"spreadsheetId": book.id}
    if texts:
        answer["valueRanges"] = [get(book, text, rendering) for text in texts]
    return answer


def _value_range(sheet: Sheet, bounds: Bounds, rendering: Rendering) -> JSON:
    values = render(sheet.grid, bounds, rendering)
    major = "COLUMNS" if rendering.by_columns else "ROWS"
    if not values:
        return {"range": sheet.range_text(bounds), "majorDimension": major}
    return {"range": sheet.range_text(bounds), "majorDimension": major, "values": values}


class Write(NamedTuple):
    """A checked write: `rows` go to the first cell of `filled` on.

    `asked` is the range asked for, bounded to the grid, `filled` the part that the values cover.
    """

    sheet: Sheet
    asked: Bounds
    filled: Bounds
    rows: Values
    by_columns: bool


class Written(NamedTuple):
    """Which rows, columns and how many cells a write really changed."""

    rows: set[int]
    columns: set[int]
    cells: int


def update(book: Book, data: ValueRange, options: UpdateOptions, user: str) -> JSON:
    """values.update: an UpdateValuesResponse."""
    write = _checked(book, data, options, user)
    written = _carry_out(write)
    book.revision += 1
    return _update_response(book, write, written, options)


def batch_update(book: Book, request: BatchUpdate, user: str) -> JSON:
    """values:batchUpdate: totals over distinct rows and columns, and a response for each range."""
    options = request.options
    writes = [_checked_part(book, data, options, user, index) for index, data in enumerate(request.data)]
    done = [(write, _carry_out(write)) for write in writes]
    book.revision += 1
    responses = [_update_response(book, write, written, options) for write, written in done]
    answer = {"spreadsheetId": book.id} | _totals(done)
    return answer | {"responses": responses} if responses else answer


def _checked_part(book: Book, data: ValueRange, options: UpdateOptions, user: str, index: int) -> Write:
    try:
        return _checked(book, data, options, user)
    except ApiError as error:
        raise error.within(f"data[{index}]") from error


def _checked(book: Book, data: ValueRange, options: UpdateOptions, user: str) -> Write:
    rows = data.rows
    _demand_cells(rows)
    if data.by_columns:
        rows = transposed(rows)
    if options.user_entered:
        rows = [[_as_typed(value) for value in row] for row in rows]
    sheet, box = book.resolve(data.range)
    width = len(rows[0]) if len(rows) == 1 else max(map(len, rows), default=0)
    asked, filled = _target(sheet, box, len(rows) or 1, width or 1)
    if closed := sheet.grid.closed_to(user):
        _refuse_protected(closed, filled, rows)
    return Write(sheet, asked, filled, rows, data.by_columns)


def _target(sheet: Sheet, box: Box, height: int, width: int) -> tuple[Bounds, Bounds]:
    """What is asked for and what is filled; the values must fit in unless a single cell was named."""
    grid = sheet.grid
    if grid.starts_outside(box) or grid.ends_outside(box):
        raise sheet.exceeds(box)
    top, left, bottom, right = asked = grid.bound(box)
    filled = (top, left, top + height, left + width)
    if box.is_cell:
        if grid.ends_outside(Box(*filled)):
            raise sheet.exceeds(Box(*filled))
        return filled, filled
    if left + width > right:
        raise _outside(sheet, asked, f"column [{column_letters(right)}]")
    if top + height > bottom:
        raise _outside(sheet, asked, f"row [{bottom + 1}]")
    return asked, filled


def _outside(sheet: Sheet, asked: Bounds, place: str) -> ApiError:
    within = f"Requested writing within range [{sheet.range_text(asked)}]"
    return invalid(f"{within}, but tried writing to {place}")


def _demand_cells(lines: Values) -> None:
    for line in lines:
        for value in line:
            if value is None:
                continue
            if value.__class__ is str:
                if len(value) > MAX_CHARACTERS:
                    raise invalid(CELL_TOO_LONG)
            elif value.__class__ is dict or value.__class__ is list:
                raise _nested(lines, line, value)


def _nested(lines: Values, line: Sequence[Any], value: object) -> ApiError:
    kind = "struct_value" if isinstance(value, dict) else "list_value"
    return invalid(f"Invalid values[{lines.index(line)}][{line.index(value)}]: {kind} {{\n}}\n")


def _refuse_protected(closed: Sequence[Box], filled: Bounds, rows: Values) -> None:
    for row, line in enumerate(rows, start=filled[0]):
        for column, value in enumerate(line, start=filled[1]):
            if value is not None and any(box.holds(row, column) for box in closed):
                raise invalid(PROTECTED)


def _as_typed(value: Any) -> Cell | None:
    """USER_ENTERED, as far as the sandbox goes: numbers, booleans and texts."""
    if not isinstance(value, str):
        return value  # type: ignore[no-any-return]
    if value.startswith("="):
        raise invalid("The sandbox does not evaluate formulas yet: write RAW values.")
    if value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    if NUMBER.fullmatch(value.strip()):
        return float(value)
    return value.removeprefix("'")


def _carry_out(write: Write) -> Written:
    top, left, _, right = write.filled
    rows: set[int] = set()
    columns: set[int] = set()
    cells = 0
    for row, line in enumerate(write.rows, start=top):
        touched = [column for column, value in enumerate(line, start=left) if value is not None]
        if touched:
            target = write.sheet.grid.row(row, right)
            for column in touched:
                value = line[column - left]
                target[column] = _normal(value) if value.__class__ is float else value
            rows.add(row)
            columns.update(touched)
            cells += len(touched)
    return Written(rows, columns, cells)


def _normal(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _update_response(book: Book, write: Write, written: Written, options: UpdateOptions) -> JSON:
    sheet = write.sheet
    answer: JSON = {"spreadsheetId": book.id, "updatedRange": sheet.range_text(write.filled)}
    if written.cells:
        answer["updatedRows"] = len(written.rows)
        answer["updatedColumns"] = len(written.columns)
        answer["updatedCells"] = written.cells
    if options.include_values:
        rendering = options.rendering._replace(by_columns=True) if write.by_columns else options.rendering
        answer["updatedData"] = _value_range(sheet, write.asked, rendering)
    return answer


def _totals(done: list[tuple[Write, Written]]) -> JSON:
    rows: dict[int, set[int]] = {}
    columns: dict[int, set[int]] = {}
    for write, written in done:
        if written.cells:
            rows.setdefault(write.sheet.id, set()).update(written.rows)
            columns.setdefault(write.sheet.id, set()).update(written.columns)
    totals = {
        "totalUpdatedRows": sum(map(len, rows.values())),
        "totalUpdatedColumns": sum(map(len, columns.values())),
        "totalUpdatedCells": sum(written.cells for _, written in done),
        "totalUpdatedSheets": len(rows),
    }
    return {name: total for name, total in totals.items() if total}
