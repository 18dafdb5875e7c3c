"""One tab of a spreadsheet: an id, a title and a grid, and how it reads as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from sandbox.sheets.a1 import Bounds, Box, format_bounds, format_box, parse_box, quote_title
from sandbox.sheets.errors import ApiError, exceeds_grid
from sandbox.sheets.grid import EMPTY, Cell, Formula, Grid
from sandbox.sheets.metadata import Metadata
from sandbox.sheets.number_formats import is_known
from sandbox.sheets.protection import Protection

JSON = dict[str, Any]

ROW_COUNT, COLUMN_COUNT = 1000, 26
SCALARS = frozenset({str, int, float, bool})
SHEET_FIELDS = {
    "title",
    "sheetId",
    "rowCount",
    "columnCount",
    "values",
    "formats",
    "formulas",
    "protected",
    "metadata",
}
SHEET_FIELDS |= {"hidden", "hiddenRows", "hiddenColumns", "frozenRows", "frozenColumns"}


class Sheet:
    """One tab: an id, a title and a grid."""

    def __init__(self, sheet_id: int, title: str, grid: Grid) -> None:
        self.id = sheet_id
        self.grid = grid
        self.hidden = False
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
        refuse_unknown(source, SHEET_FIELDS)
        rows = [_cells_of(row) for row in source.get("values", [])]
        grid = Grid(rows, source.get("rowCount", ROW_COUNT), source.get("columnCount", COLUMN_COUNT))
        for text, kind in source.get("formats", {}).items():
            set_format(grid, box_of(text), kind)
        grid.protected = [Protection.from_json(each) for each in source.get("protected", [])]
        for text, formula in source.get("formulas", {}).items():
            cell = box_of(text)
            grid.put(cell.top, cell.left, Formula(formula))
        grid.metadata = [Metadata.from_json(note) for note in source.get("metadata", [])]
        grid.frozen = [source.get("frozenRows", 0), source.get("frozenColumns", 0)]
        grid.hidden = (set(source.get("hiddenRows", ())), set(source.get("hiddenColumns", ())))
        sheet = cls(source.get("sheetId", sheet_id), source["title"], grid)
        sheet.hidden = bool(source.get("hidden", False))
        return sheet

    def dump(self) -> JSON:
        """Everything about it, as JSON."""
        row_count, column_count = self.grid.size
        formats = {format_box(Box(r, c, r + 1, c + 1)): kind for (r, c), kind in self.grid.formats.items()}
        return {
            "title": self.title,
            "sheetId": self.id,
            "rowCount": row_count,
            "columnCount": column_count,
            "values": [_plain(cells) if self.grid.live else cells.copy() for cells in self.grid.rows],
            "formats": formats,
            "protected": [protection.dump() for protection in self.grid.protected],
        } | self._rarities()

    def _formulas(self) -> JSON:
        found = {}
        for row, cells in enumerate(self.grid.rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, Formula):
                    found[format_bounds((row, column, row + 1, column + 1))] = cell.text
        return found

    def _rarities(self) -> JSON:
        rows, columns = self.grid.hidden
        told = {
            "formulas": self._formulas() if self.grid.live else {},
            "metadata": [note.dump() for note in self.grid.metadata],
            "hidden": self.hidden,
            "hiddenRows": sorted(rows),
            "hiddenColumns": sorted(columns),
            "frozenRows": self.grid.frozen[0],
            "frozenColumns": self.grid.frozen[1],
        }
        return {name: value for name, value in told.items() if value}


def _plain(cells: list[Cell]) -> list[Cell]:
    return [EMPTY if isinstance(cell, Formula) else cell for cell in cells]


def box_of(text: str) -> Box:
    """Parse a range without sheet title; ValueError if it is none."""
    box = parse_box(text)
    if box is None:
        raise ValueError(f"not a range: {text}")
    return box


def set_format(grid: Grid, box: Box, kind: str | None) -> None:
    """Give cells a number format, or take it away with None."""
    if kind is not None and not is_known(kind):
        raise ValueError(f"unknown number format {kind!r}")
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


def refuse_unknown(source: Mapping[str, Any], known: set[str]) -> None:
    """ValueError for fields that are not known."""
    unknown = source.keys() - known
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
