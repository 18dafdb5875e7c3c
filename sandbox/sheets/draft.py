"""A book as it will be, while the requests of a batchUpdate are carried out one after the other."""

from copy import copy

from sandbox.sheets.book import MAX_CELLS, MAX_COLUMNS, Book
from sandbox.sheets.errors import PROTECTED, TOO_MANY_CELLS, TOO_MANY_COLUMNS, invalid
from sandbox.sheets.formulas.calculation import Calculation
from sandbox.sheets.grid import COLUMNS, ROWS, Grid
from sandbox.sheets.sheet import Sheet


class Draft:
    """The sheets and properties of a book for one `user`; the book itself stays as it is until `publish`."""

    def __init__(self, book: Book, user: str) -> None:
        self.book, self.user = book, user
        self.title, self.time_zone = book.title, book.time_zone
        self.sheets = [copy(sheet) for sheet in book.sheets]
        self._shared = {id(sheet.grid) for sheet in book.sheets}

    def publish(self) -> None:
        """Put what has changed in place."""
        self.book.title, self.book.time_zone = self.title, self.time_zone
        self.book.replace_sheets(self.sheets)
        self.book.revision += 1

    def sheet(self, sheet_id: int, noun: str = "grid") -> Sheet:
        """A sheet to be changed. ApiError if there is none; `noun` is how the refusal calls it."""
        found = next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)
        if found is None:
            raise invalid(f"No {noun} with id: {sheet_id}")
        if id(found.grid) in self._shared:
            found.grid = found.grid.copy()
        return found

    def grid(self, sheet_id: int) -> Grid:
        """The grid of a sheet, to be changed."""
        return self.sheet(sheet_id).grid

    @property
    def following(self) -> list[Sheet]:
        """All sheets, for a change that formulas have to follow."""
        for sheet in self.sheets:
            if sheet.grid.live:
                self.sheet(sheet.id)
        return self.sheets

    @property
    def calculation(self) -> Calculation:
        """What the formulas come to as things stand."""
        return Calculation(self.sheets, self.book.today)

    def demand_open(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        """Refuse a change of cells that are closed to the user."""
        if any(box.meets((top, left, bottom, right)) for box in sheet.grid.closed_to(self.user)):
            raise invalid(PROTECTED)

    def demand_room(self, cells: int, columns: int) -> None:
        """Refuse so many more cells than a workbook holds, or a sheet of so many columns."""
        held = sum(sheet.grid.size[ROWS] * sheet.grid.size[COLUMNS] for sheet in self.sheets)
        if held + cells > MAX_CELLS:
            raise invalid(TOO_MANY_CELLS)
        if columns > MAX_COLUMNS:
            raise invalid(TOO_MANY_COLUMNS)
