"""Changes of rows and columns: appended, inserted, deleted, moved, hidden; and rows sorted."""

from typing import Any

from sandbox.sheets import lines
from sandbox.sheets.changes import (
    AppendDimension,
    DeleteDimension,
    HideDimension,
    InsertDimension,
    MoveDimension,
    SortRange,
)
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import invalid
from sandbox.sheets.grid import ROWS, Axis
from sandbox.sheets.sheet import Sheet

JSON = dict[str, Any]

NOUNS = ("row", "column")


def append(draft: Draft, change: AppendDimension) -> JSON:
    """Add lines at the end."""
    if change.length <= 0:
        raise invalid("length must be greater than 0.")
    grow(draft, draft.sheet(change.sheet_id), change.axis, change.length)
    return {}


def insert(draft: Draft, change: InsertDimension) -> JSON:
    """Insert empty lines."""
    sheet = draft.sheet(change.sheet_id)
    size = sheet.grid.size[change.axis]
    if change.end <= change.start:
        raise invalid("range.endIndex must be greater than range.startIndex.")
    if change.inherit_from_before and change.start == 0:
        raise invalid("inheritFromBefore cannot be true when inserting at index 0.")
    if change.start >= size and not change.inherit_from_before:
        raise invalid(
            f"range.startIndex must be less than the grid size ({size}) if inheritFromBefore is false."
        )
    if change.start > size:
        raise invalid(f"range.startIndex must not be greater than the grid size ({size}).")
    grow(draft, sheet, change.axis, change.end - change.start, at=change.start)
    return {}


def grow(draft: Draft, sheet: Sheet, axis: Axis, count: int, at: int | None = None) -> None:
    """Insert lines before index `at`, by default at the end. ApiError if the workbook has no room for them."""
    rows, columns = sheet.grid.size
    if axis == ROWS:
        draft.demand_room(count * columns, columns)
    else:
        draft.demand_room(count * rows, columns + count)
    lines.insert(draft.following, sheet, axis, sheet.grid.size[axis] if at is None else at, count)


def delete(draft: Draft, change: DeleteDimension) -> JSON:
    """Delete lines; one that is not frozen must stay."""
    sheet, axis = draft.sheet(change.sheet_id), change.axis
    start, end = _existing(sheet, axis, change.start, change.end, "delete")
    _demand_open(draft, sheet, axis, start, end)
    size, frozen = sheet.grid.size[axis], sheet.grid.frozen[axis]
    if end - start == size:
        raise invalid(f"You can't delete all the {NOUNS[axis]}s on the sheet.")
    if frozen and start <= frozen and end == size:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {NOUNS[axis]}s.")
    lines.delete(draft.following, sheet, axis, start, end - start)
    return {}


def move(draft: Draft, change: MoveDimension) -> JSON:
    """Move lines to another place."""
    sheet, axis = draft.sheet(change.sheet_id), change.axis
    start, end = _existing(sheet, axis, change.start, change.end, "move")
    size = sheet.grid.size[axis]
    if not 0 <= change.to <= size:
        raise invalid(f"destinationIndex must be between 0 and the grid size ({size}).")
    _demand_open(draft, sheet, axis, start, end)
    lines.move(draft.following, sheet, axis, start, end - start, change.to)
    return {}


def hide(draft: Draft, change: HideDimension) -> JSON:
    """Hide lines or show them again; their cells stay as they are."""
    sheet, axis = draft.sheet(change.sheet_id), change.axis
    start, end = _existing(sheet, axis, change.start, change.end, "update")
    sheet.grid.hide(axis, start, end - start, hidden=change.hidden)
    return {}


def sort(draft: Draft, change: SortRange) -> JSON:
    """Sort the rows of a range."""
    sheet = draft.sheet(change.sheet_id)
    if not change.keys:
        raise invalid("Must specify at least one sortSpec.")
    if sheet.grid.starts_outside(change.box) or sheet.grid.ends_outside(change.box):
        raise sheet.exceeds(change.box)
    top, left, bottom, right = sheet.grid.bound(change.box)
    for column, _ in change.keys:
        if not left <= column < right:
            raise invalid(
                f"dimensionIndex {column} is not in the range {sheet.range_text((top, left, bottom, right))}."
            )
    draft.demand_open(sheet, top, left, bottom, right)
    lines.sort(draft.calculation, sheet, change.box, change.keys)
    return {}


def _existing(sheet: Sheet, axis: Axis, start: int, end: int | None, verb: str) -> tuple[int, int]:
    size, noun = sheet.grid.size[axis], NOUNS[axis]
    stop = size if end is None else end
    if max(start + 1, stop) > size:
        raise invalid(
            f"Cannot {verb} a {noun} that doesn't exist. "
            f"Tried to {verb} {noun} index {max(start, size)} but there are only {size} {noun}s."
        )
    if stop <= start:
        raise invalid("range.endIndex must be greater than range.startIndex.")
    return start, stop


def _demand_open(draft: Draft, sheet: Sheet, axis: Axis, start: int, end: int) -> None:
    rows, columns = sheet.grid.size
    if axis == ROWS:
        draft.demand_open(sheet, start, 0, end, columns)
    else:
        draft.demand_open(sheet, 0, start, rows, end)
