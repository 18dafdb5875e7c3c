"""Formulas follow the cells they refer to when rows, columns and sheets change their places or names."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from sandbox.sheets.a1 import Bounds, Box
from sandbox.sheets.formulas.references import Reference
from sandbox.sheets.formulas.tokens import with_references
from sandbox.sheets.grid import Axis, Cell, Formula, shifted_box
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.spans import Shift

# What becomes of a reference; None is #REF!.
Change = Callable[[Reference], Reference | None]


def follow_lines(sheets: Iterable[Sheet], changed: Sheet, axis: Axis, shift: Shift) -> None:
    """After rows or columns of a sheet have shifted."""

    def change(reference: Reference) -> Reference | None:
        box = shifted_box(reference.box, axis, shift)
        return reference.at(box) if box else None

    _follow(sheets, changed, change)


def follow_title(sheets: Iterable[Sheet], changed: Sheet, old: str) -> None:
    """After a sheet was renamed."""
    for sheet in sheets:
        _rewrite(sheet, lambda reference: _named(reference, changed) if _means(reference, old) else reference)


def forget_sheet(sheets: Iterable[Sheet], title: str) -> None:
    """After a sheet was deleted."""
    for sheet in sheets:
        _rewrite(sheet, lambda reference: None if _means(reference, title) else reference)


def follow_sort(sheet: Sheet, bounds: Bounds, order: Sequence[int]) -> None:
    """After the rows inside bounds were sorted: each formula is as if it had been copied to its new row.

    `order` has for each row, from the first on, the index it had before.
    """
    top, left, _, right = bounds
    for row, old in enumerate(order, start=top):
        cells = sheet.grid.rows[row] if sheet.grid.live and row != old else []
        for column, cell in enumerate(cells[left:right], start=left):
            if isinstance(cell, Formula):
                cells[column] = with_references(cell, lambda each, by=row - old: each.copied(by))  # type: ignore[misc]


def follow_cut(
    sheets: Iterable[Sheet], source: Sheet, taken: Box, target: Sheet, top: int, left: int
) -> None:
    """After the cells of a box were cut and pasted: whatever refers to nothing but them goes along."""
    down, across = top - taken.top, left - taken.left

    def change(reference: Reference) -> Reference:
        first_row, first_column, bottom, right = reference.box
        if bottom is None or right is None:
            return reference
        if not (taken.holds(first_row, first_column) and taken.holds(bottom - 1, right - 1)):
            return reference
        moved = reference.at(Box(first_row + down, first_column + across, bottom + down, right + across))
        return moved if source is target else _named(moved, target)

    _follow(sheets, source, change)


def carried(formula: Formula, source: Sheet) -> Formula:
    """A formula that is taken to another sheet, still meaning the cells of its old one."""
    return with_references(formula, lambda each: each if each.prefix else _named(each, source))


def _follow(sheets: Iterable[Sheet], changed: Sheet, change: Change) -> None:
    for sheet in sheets:

        def meant(reference: Reference, home: bool = sheet is changed) -> Reference | None:
            means = _means(reference, changed.title) if reference.prefix else home
            return change(reference) if means else reference

        _rewrite(sheet, meant)


def _means(reference: Reference, title: str) -> bool:
    return reference.title is not None and reference.title.casefold() == title.casefold()


def _named(reference: Reference, sheet: Sheet) -> Reference:
    return reference._replace(prefix=sheet.prefix)


def _rewrite(sheet: Sheet, change: Change) -> None:
    for cells, column, formula in _formulas(sheet):
        cells[column] = with_references(formula, change)


def _formulas(sheet: Sheet) -> Iterator[tuple[list[Cell], int, Formula]]:
    if sheet.grid.live:
        for cells in sheet.grid.rows:
            for column, cell in enumerate(cells if Formula in map(type, cells) else ()):
                if isinstance(cell, Formula):
                    yield cells, column, cell
