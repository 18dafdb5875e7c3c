"""A spreadsheet: its sheets, whom it is shared with, and how ranges resolve to cells."""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sandbox.sheets.a1 import WHOLE_SHEET, Box, parse_box, split_title, unquote_title
from sandbox.sheets.errors import unable_to_parse
from sandbox.sheets.formulas.calculation import Calculation
from sandbox.sheets.formulas.following import follow_title
from sandbox.sheets.sheet import Sheet, refuse_unknown

JSON = dict[str, Any]

MAX_CELLS, MAX_COLUMNS = 10_000_000, 18_278
BOOK_FIELDS = {"title", "sheets", "shared_with", "viewers", "revision", "timeZone"}


class Book:
    """A spreadsheet. `revision` grows with every change, by people or through the API.

    Those it is `shared_with` may read and write, `viewers` may read.
    """

    def __init__(self, book_id: str, title: str, sheets: list[Sheet], shared_with: Iterable[str]) -> None:
        if not sheets:
            raise ValueError("a spreadsheet needs a sheet")
        self.id, self.title, self.sheets = book_id, title, sheets
        self.shared_with = list(shared_with)
        self.viewers: list[str] = []
        self.time_zone = "Etc/GMT"
        self.revision = 0
        self.clock: Callable[[], float] = time.time
        self._rng = random.Random()
        self._calculated: tuple[tuple[int, date], Calculation] | None = None
        self._by_written_title: dict[str, Sheet] = {}
        _refuse_double_titles(sheets)
        self._protections = 0
        self._number_protections()

    @property
    def cells(self) -> int:
        """How many cells all sheets have, filled or not."""
        return sum(sheet.grid.size[0] * sheet.grid.size[1] for sheet in self.sheets)

    @property
    def today(self) -> date:
        """The day by its clock, in its time zone."""
        return datetime.fromtimestamp(self.clock(), ZoneInfo(self.time_zone)).date()

    @property
    def calculation(self) -> Calculation:
        """What its formulas come to; begun anew after each change and each day."""
        state = (self.revision, self.today)
        if self._calculated is None or self._calculated[0] != state:
            self._calculated = (state, Calculation(self.sheets, self.today))
        return self._calculated[1]

    def new_protection_id(self) -> int:
        """An id that no protected range of this book has had since it was loaded."""
        self._protections += 1
        return self._protections

    def new_sheet_id(self) -> int:
        """An id for one more sheet."""
        return self._rng.randrange(1, 2**31)

    def replace_sheets(self, sheets: list[Sheet]) -> None:
        """Put other sheets in place of those there are."""
        self.sheets = sheets
        self._by_written_title.clear()

    def _number_protections(self) -> None:
        grids = [sheet.grid for sheet in self.sheets]
        self._protections = max((each.id for grid in grids for each in grid.protected), default=0)
        for grid in grids:
            grid.protected = [
                each if each.id else each._replace(id=self.new_protection_id()) for each in grid.protected
            ]

    def sheet(self, title: str | None) -> Sheet | None:
        """The sheet of that title, in any case; the first one without a title."""
        if title is None:
            return self.sheets[0]
        wanted = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == wanted), None)

    def resolve(self, text: str) -> tuple[Sheet, Box]:
        """What a range text names. Raise the API's 400 if it names nothing."""
        written, cells = split_title(text)
        if written is None:
            return self._resolve_alone(text)
        sheet, box = self._written(written), parse_box(cells)
        if sheet is None or box is None:
            raise unable_to_parse(text)
        return sheet, box

    def _resolve_alone(self, text: str) -> tuple[Sheet, Box]:
        box = parse_box(text)
        if box is not None:
            return self.sheets[0], box
        sheet = self._written(text)
        if sheet is None:
            raise unable_to_parse(text)
        return sheet, WHOLE_SHEET

    def _written(self, written: str) -> Sheet | None:
        found = self._by_written_title.get(written)
        if found is None:
            found = self.sheet(unquote_title(written))
            if found is not None:
                self._by_written_title[written] = found
        return found

    def rename_sheet(self, sheet: Sheet, title: str) -> None:
        """Give a sheet another title; ValueError if it is taken."""
        taken = self.sheet(title)
        if taken not in (None, sheet):
            raise ValueError(f'A sheet with the name "{title}" already exists. Please enter another name.')
        old = sheet.title
        sheet.rename(title)
        follow_title(self.sheets, sheet, old)
        self._by_written_title.clear()

    @classmethod
    def from_json(
        cls, book_id: str, source: Mapping[str, Any], shared_with: Iterable[str], rng: random.Random
    ) -> Self:
        """Read a book as `dump` writes it; `shared_with` is the default. ValueError if it is none."""
        refuse_unknown(source, BOOK_FIELDS)
        specs = source.get("sheets") or [{"title": "Sheet1"}]
        ids = [0, *(rng.randrange(1, 2**31) for _ in specs[1:])]
        sheets = [Sheet.from_json(spec, sheet_id) for spec, sheet_id in zip(specs, ids, strict=True)]
        book = cls(
            book_id,
            source.get("title", "Untitled spreadsheet"),
            sheets,
            source.get("shared_with", shared_with),
        )
        if book.cells > MAX_CELLS:
            raise ValueError(f"a workbook holds at most {MAX_CELLS} cells")
        book._rng = rng
        book.time_zone = ZoneInfo(source.get("timeZone", book.time_zone)).key
        book.viewers = list(source.get("viewers", []))
        book.revision = source.get("revision", 0)
        return book

    def dump(self) -> JSON:
        """Everything about it, as JSON."""
        return {
            "title": self.title,
            "revision": self.revision,
            "timeZone": self.time_zone,
            "shared_with": list(self.shared_with),
            "viewers": list(self.viewers),
            "sheets": [sheet.dump() for sheet in self.sheets],
        }


def _refuse_double_titles(sheets: list[Sheet]) -> None:
    titles = [sheet.title.casefold() for sheet in sheets]
    if len(set(titles)) < len(titles):
        raise ValueError("two sheets have the same title")
