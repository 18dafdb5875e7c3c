"""An in-memory twin of the Google Sheet: what people do to it, and what the API makes of it.

Every line is kept twice: as it stands, and as it would stand had the API never written. So a test can tell at any
time whether something of people's was changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import PeerRefused, PeerUnavailable, RowsRefused
from bot.gateways.sheets_wire import reading_spans, write_body
from bot.models.entries import MAX_CELL
from bot.models.sheet import Cell
from bot.models.view import RawRows

PEER = "memory sheet"
EMPTY = ""
ISSUED = "issued"
UNREADABLE = "not a proxy"  # nobody can tell which row was which without a proxy in it


@dataclass(slots=True, eq=False)
class Line:
    """One row: its cells as they stand, and people's share of them; both are as wide as the sheet.

    `forgiven`: entries of people that the API cannot but lose, and may also keep.
    """

    cells: list[Cell]
    people: list[Cell]
    protected: bool = False
    forgiven: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a commit's read saw of a row: which line it was, and the text in `issued`."""

    line: Line
    issued: str


class MemorySheet:
    """The sheet itself. Row numbers count from 1 (the header); columns are named by their header.

    `ours`: the column that the API writes into, shared with people or not.
    """

    def __init__(self, rows: Sequence[Sequence[Cell]], ours: str = ISSUED) -> None:
        self.ours = ours
        self.width = max(map(len, rows))
        self.lines = [self._line(row) for row in rows]
        self.cut_out: list[Line] = []
        self.writes = 0
        self._sights: dict[int, Sight] = {}
        self._known: set[str] = set()

    # -- people ---------------------------------------------------------------------------------------------

    def column(self, header: str) -> int:
        """Where the column stands now (0-based)."""
        return self.lines[0].cells.index(header)

    def cell(self, row: int, header: str) -> Cell:
        """One cell as it stands."""
        return self.lines[row - 1].cells[self.column(header)]

    def put(self, row: int, header: str, value: Cell) -> None:
        """A person fills a cell."""
        line, column = self.lines[row - 1], self.column(header)
        line.cells[column] = line.people[column] = value

    def append_issued(self, row: int, entry: str) -> None:
        """A person types an entry behind whatever the `issued` cell holds."""
        line, column = self.lines[row - 1], self.column(self.ours)
        line.cells[column] = joined(entries(line.cells[column]), [entry])
        line.people[column] = joined(entries(line.people[column]), [entry])

    def sort(self, header: str, *, descending: bool = False) -> None:
        """A person sorts all rows by one column, as texts; empty cells come last."""
        column = self.column(header)
        filled = [line for line in self.lines[1:] if line.people[column] != EMPTY]
        empty = [line for line in self.lines[1:] if line.people[column] == EMPTY]
        filled.sort(key=lambda line: str(line.people[column]).casefold(), reverse=descending)
        self.lines[1:] = [*filled, *empty]

    def insert(self, row: int, cells: Sequence[Cell] = ()) -> None:
        """A person inserts a row before `row`, empty or filled."""
        self.lines.insert(row - 1, self._line(cells))

    def delete(self, row: int) -> None:
        """A person deletes a row."""
        del self.lines[row - 1]

    def move(self, row: int, to: int) -> None:
        """A person drags a row to another place."""
        self.lines.insert(to - 1, self.lines.pop(row - 1))

    def remove_issued(self, row: int, entry: str) -> None:
        """A person deletes one entry of an `issued` cell."""
        line, column = self.lines[row - 1], self.column(ISSUED)
        for cells in (line.cells, line.people):
            cells[column] = joined([each for each in entries(cells[column]) if each != entry])

    def is_spoilt(self, row: int, ids: Collection[str]) -> bool:
        """Whether a text of others has come into that `issued` cell, which is about to be put right."""
        line, column = self.lines[row - 1], self.column(ISSUED)
        people = entries(line.people[column])
        return any(
            each not in people and each.rpartition("#")[2] not in ids for each in entries(line.cells[column])
        )

    def write_issued(self, line: Line, entry: str) -> None:
        """A person puts back an entry of ours; people's own share of the cell is as before."""
        column = self.column(ISSUED)
        line.cells[column] = joined(entries(line.cells[column]), [entry])

    def sort_issued(self, *, descending: bool = False) -> None:
        """A person sorts the `issued` column alone: every text lands beside another proxy."""
        column, rows = self.column(ISSUED), self.lines[1:]
        texts = [(line.cells[column], line.people[column], line.forgiven) for line in rows]
        texts.sort(key=lambda text: (text[0] == EMPTY, str(text[0])), reverse=descending)
        for line, (cell, people, forgiven) in zip(rows, texts, strict=True):
            line.cells[column], line.people[column], line.forgiven = cell, people, forgiven

    def cut(self, row: int) -> Line:
        """A person cuts a row out, to paste it elsewhere later."""
        self.cut_out.append(self.lines.pop(row - 1))
        return self.cut_out[-1]

    def paste(self, row: int, line: Line) -> None:
        """A person pastes a row that was cut out."""
        self.cut_out.remove(line)
        self.lines.insert(row - 1, line)

    def insert_column(self, at: int, header: str) -> None:
        """A person inserts a column before index `at`."""
        for line in (*self.lines, *self.cut_out):
            for cells in (line.cells, line.people):
                cells.insert(at, header if line is self.lines[0] else EMPTY)
        self.width += 1

    def protect(self, row: int, *, protected: bool = True) -> None:
        """A person protects a row from the API, or ends that."""
        self.lines[row - 1].protected = protected

    # -- the API --------------------------------------------------------------------------------------------

    def rows(self, numbers: Sequence[int]) -> RawRows:
        """Row 1 and whole rows, with tails dropped. A start past the grid's end is refused as a whole."""
        for first, _ in reading_spans(numbers, "tab"):
            self._demand(first)
        issued = self.column(self.ours)
        for number in self._inside(numbers):
            line = self.lines[number - 1]
            self._sights[number] = Sight(line, str(line.cells[issued]))
        cells: dict[int, Sequence[Cell]] = dict.fromkeys(numbers, ())
        cells.update((number, _cut(self.lines[number - 1].cells)) for number in self._inside(numbers))
        return RawRows(_cut(self.lines[0].cells), cells)

    def whole(self) -> RawRows:
        """Row 1 and every row below it."""
        return self.rows(range(2, len(self.lines) + 1))

    def sights(self) -> Mapping[int, Sight]:
        """What commits have last read: what a write that is sent now was decided upon."""
        return dict(self._sights)

    def write(
        self, cells: Mapping[int, Mapping[int, Cell]], decided_upon: Mapping[int, Sight] | None = None
    ) -> RawRows:
        """Fill cells, all or none; returns those rows as they are afterwards."""
        decided_upon = self._sights if decided_upon is None else decided_upon
        for run in write_body("tab", cells)[1]:
            self._check(run, cells)
        self.writes += 1
        for number, values in cells.items():
            for column, value in values.items():
                self._fill(number, column, value, decided_upon.get(number))
        left = {number: _cut(self.lines[number - 1].cells) for number in sorted(cells)}
        return RawRows(_cut(self.lines[0].cells), left)

    def header(self) -> list[Cell]:
        """Row 1 as a read by columns gives it: None for a gap."""
        return [None if cell == EMPTY else cell for cell in _cut(self.lines[0].cells)]

    def columns(self, numbers: Sequence[int], first: int, last: int) -> tuple[list[list[Cell]], bool]:
        """Columns from row `first` to `last` with tails dropped, and whether the grid may go on."""
        self._demand(first)
        for number in numbers:
            if number >= self.width:
                raise PeerRefused(PEER, 400, "the range exceeds the grid limits")
        part = self.lines[first - 1 : last]
        return [_cut([line.cells[number] for line in part]) for number in numbers], len(self.lines) >= last

    def told(self, entries_told: set[str]) -> None:
        """A read with these entries was answered: from now on they may not get lost."""
        self._known |= entries_told

    def _fill(self, number: int, column: int, value: Cell, sight: Sight | None) -> None:
        line = self.lines[number - 1]
        if self.lines[0].cells[column] == self.ours:
            self._forgive(line, column, str(value), sight)
        line.cells[column] = value

    def _forgive(self, line: Line, column: int, text: str, sight: Sight | None) -> None:
        """What a person typed so late that the writer could not know of it is lost by the nature of the API."""
        present, stays = set(entries(line.cells[column])), set(entries(text))
        for entry in present.intersection(entries(line.people[column])) - stays:
            typed_after_the_read = (
                sight is not None and sight.line is line and entry not in entries(sight.issued)
            )
            if typed_after_the_read or entry not in self._known or UNREADABLE in line.people:
                line.forgiven.add(entry)

    def _check(self, run: tuple[int, int], cells: Mapping[int, Mapping[int, Cell]]) -> None:
        if run[1] > len(self.lines):
            raise PeerUnavailable(PEER, "rows were deleted meanwhile")
        for number in range(run[0], run[1] + 1):
            values = cells.get(number, {})
            too_long = any(isinstance(value, str) and len(value) > MAX_CELL for value in values.values())
            outside = max(values, default=0) >= self.width
            if outside or too_long or (values and self.lines[number - 1].protected):
                raise RowsRefused(PEER, 400, "Invalid data", frozenset(range(run[0], run[1] + 1)))

    def _demand(self, row: int) -> None:
        if row > len(self.lines):
            raise PeerRefused(PEER, 400, "the range exceeds the grid limits")

    def _inside(self, numbers: Sequence[int]) -> list[int]:
        return [number for number in numbers if number <= len(self.lines)]

    def _line(self, cells: Sequence[Cell]) -> Line:
        padded: list[Cell] = [EMPTY] * self.width
        padded[: len(cells)] = [EMPTY if cell is None else cell for cell in cells]
        return Line(padded, list(padded))


def entries(cell: Cell) -> list[str]:
    """The entries of a cell of ours, in order."""
    return [entry.strip() for entry in re.split("[;,]", str(cell or "")) if entry.strip()]


def joined(*parts: Sequence[str]) -> str:
    """Entries as a cell holds them."""
    return "; ".join(entry for part in parts for entry in part)


def _cut(cells: Sequence[Cell]) -> list[Cell]:
    """The API drops empty tails."""
    end = len(cells)
    while end and cells[end - 1] == EMPTY:
        end -= 1
    return list(cells[:end])
