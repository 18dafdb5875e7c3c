"""What people do in the user interface, described as JSON: cells, rows, columns, sorting, protection."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.sheets import lines
from sandbox.sheets.a1 import WHOLE_SHEET, Box, column_index
from sandbox.sheets.book import Book
from sandbox.sheets.grid import COLUMNS, ROWS, Axis
from sandbox.sheets.pasting import cut_and_paste
from sandbox.sheets.protection import Protection
from sandbox.sheets.sheet import Sheet, box_of, cell_value, set_format
from sandbox.sheets.typed import Entry, read

Edit = Mapping[str, Any]


def apply_edits(book: Book, edits: Edit | Sequence[Edit]) -> int:
    """Apply one edit or several, in order; return the new revision. ValueError for a wrong one.

    Kinds: `cell`, `sort`, `insert_rows`, `delete_rows`, `insert_columns`, `delete_columns`, `move_rows`,
    `move_columns`, `hide_rows`, `show_rows`, `hide_columns`, `show_columns`, `hide_sheet`, `show_sheet`,
    `cut`, `rename_sheet`, `protect`, `unprotect`; `sheet` is a title, by default the first sheet. A cell has
    a `value`, or text that is `typed`. `cut` takes a `range` to the cell `to`, maybe of the sheet `to_sheet`.
    Rows count from 1, columns are letters or count from 1. `protect` may say `range`, `description`,
    `warning_only` and `editors`; without editors only the owner may edit there.
    """
    for edit in [edits] if isinstance(edits, Mapping) else edits:
        _apply(book, edit)
        book.revision += 1
    return book.revision


def _apply(book: Book, edit: Edit) -> None:
    change = KINDS.get(edit.get("kind", ""))
    if change is None:
        raise ValueError(f"unknown kind of edit {edit.get('kind')!r}, known are {', '.join(KINDS)}")
    sheet = book.sheet(edit.get("sheet"))
    if sheet is None:
        raise ValueError(f"no sheet is called {edit['sheet']!r}")
    try:
        change(book, sheet, edit)
    except KeyError as error:
        raise ValueError(f"{edit['kind']} needs {error}") from error


def _cell(book: Book, sheet: Sheet, edit: Edit) -> None:
    box = box_of(edit["cell"])
    if not box.is_cell or sheet.grid.ends_outside(box):
        raise ValueError(f"no such cell: {edit['cell']}")
    entry = read(edit["typed"], book.today) if "typed" in edit else Entry(cell_value(edit["value"]))
    if entry.pattern or "format" in edit:
        set_format(sheet.grid, box, edit.get("format", entry.pattern))
    sheet.grid.put(box.top, box.left, entry.value)


def _sort(book: Book, sheet: Sheet, edit: Edit) -> None:
    key = (_index(edit["column"]), bool(edit.get("descending", False)))
    lines.sort(book.calculation, sheet, box_of(edit["range"]), [key])


def _insert(axis: Axis) -> Callable[[Book, Sheet, Edit], None]:
    def insert(book: Book, sheet: Sheet, edit: Edit) -> None:
        lines.insert(book.sheets, sheet, axis, _index(edit["at"]), edit.get("count", 1))

    return insert


def _delete(axis: Axis) -> Callable[[Book, Sheet, Edit], None]:
    def delete(book: Book, sheet: Sheet, edit: Edit) -> None:
        lines.delete(book.sheets, sheet, axis, _index(edit["at"]), edit.get("count", 1))

    return delete


def _move(axis: Axis) -> Callable[[Book, Sheet, Edit], None]:
    def move(book: Book, sheet: Sheet, edit: Edit) -> None:
        lines.move(book.sheets, sheet, axis, _index(edit["from"]), edit.get("count", 1), _index(edit["to"]))

    return move


def _cut(book: Book, sheet: Sheet, edit: Edit) -> None:
    target = book.sheet(edit.get("to_sheet", sheet.title))
    place = box_of(edit["to"])
    if target is None or not place.is_cell:
        raise ValueError(f"nowhere to paste: {edit.get('to_sheet', '')} {edit['to']}")
    cut_and_paste(book, sheet, box_of(edit["range"]), target, place.top, place.left)


def _rename(book: Book, sheet: Sheet, edit: Edit) -> None:
    book.rename_sheet(sheet, edit["title"])


def _hide(axis: Axis, *, hidden: bool) -> Callable[[Book, Sheet, Edit], None]:
    def hide(book: Book, sheet: Sheet, edit: Edit) -> None:
        sheet.grid.hide(axis, _index(edit["at"]), edit.get("count", 1), hidden=hidden)

    return hide


def _hide_sheet(book: Book, sheet: Sheet, edit: Edit) -> None:
    if not any(each is not sheet and not each.hidden for each in book.sheets):
        raise ValueError("You can't hide all the sheets in a document.")
    sheet.hidden = True


def _show_sheet(book: Book, sheet: Sheet, edit: Edit) -> None:
    sheet.hidden = False


def _protect(book: Book, sheet: Sheet, edit: Edit) -> None:
    editors = tuple(str(editor) for editor in edit.get("editors", ()))
    warning_only = bool(edit.get("warning_only", False))
    protection = Protection(0, _box_or_all(edit), str(edit.get("description", "")), warning_only, editors)
    sheet.grid.protected.append(protection._replace(id=book.new_protection_id()))


def _unprotect(book: Book, sheet: Sheet, edit: Edit) -> None:
    wanted = _box_or_all(edit)
    sheet.grid.protected = [each for each in sheet.grid.protected if wanted not in (each.box, WHOLE_SHEET)]


def _box_or_all(edit: Edit) -> Box:
    return box_of(edit["range"]) if edit.get("range") else WHOLE_SHEET


def _index(place: object) -> int:
    if isinstance(place, str) and place.isascii() and place.isalpha():
        return column_index(place)
    if isinstance(place, int) and place > 0:
        return place - 1
    raise ValueError(f"neither a number from 1 nor a column: {place!r}")


KINDS: dict[str, Callable[[Book, Sheet, Edit], None]] = {
    "cell": _cell,
    "sort": _sort,
    "insert_rows": _insert(ROWS),
    "delete_rows": _delete(ROWS),
    "move_rows": _move(ROWS),
    "insert_columns": _insert(COLUMNS),
    "delete_columns": _delete(COLUMNS),
    "move_columns": _move(COLUMNS),
    "cut": _cut,
    "rename_sheet": _rename,
    "hide_rows": _hide(ROWS, hidden=True),
    "show_rows": _hide(ROWS, hidden=False),
    "hide_columns": _hide(COLUMNS, hidden=True),
    "show_columns": _hide(COLUMNS, hidden=False),
    "hide_sheet": _hide_sheet,
    "show_sheet": _show_sheet,
    "protect": _protect,
    "unprotect": _unprotect,
}
