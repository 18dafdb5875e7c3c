"""The sheet as people keep it: headers in any order, rows with anything in them. Pure parsing."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Self

from bot.errors import SheetLayoutError
from bot.models.dates import read_last_day
from bot.models.entries import foreign_entries
from bot.models.proxy import Endpoint, UnreadableProxy, endpoint_of, parse_endpoint, proxy_key
from bot.models.resource import fold

Cell = str | int | float | bool | None

REQUIRED = ("proxy", "used_for")
OWN = "issued"
EXPIRY = ("expires", "days_left")
OPTIONAL = ("country", "note")
FIELDS = (*REQUIRED, OWN, *EXPIRY, *OPTIONAL)

_SEPARATOR = re.compile(r"[,;\n]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands (0-based); None for an optional one that is not there."""

    proxy: int
    used_for: int
    issued: int | None = None
    expires: int | None = None
    days_left: int | None = None
    country: int | None = None
    note: int | None = None

    @property
    def shared(self) -> bool:
        """There is no column of our own: we write into people's `used_for`."""
        return self.issued is None

    @property
    def ours(self) -> int:
        """The column that we write into."""
        return self.used_for if self.issued is None else self.issued

    @property
    def used(self) -> list[int]:
        """The columns that are read, in order."""
        places = (getattr(self, field) for field in FIELDS)
        return sorted(place for place in places if place is not None)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One readable row; `issued` is the raw text of our cell, `expires` the ordinal of the last usable day or None.

    There are a hundred thousand of them in a large sheet: what the key says is not kept a second time.
    """

    number: int
    key: str
    scheme: str
    password: str = field(repr=False)
    used_for: frozenset[str]
    issued: str
    expires: int | None
    country: str
    note: str

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens and how to log in."""
        return endpoint_of(self.key, self.scheme, self.password)

    def marked(self, live: Collection[str]) -> frozenset[str]:
        """Resources that people use it for: `used_for`, and what stands in `issued` without an id of ours."""
        if not self.issued:
            return self.used_for
        return self.used_for.union(*(entry.resources for entry in foreign_entries(self.issued, live)))

    def usable(self, today: int) -> bool:
        """Whether its last day has not passed; unknown counts as usable."""
        return self.expires is None or self.expires >= today

    def rewritten(self, text: str) -> Self:
        """The row with another text in our cell."""
        return replace(self, issued=text)


@dataclass(frozen=True, slots=True)
class SharedRow(SheetRow):
    """A row without a cell of our own: `issued` is the raw text of `used_for`."""

    def marked(self, live: Collection[str]) -> frozenset[str]:
        """Resources that anybody uses it for, be it through us."""
        return self.used_for

    def rewritten(self, text: str) -> Self:
        """The row with another text in `used_for`."""
        return replace(self, issued=text, used_for=split_resources(text))


class Known:
    """The rows that were read last, by the text of their proxy cell: most are read again and again, and to parse
    them once is enough."""

    def __init__(self) -> None:
        self._rows: dict[str, SheetRow] = {}
        self._former: dict[str, SheetRow] = {}

    def get(self, written: str) -> SheetRow | None:
        """A row whose cell held that text."""
        return self._rows.get(written) or self._former.get(written)

    def keep(self, written: str, row: SheetRow) -> None:
        """That row was read now."""
        self._former.pop(written, None)
        self._rows[written] = row

    def all_read(self) -> None:
        """The whole sheet was read: what was not among it is forgotten."""
        self._rows, self._former = {}, self._rows


def find_columns(
    header: Sequence[Cell], aliases: Mapping[str, Sequence[str]], former: Columns | None = None
) -> Columns:
    """Map row 1 by header, in any order and case, the first of equal ones; raises SheetLayoutError.

    A sheet may do without a column of our own, but not lose it: where the `former` columns had one, it is missed.
    """
    places: dict[str, int] = {}
    for index in reversed(range(len(header))):
        places[_folded(header[index])] = index
    found = {
        field: next((places[_folded(name)] for name in aliases[field] if _folded(name) in places), None)
        for field in FIELDS
    }
    needed = REQUIRED if former is None or former.shared else (*REQUIRED, OWN)
    missing = [field for field in needed if found[field] is None]
    if all(found[field] is None for field in EXPIRY):
        missing.append(" or ".join(EXPIRY))
    if missing:
        raise SheetLayoutError(tuple(missing), tuple(text(cell) for cell in header if text(cell)))
    return Columns(**found)  # type: ignore[arg-type]  # the required ones were checked above


def read_row(
    number: int,
    cells: Sequence[Cell],
    columns: Columns,
    today: date,
    salt: bytes,
    known: SheetRow | None = None,
) -> SheetRow | None:
    """The row as data, None for one without a proxy; raises UnreadableProxy. `known`: a row with the same proxy."""
    written = text(cell_at(cells, columns.proxy))
    if not written.strip():
        return None
    key, scheme, password = (known.key, known.scheme, known.password) if known else _identify(written, salt)
    kind = SharedRow if columns.shared else SheetRow
    return kind(
        number=number,
        key=key,
        scheme=scheme,
        password=password,
        used_for=split_resources(text(cell_at(cells, columns.used_for))),
        issued=text(cell_at(cells, columns.ours)),
        expires=read_expiry(cells, columns, today),
        country=sys.intern(text(cell_at(cells, columns.country)).strip()),
        note=text(cell_at(cells, columns.note)).strip(),
    )


def key_in(cell: Cell, salt: bytes, known: Known | None = None) -> str | None:
    """The key of the proxy written in the cell, None where there is none."""
    if known and (row := known.get(text(cell))):
        return row.key
    try:
        return _identify(text(cell), salt)[0]
    except UnreadableProxy:
        return None


def read_expiry(cells: Sequence[Cell], columns: Columns, today: date) -> int | None:
    """Ordinal of the last usable day: from `expires`, else from `days_left`, else None."""
    day = read_last_day(cell_at(cells, columns.expires), today.toordinal())
    if day is None:
        day = read_last_day(cell_at(cells, columns.days_left), today.toordinal())
    return day if day is None else _the_same(day)


@lru_cache(maxsize=4096)
def _the_same(day: int) -> int:
    """One object for all who have that day."""
    return day


def _identify(written: str, salt: bytes) -> tuple[str, str, str]:
    """Key, protocol and password of a proxy cell."""
    endpoint = parse_endpoint(written)
    return proxy_key(endpoint, salt), endpoint.scheme, endpoint.password


@lru_cache(maxsize=4096)
def split_resources(written: str) -> frozenset[str]:
    """The resources in a `used_for` cell: separated by comma, semicolon or line, compared without case."""
    parts = _SEPARATOR.split(fold(written))
    return frozenset(sys.intern(name) for part in parts if (name := " ".join(part.split())))


def cell_at(cells: Sequence[Cell], column: int | None) -> Cell:
    """The cell, None past the row's end: answers are ragged."""
    return cells[column] if column is not None and column < len(cells) else None


def text(cell: Cell) -> str:
    """The cell as text: what people see, without the `.0` of whole numbers."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _folded(cell: Cell) -> str:
    return " ".join(fold(text(cell)).split())
