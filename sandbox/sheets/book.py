"""A spreadsheet: its sheets, whom it is shared with, and how ranges resolve to cells."""

import random
from collections.abc import Iterable, Mapping
from typing import Any, Self

from sandbox.sheets.a1 import (
    WHOLE_SHEET,
    Bounds,
    Box,
    format_bounds,
    format_box,
    parse_box,
    quote_title,
    split_title,
    unquote_title,
)
from sandbox.sheets.errors import ApiError, exceeds_grid, unable_to_parse
from sandbox.sheets.grid import Cell, Grid
from sandbox.sheets.protection import Protection

JSON = dict[str, Any]

ROW_COUNT, COLUMN_COUNT = 1000, 26
MAX_CELLS = 10_000_000
SCALARS = frozenset({str, int, float, bool})
NUMBER_FORMATS = ("DATE",)
SHEET_FIELDS = {"title", "sheetId", "rowCount", "columnCount", "values", "formats", "protected"}
BOOK_FIELDS = {"title", "sheets", "shared_with", "viewers", "revision"}


class Sheet:
    """One tab: an id, a title and a grid."""

    def __init__(self, sheet_id: int, title: str, grid: Grid) -> None:
        self.id = sheet_id
        self.grid = grid
        self.rename(title)

    def rename(self, title: str) -> None:
        """Give it another title."""
        if not title:
            raise ValueError("a sheet needs a title")
        self.title = title
        self.prefix = quote_title(title) + "!"

    def range_text(self, bounds: Bounds) -> str:
        """A range of this sheet as Google echoes it."""
        return self.prefix + format_bounds(bounds)

    def exceeds(self, box: Box) -> ApiError:
        """The refusal of a box that leaves the grid."""
        return exceeds_grid(self.prefix + format_box(box), *self.grid.size)

    @classmethod
    def from_json(cls, source: Mapping[str, Any], sheet_id: int) -> Self:
        """Read a sheet as `dump` writes it; only the title is needed. ValueError if it is none."""
        _refuse_unknown(source, SHEET_FIELDS)
        rows = [_cells_of(row) for row in source.get("values", [])]
        grid = Grid(rows, source.get("rowCount", ROW_COUNT), source.get("columnCount", COLUMN_COUNT))
        for text, kind in source.get("formats", {}).items():
            set_format(grid, box_of(text), kind)
        grid.protected = [Protection.from_json(each) for each in source.get("protected", [])]
        return cls(source.get("sheetId", sheet_id), source["title"], grid)

    def dump(self) -> JSON:
        """Everything about it, as JSON."""
        row_count, column_count = self.grid.size
        formats = {format_box(Box(r, c, r + 1, c + 1)): kind for (r, c), kind in self.grid.formats.items()}
        return {
            "title": self.title,
            "sheetId": self.id,
            "rowCount": row_count,
            "columnCount": column_count,
            "values": [cells.copy() for cells in self.grid.rows],
            "formats": formats,
            "protected": [protection.dump() for protection in self.grid.protected],
        }


