"""The formulas of a whole spreadsheet, calculated when they are asked for, each one once."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sandbox.sheets.a1 import Bounds
from sandbox.sheets.formulas.evaluation import REFERENCE_ERROR, VALUE_ERROR, Result, evaluate
from sandbox.sheets.formulas.references import Reference
from sandbox.sheets.formulas.syntax import Node, parse, references
from sandbox.sheets.grid import EMPTY, Cell, Formula
from sandbox.sheets.sheet import Sheet


class Place(NamedTuple):
    """A cell: the index of its sheet, its row and column."""

    sheet: int
    row: int
    column: int


class Calculation:
    """The results of the formulas of these sheets, as long as no cell of them changes."""

    def __init__(self, sheets: Sequence[Sheet], today: date) -> None:
        self._sheets, self._today = sheets, today
        self._titles = {sheet.title.casefold(): index for index, sheet in enumerate(sheets)}
        self._known: dict[Place, Result] = {}

    def result(self, sheet: Sheet, row: int, column: int) -> Result:
        """The result of the formula that stands there; formulas in a circle come to #REF!."""
        wanted = Place(self._sheets.index(sheet), row, column)
        path, entered = [wanted], set[Place]()
        while path:
            place = path[-1]
            entered.add(place)
            node = self._node(place)
            around = _Around(self, place.sheet, self._today)
            needed = [] if place in self._known else self._needed(node, around)
            for circular in entered.intersection(needed):
                self._known[circular] = Result(REFERENCE_ERROR)
            needed = [other for other in needed if other not in self._known]
            if needed:
                path += needed
                continue
            if place not in self._known:
                self._known[place] = evaluate(node, around)
            entered.discard(path.pop())
        return self._known[wanted]

    def value(self, sheet: Sheet, row: int, column: int) -> Cell:
        """What a cell comes to, formula or not; an error value as its text."""
        cell = sheet.grid.get(row, column)
        if not isinstance(cell, Formula):
            return cell
        value = self.result(sheet, row, column).value
        return value if isinstance(value, str | int | float) else value.code

    def _node(self, place: Place) -> Node:
        formula = self._sheets[place.sheet].grid.get(place.row, place.column)
        assert isinstance(formula, Formula), place
        return parse(formula.text)

    def _needed(self, node: Node, around: "_Around") -> list[Place]:
        found = (around.found(reference) for reference in references(node))
        return [place for area in found if area for place, cell in self.filled(*area) if _open(cell)]

    def sheet_index(self, title: str) -> int | None:
        """Which sheet has a title."""
        return self._titles.get(title.casefold())

    def size(self, sheet: int) -> list[int]:
        """Rows and columns of a sheet."""
        return self._sheets[sheet].grid.size

    def filled(self, sheet: int, bounds: Bounds) -> Iterator[tuple[Place, Cell]]:
        """The cells inside bounds that are not empty."""
        top, left, bottom, right = bounds
        for row, cells in enumerate(self._sheets[sheet].grid.rows[top:bottom], start=top):
            for column, cell in enumerate(cells[left:right], start=left):
                if cell != EMPTY:
                    yield Place(sheet, row, column), cell

    def known(self, place: Place, cell: Cell) -> Result:
        """The result of a cell whose formula, if it is one, has been calculated."""
        pattern = self._sheets[place.sheet].grid.formats.get(place[1:])
        if isinstance(cell, Formula):
            result = self._known[place]
            return result._replace(pattern=pattern) if pattern else result
        return Result(cell, pattern)


def _open(cell: Cell) -> bool:
    return isinstance(cell, Formula)


class _Around:
    """The cells as the formulas of one sheet refer to them."""

    def __init__(self, calculation: Calculation, home: int, today: date) -> None:
        self._calculation, self._home, self.today = calculation, home, today

    def found(self, reference: Reference) -> tuple[int, Bounds] | None:
        """The sheet and the bounds that are meant; None if that is not there."""
        sheet = self._home
        if reference.title is not None:
            named = self._calculation.sheet_index(reference.title)
            if named is None:
                return None
            sheet = named
        rows, columns = self._calculation.size(sheet)
        top, left, bottom, right = reference.box
        if top >= rows or left >= columns:
            return None
        ends = (
            rows if bottom is None else min(bottom, rows),
            columns if right is None else min(right, columns),
        )
        return sheet, (top, left, *ends)

    def one(self, reference: Reference) -> Result:
        """The cell that is meant."""
        area = self.found(reference)
        if area is None:
            return Result(REFERENCE_ERROR)
        if reference.last:
            return Result(VALUE_ERROR)
        return next(self._results(*area), Result(EMPTY))

    def all(self, reference: Reference) -> Iterator[Result]:
        """The cells of a range that are not empty."""
        area = self.found(reference)
        return iter([Result(REFERENCE_ERROR)]) if area is None else self._results(*area)

    def _results(self, sheet: int, bounds: Bounds) -> Iterator[Result]:
        return (
            self._calculation.known(place, cell) for place, cell in self._calculation.filled(sheet, bounds)
        )
