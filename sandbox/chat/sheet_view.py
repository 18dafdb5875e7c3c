"""The spreadsheet beside the chat: its first tab as people see it, and what they type into it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sandbox.sheets.book import Book
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.grid import Cell
from sandbox.sheets.number_formats import EPOCH
from sandbox.sheets.reads import shown
from sandbox.sheets.rendering import Rendering
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.world import SheetsWorld

ROWS_SHOWN = 500
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


class BookView:
    """Reads and edits the first tab of one spreadsheet; `on_change` is called after an edit."""

    def __init__(self, world: SheetsWorld, book_id: str, on_change: Callable[[], None]) -> None:
        self._world = world
        self._book_id = book_id
        self._on_change = on_change

    def read(self, seen: int) -> Mapping[str, Any]:
        """`{"revision": n}`, and unless `seen` is n: titles, the number of rows and the first 500 of them."""
        book = self._book()
        if book.revision == seen:
            return {"revision": seen}
        return {"revision": book.revision, "spreadsheet": book.title, **_shown(book, book.sheets[0])}

    def edit(self, edit: Mapping[str, Any]) -> None:
        """One human edit of the first tab; a cell's `value` is text as typed. ValueError if senseless."""
        understood = {**edit, **typed(str(edit["value"]))} if "value" in edit else edit
        apply_edits(self._book(), understood)
        self._on_change()

    def _book(self) -> Book:
        book = self._world.books.get(self._book_id)
        if book is None:
            raise ValueError(f"The spreadsheet {self._book_id} is gone.")
        return book


def typed(text: str) -> dict[str, Cell]:
    """What Sheets makes of text that a person types: a number, a boolean, a day, or text."""
    if NUMBER.fullmatch(text):
        return {"value": float(text) if "." in text else int(text)}
    if text.upper() in ("TRUE", "FALSE"):
        return {"value": text.upper() == "TRUE"}
    try:
        return {"value": (date.fromisoformat(text) - EPOCH.date()).days, "format": "DATE"}
    except ValueError:
        return {"value": text}


def _shown(book: Book, sheet: Sheet) -> dict[str, Any]:
    grid = sheet.grid
    rows = shown(book, sheet, (0, 0, min(ROWS_SHOWN, len(grid.rows)), grid.size[1]), Rendering())
    return {"title": sheet.title, "total": len(grid.rows), "rows": rows}