class Book:
    """A spreadsheet. `revision` grows with every change, by people or through the API.

    Those it is `shared_with` may read and write, `viewers` may read.
    """

    def __init__(self, book_id: str, title: str, sheets: list[Sheet], shared_with: Iterable[str]) -> None:
        if not sheets:
            raise ValueError("a spreadsheet needs a sheet")
        self.id, self.title, self.sheets = book_id, title, sheets
        self.shared_with = list(shared_with)
        self.viewers: list[str] = []
        self.revision = 0
        self._by_written_title: dict[str, Sheet] = {}
        _refuse_double_titles(sheets)
        self._protections = 0
        self._number_protections()

    @property
    def cells(self) -> int:
        """How many cells all sheets have, filled or not."""
        return sum(sheet.grid.size[0] * sheet.grid.size[1] for sheet in self.sheets)

    def new_protection_id(self) -> int:
        """An id that no protected range of this book has had since it was loaded."""
        self._protections += 1
        return self._protections

    def _number_protections(self) -> None:
        grids = [sheet.grid for sheet in self.sheets]
        self._protections = max((each.id for grid in grids for each in grid.protected), default=0)
        for grid in grids:
            grid.protected = [
                each if each.id else each._replace(id=self.new_protection_id()) for each in grid.protected
            ]

    def sheet(self, title: str | None) -> Sheet | None:
        """The sheet of that title, in any case; the first one without a title."""
        if title is None:
            return self.sheets[0]
        wanted = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == wanted), None)

    def resolve(self, text: str) -> tuple[Sheet, Box]:
        """What a range text names. Raise the API's 400 if it names nothing."""
        written, cells = split_title(text)
        if written is None:
            return self._resolve_alone(text)
        sheet, box = self._written(written), parse_box(cells)
        if sheet is None or box is None:
            raise unable_to_parse(text)
        return sheet, box

    def _resolve_alone(self, text: str) -> tuple[Sheet, Box]:
        box = parse_box(text)
        if box is not None:
            return self.sheets[0], box
        sheet = self._written(text)
        if sheet is None:
            raise unable_to_parse(text)
        return sheet, WHOLE_SHEET

    def _written(self, written: str) -> Sheet | None:
        found = self._by_written_title.get(written)
        if found is None:
            found = self.sheet(unquote_title(written))
            if found is not None:
                self._by_written_title[written] = found
        return found

    def rename_sheet(self, sheet: Sheet, title: str) -> None:
        """Give a sheet another title; ValueError if it is taken."""
        taken = self.sheet(title)
        if taken not in (None, sheet):
            raise ValueError(f'A sheet with the name "{title}" already exists. Please enter another name.')
        sheet.rename(title)
        self._by_written_title.clear()

    @classmethod
    def from_json(
        cls, book_id: str, source: Mapping[str, Any], shared_with: Iterable[str], rng: random.Random
    ) -> Self:
        """Read a book as `dump` writes it; `shared_with` is the default. ValueError if it is none."""
        _refuse_unknown(source, BOOK_FIELDS)
        specs = source.get("sheets") or [{"title": "Sheet1"}]
        ids = [0, *(rng.randrange(1, 2**31) for _ in specs[1:])]
        sheets = [Sheet.from_json(spec, sheet_id) for spec, sheet_id in zip(specs, ids, strict=True)]
        book = cls(
            book_id,
            source.get("title", "Untitled spreadsheet"),
            sheets,
            source.get("shared_with", shared_with),
        )
        if book.cells > MAX_CELLS:
            raise ValueError(f"a workbook holds at most {MAX_CELLS} cells")
        book.viewers = list(source.get("viewers", []))
        book.revision = source.get("revision", 0)
        return book

    def dump(self) -> JSON:
        """Everything about it, as JSON."""
        return {
            "title": self.title,
            "revision": self.revision,
            "shared_with": list(self.shared_with),
            "viewers": list(self.viewers),
            "sheets": [sheet.dump() for sheet in self.sheets],
        }


def box_of(text: str) -> Box:
    """Parse a range without sheet title; ValueError if it is none."""
    box = parse_box(text)
    if box is None:
        raise ValueError(f"not a range: {text}")
    return box


def set_format(grid: Grid, box: Box, kind: str | None) -> None:
    """Give cells a number format, or take it away with None."""
    if kind is not None and kind not in NUMBER_FORMATS:
        raise ValueError(f"unknown number format {kind!r}, known are {', '.join(NUMBER_FORMATS)}")
    top, left, bottom, right = grid.bound(box)
    cells = ((row, column) for row in range(top, bottom) for column in range(left, right))
    for cell in cells:
        if kind is None:
            grid.formats.pop(cell, None)
        else:
            grid.formats[cell] = kind


def cell_value(value: object) -> Cell:
    """A JSON value as a cell; null is empty. ValueError for objects and lists."""
    if value is None:
        return ""
    if type(value) not in SCALARS:
        raise ValueError(f"not a cell value: {value!r}")
    return value  # type: ignore[return-value]


def _cells_of(row: Iterable[Any]) -> list[Cell]:
    cells = list(row)
    return cells if set(map(type, cells)) <= SCALARS else [cell_value(value) for value in cells]


def _refuse_unknown(source: Mapping[str, Any], known: set[str]) -> None:
    unknown = source.keys() - known
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")


def _refuse_double_titles(sheets: list[Sheet]) -> None:
    titles = [sheet.title.casefold() for sheet in sheets]
    if len(set(titles)) < len(titles):
        raise ValueError("two sheets have the same title")
