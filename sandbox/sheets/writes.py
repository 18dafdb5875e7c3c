"""A write of values in its steps: understood, placed, checked, carried out and answered.

Everything is checked before the first cell changes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sandbox.sheets.a1 import Bounds, Box, column_letters
from sandbox.sheets.book import Book
from sandbox.sheets.errors import CELL_TOO_LONG, PROTECTED, ApiError, invalid
from sandbox.sheets.grid import Cell, Formula, Grid
from sandbox.sheets.reads import value_range
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.typed import Entry, plain, read
from sandbox.sheets.wire import UpdateOptions, ValueRange, Values, transposed

JSON = dict[str, Any]

MAX_CHARACTERS = 50_000


class Write(NamedTuple):
    """A checked write: `rows` go to the first cell of `filled` on.

    `asked` is the range asked for, bounded to the grid, `filled` the part that the values cover.
    """

    sheet: Sheet
    asked: Bounds
    filled: Bounds
    rows: Values


class Written(NamedTuple):
    """Which rows, columns and how many cells a write really changed."""

    rows: set[int]
    columns: set[int]
    cells: int


def entered(book: Book, data: ValueRange, options: UpdateOptions) -> Values:
    """The rows of cells that are sent, understood as the options say. ApiError for what is no cell."""
    _demand_cells(data.rows)
    rows = transposed(data.rows) if data.by_columns else data.rows
    if options.user_entered:
        today = book.today
        rows = [[read(value, today) if isinstance(value, str) else value for value in row] for row in rows]
    return rows


def extent(rows: Values) -> tuple[int, int]:
    """How many rows and columns the values cover, at least one of each."""
    width = len(rows[0]) if len(rows) == 1 else max(map(len, rows), default=0)
    return len(rows) or 1, width or 1


def targeted(sheet: Sheet, box: Box, rows: Values) -> Write:
    """A write of rows into a box; they must fit in, unless a single cell was named."""
    grid, (height, width) = sheet.grid, extent(rows)
    if grid.starts_outside(box) or grid.ends_outside(box):
        raise sheet.exceeds(box)
    top, left, bottom, right = asked = grid.bound(box)
    filled = (top, left, top + height, left + width)
    if box.is_cell:
        if grid.ends_outside(Box(*filled)):
            raise sheet.exceeds(Box(*filled))
        return Write(sheet, filled, filled, rows)
    if left + width > right:
        raise _outside(sheet, asked, f"column [{column_letters(right)}]")
    if top + height > bottom:
        raise _outside(sheet, asked, f"row [{bottom + 1}]")
    return Write(sheet, asked, filled, rows)


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


def demand_open(write: Write, user: str) -> None:
    """Refuse a write to cells that are closed to the user."""
    closed = write.sheet.grid.closed_to(user)
    if not closed:
        return
    for row, line in enumerate(write.rows, start=write.filled[0]):
        for column, value in enumerate(line, start=write.filled[1]):
            if value is not None and any(box.holds(row, column) for box in closed):
                raise invalid(PROTECTED)


def carry_out(write: Write) -> Written:
    """Put the values into the cells."""
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
                if value.__class__ is float:
                    value = plain(value)
                elif value.__class__ is Entry:
                    value = _unpacked(write.sheet.grid, row, column, value)
                target[column] = value
            rows.add(row)
            columns.update(touched)
            cells += len(touched)
    return Written(rows, columns, cells)


def _unpacked(grid: Grid, row: int, column: int, entry: Entry) -> Cell:
    if entry.pattern:
        grid.formats[row, column] = entry.pattern
    grid.live = grid.live or isinstance(entry.value, Formula)
    return entry.value


def response(book: Book, write: Write, written: Written, options: UpdateOptions, *, by_columns: bool) -> JSON:
    """The UpdateValuesResponse of a write."""
    sheet = write.sheet
    answer: JSON = {"spreadsheetId": book.id, "updatedRange": sheet.range_text(write.filled)}
    if written.cells:
        answer["updatedRows"] = len(written.rows)
        answer["updatedColumns"] = len(written.columns)
        answer["updatedCells"] = written.cells
    if options.include_values:
        rendering = options.rendering._replace(by_columns=True) if by_columns else options.rendering
        answer["updatedData"] = value_range(book, sheet, write.asked, rendering)
    return answer


def totals(done: list[tuple[Write, Written]]) -> JSON:
    """What a batch changed in all, counting distinct rows and columns."""
    rows: dict[int, set[int]] = {}
    columns: dict[int, set[int]] = {}
    for write, written in done:
        if written.cells:
            rows.setdefault(write.sheet.id, set()).update(written.rows)
            columns.setdefault(write.sheet.id, set()).update(written.columns)
    counts = {
        "totalUpdatedRows": sum(map(len, rows.values())),
        "totalUpdatedColumns": sum(map(len, columns.values())),
        "totalUpdatedCells": sum(written.cells for _, written in done),
        "totalUpdatedSheets": len(rows),
    }
    return {name: total for name, total in counts.items() if total}
