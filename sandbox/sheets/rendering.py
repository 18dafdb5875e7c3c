"""How cells are shown in answers: as formatted texts or typed, by rows or by columns, tails dropped."""

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import NamedTuple

from sandbox.sheets.a1 import Bounds
from sandbox.sheets.formulas.evaluation import Result
from sandbox.sheets.grid import EMPTY, Cell, Formula, Grid
from sandbox.sheets.number_formats import general, is_date, shown

# The result of the formula at a row and column.
Results = Callable[[int, int], Result]


class Rendering(NamedTuple):
    """The options of a read: `by_columns`, values `formatted` as texts, dates `dates_as_text`, `formulas` as such."""

    by_columns: bool = False
    formatted: bool = True
    dates_as_text: bool = False
    formulas: bool = False


def render(grid: Grid, bounds: Bounds, options: Rendering, results: Results | None) -> list[list[Cell]]:
    """The values inside bounds (top, left, bottom, right); empty tails are dropped.

    A live grid needs the `results` of its formulas.
    """
    top, left, bottom, right = bounds
    lines = [cells[left:right] for cells in grid.rows[top:bottom]]
    patterns: Mapping[tuple[int, int], str] = grid.formats
    if results:
        patterns = _calculate(lines, (top, left), options, results) | grid.formats
    if patterns and (options.formatted or options.dates_as_text):
        _format(lines, (top, left), patterns, only_dates=not options.formatted)
    if options.formatted:
        lines = [[v if v.__class__ is str else as_text(v) for v in line] for line in lines]
    if options.by_columns:
        lines = [list(line) for line in zip_longest(*lines, fillvalue=EMPTY)]
    for line in lines:
        while line and line[-1] == EMPTY:
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _calculate(
    lines: list[list[Cell]], origin: tuple[int, int], options: Rendering, results: Results
) -> dict[tuple[int, int], str]:
    """Put texts or results in place of formulas; the number formats that results bring along."""
    top, left = origin
    patterns = {}
    for row, line in enumerate(lines, start=top):
        for index, cell in enumerate(line if Formula in map(type, line) else ()):
            if not isinstance(cell, Formula):
                continue
            if options.formulas:
                line[index] = cell.text
                continue
            value, pattern = results(row, left + index)
            line[index] = value if isinstance(value, str | int | float) else value.code
            if pattern:
                patterns[row, left + index] = pattern
    return patterns


def _format(
    lines: list[list[Cell]],
    origin: tuple[int, int],
    patterns: Mapping[tuple[int, int], str],
    *,
    only_dates: bool,
) -> None:
    top, left = origin
    places = patterns
    if len(patterns) > sum(map(len, lines)):
        inside = ((row, left + at) for row, line in enumerate(lines, start=top) for at in range(len(line)))
        places = {place: patterns[place] for place in inside if place in patterns}
    for (row, column), pattern in places.items():
        line = lines[row - top] if top <= row < top + len(lines) else []
        if left <= column < left + len(line):
            value = line[column - left]
            if not isinstance(value, str | bool | Formula) and (not only_dates or is_date(pattern)):
                line[column - left] = shown(pattern, value)


def as_text(value: Cell) -> str:
    """A cell without number format as an English-language sheet shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.text if isinstance(value, Formula) else general(value)
