"""What a check of the sheet finds: pure, from cells and protected ranges to what is well and what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from bot.models.proxy import UnreadableProxy, parse_endpoint, proxy_key
from bot.models.resource import fold
from bot.models.results import RowProblem
from bot.models.sheet import EXPIRY, FIELDS, Cell, text

OURS = "Written by Quartermaster"
NEEDED = (("proxy",), ("used_for",), EXPIRY)
FIRST_ROW = 2
NO_SALT = b""  # the keys leave this module no more than the passwords do


class Verdict(IntEnum):
    """How one part of a check has ended; the worst of all is the whole's."""

    GOOD = 0
    NOTE = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, counted from 0; the ends are exclusive, None is the end of the sheet."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def meets(self, column: int) -> bool:
        """Whether it holds a cell of that column below the headers."""
        within = self.left <= column and (self.right is None or column < self.right)
        return within and (self.bottom is None or self.bottom >= FIRST_ROW)

    def covers(self, column: int, rows: int) -> bool:
        """Whether it holds the whole column below the headers, of a sheet with so many rows."""
        return self.meets(column) and self.top < FIRST_ROW and (self.bottom is None or self.bottom >= rows)


@dataclass(frozen=True, slots=True)
class Guard:
    """A protected range. `can_edit`: whether the bot may write there; `spared`: parts that are not protected."""

    area: Area
    description: str = ""
    warning_only: bool = False
    can_edit: bool = True
    spared: tuple[Area, ...] = ()

    def bars(self, column: int, rows: int) -> bool:
        """Whether it keeps the bot from writing into some cell of that column."""
        if self.warning_only or self.can_edit or not self.area.meets(column):
            return False
        return not any(area.covers(column, rows) for area in self.spared)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a book; `rows` and `columns` of its grid. `writable` is False when the bot may only read."""

    book: str
    id: int
    title: str
    rows: int
    columns: int
    guards: tuple[Guard, ...] = ()
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """Row 1: the column (0-based) and the header as written of each field that is there.

    `missing` holds, for each needed column that is not, the header names that would do.
    """

    places: Mapping[str, int]
    headers: Mapping[str, str]
    missing: tuple[tuple[str, ...], ...]

    @property
    def shared(self) -> bool:
        """Whether the bot has no column of its own and writes into `used_for`."""
        return "issued" not in self.places

    @property
    def written(self) -> int | None:
        """The column the bot writes into; None when there is none."""
        return self.places.get("issued", self.places.get("used_for"))

    @property
    def verdict(self) -> Verdict:
        """Without a needed column the bot cannot work."""
        return Verdict.BAD if self.missing else Verdict.GOOD


@dataclass(frozen=True, slots=True)
class RowCheck:
    """The rows that hold something in the proxy column: how many can be read, which cannot and why.

    `duplicates` holds the row numbers of each proxy that stands in more than one.
    """

    readable: int
    problems: tuple[RowProblem, ...]
    duplicates: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        """How many rows hold something."""
        return self.readable + len(self.problems)

    @property
    def verdict(self) -> Verdict:
        """Some rows that cannot be read are left out; if none can be read, something is wrong."""
        if self.problems and not self.readable:
            return Verdict.BAD
        return Verdict.NOTE if self.problems or self.duplicates or not self.total else Verdict.GOOD


@dataclass(frozen=True, slots=True)
class SheetCheckup:
    """One look at the whole sheet; `rows` is None where the layout does not let them be read."""

    tab: Tab
    layout: Layout
    rows: RowCheck | None

    @property
    def barriers(self) -> tuple[Guard, ...]:
        """The protected ranges that keep the bot from writing into its column."""
        column = self.layout.written
        if column is None:
            return ()
        return tuple(guard for guard in self.tab.guards if guard.bars(column, self.tab.rows))

    @property
    def guarded(self) -> bool:
        """Whether our warning already stands over the bot's own column."""
        return is_guarded(self.tab, self.layout)

    @property
    def writing(self) -> Verdict:
        """Whether the bot may write where it has to."""
        return Verdict.GOOD if self.tab.writable and not self.barriers else Verdict.BAD

    @property
    def verdict(self) -> Verdict:
        """The worst of all parts; shared mode works, and is no more than a note."""
        mode = Verdict.NOTE if self.layout.shared else Verdict.GOOD
        rows = Verdict.GOOD if self.rows is None else self.rows.verdict
        return max(self.layout.verdict, mode, self.writing, rows)


class Mending(Enum):
    """How an attempt to mend the sheet has ended."""

    ADDED = auto()
    HAD_ONE = auto()
    PROTECTED = auto()
    WAS_PROTECTED = auto()
    NO_COLUMN = auto()
    UNCONFIRMED = auto()


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done, and to which column (0-based)."""

    outcome: Mending
    column: int | None = None

    @property
    def done(self) -> bool:
        """Whether the sheet was changed as asked."""
        return self.outcome in {Mending.ADDED, Mending.PROTECTED}

    @property
    def is_as_asked(self) -> bool:
        """Whether the sheet is as asked, by this or from before."""
        return self.done or self.outcome in {Mending.HAD_ONE, Mending.WAS_PROTECTED}


def find_layout(header: Sequence[Cell], aliases: Mapping[str, Sequence[str]]) -> Layout:
    """What row 1 holds, found as `find_columns` does: in any order and case, the first of equal ones."""
    at: dict[str, int] = {}
    for index, cell in enumerate(header):
        at.setdefault(_folded(text(cell)), index)
    found = ((field, _first(at, aliases[field])) for field in FIELDS)
    places = {field: column for field, column in found if column is not None}
    headers = {field: " ".join(text(header[column]).split()) for field, column in places.items()}
    lacking = (fields for fields in NEEDED if not any(field in places for field in fields))
    missing = tuple(tuple(name for field in fields for name in aliases[field]) for fields in lacking)
    return Layout(places, headers, missing)


def check_rows(cells: Sequence[Cell], first: int = FIRST_ROW) -> RowCheck:
    """Read the proxy column, whose first cell stands in row `first`."""
    problems: list[RowProblem] = []
    seen: dict[str, list[int]] = {}
    for number, written in enumerate(map(text, cells), start=first):
        if not written.strip():
            continue
        try:
            seen.setdefault(proxy_key(parse_endpoint(written), NO_SALT), []).append(number)
        except UnreadableProxy as error:
            problems.append(RowProblem(number, str(error)))
    duplicates = tuple(tuple(rows) for rows in seen.values() if len(rows) > 1)
    return RowCheck(sum(map(len, seen.values())), tuple(problems), duplicates)


def is_guarded(tab: Tab, layout: Layout) -> bool:
    """Whether a protected range of ours lies over the `issued` column."""
    column = layout.places.get("issued")
    return column is not None and any(
        guard.description == OURS and guard.area.meets(column) for guard in tab.guards
    )


def _first(at: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((at[_folded(name)] for name in names if _folded(name) in at), None)


def _folded(written: str) -> str:
    return " ".join(fold(written).split())
