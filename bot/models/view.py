"""Rows of the sheet as one call showed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.models.notation import ISSUED, SHARED, Notation
from bot.models.proxy import UnreadableProxy
from bot.models.sheet import Cell, Columns, Known, SheetRow, cell_at, find_columns, read_row, text


@dataclass(frozen=True, slots=True)
class RawRows:
    """Cells as they came: row 1, and each asked row by number (empty where the sheet has nothing)."""

    header: Sequence[Cell]
    cells: Mapping[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to read rows: header names by field, the desk's day, the salt of the keys, what is known."""

    aliases: Mapping[str, Sequence[str]]
    salt: bytes
    today: date
    known: Known = field(default_factory=Known, compare=False)

    def row(self, number: int, cells: Sequence[Cell], columns: Columns) -> SheetRow | None:
        """The row as data; None for a row without a proxy; raises UnreadableProxy."""
        known = self.known.get(text(cell_at(cells, columns.proxy)))
        return read_row(number, cells, columns, self.today, self.salt, known)


@dataclass(frozen=True, slots=True)
class View:
    """The rows, parsed; `rows` holds the readable ones, `places` the rows of each key, in order."""

    columns: Columns
    header: Sequence[Cell]
    cells: Mapping[int, Sequence[Cell]]
    rows: Mapping[int, SheetRow]
    places: Mapping[str, list[int]]

    @property
    def notation(self) -> Notation:
        """How allocations stand in it."""
        return SHARED if self.columns.shared else ISSUED

    def at(self, key: str) -> list[SheetRow]:
        """The rows where that proxy stands."""
        return [self.rows[number] for number in self.places.get(key, ())]

    def with_answer(self, answer: RawRows, reading: Reading) -> View:
        """This view with the rows of a write's answer in place of the older ones; raises SheetLayoutError."""
        raw = RawRows(answer.header or self.header, {**self.cells, **answer.cells})
        if find_columns(raw.header, reading.aliases, self.columns) != self.columns:
            return make_view(raw, reading)
        rows = {number: row for number, row in self.rows.items() if number not in answer.cells}
        rows.update(_readable(answer.cells, self.columns, reading))
        return View(self.columns, raw.header, raw.cells, rows, _places(rows))


def make_view(raw: RawRows, reading: Reading, former: Columns | None = None) -> View:
    """Parse the rows; raises SheetLayoutError when a column is gone that is needed, or that was there formerly."""
    columns = find_columns(raw.header, reading.aliases, former)
    rows = _readable(raw.cells, columns, reading)
    return View(columns, raw.header, raw.cells, rows, _places(rows))


def _readable(cells: Mapping[int, Sequence[Cell]], columns: Columns, reading: Reading) -> dict[int, SheetRow]:
    rows = {}
    for number, row_cells in cells.items():
        try:
            row = reading.row(number, row_cells, columns)
        except UnreadableProxy:
            continue
        if row is not None:
            rows[number] = row
    return rows


def _places(rows: Mapping[int, SheetRow]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for number in sorted(rows):
        places.setdefault(rows[number].key, []).append(number)
    return places
