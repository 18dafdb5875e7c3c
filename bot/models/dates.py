"""How long a proxy can be used, as people write it: dates in common spellings, serials, days left."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache

SERIAL_EPOCH = date(1899, 12, 30).toordinal()
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: other numbers are days left, not dates
_MOST_DAYS = 100_000

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$", re.ASCII)
_DAY_FIRST = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$", re.ASCII)
_DAY_NAME = re.compile(r"^(\d{1,2})[. -]+([A-Za-z]{3,9})[,. -]+(\d{4})$", re.ASCII)
_NAME_DAY = re.compile(r"^([A-Za-z]{3,9})[. ]+(\d{1,2}),? +(\d{4})$", re.ASCII)
_DAYS = re.compile(r"^([+-]?\d{1,5})(?:[.,]0+)?\s*(?:d|day|days)?$", re.ASCII | re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_date(cell: object) -> int | None:
    """Ordinal of the day in an `expires` cell, None where it cannot be told.

    `03/04/2026` is read day first, unless that is impossible.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return _from_serial(cell)
    written = str(cell).strip()
    if found := _ISO.match(written):
        return _ordinal(found[1], found[2], found[3])
    if found := _DAY_FIRST.match(written):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        return _ordinal(year, found[2], found[1]) or _ordinal(year, found[1], found[2])
    if found := _DAY_NAME.match(written):
        return _ordinal(found[3], _month(found[2]), found[1])
    if found := _NAME_DAY.match(written):
        return _ordinal(found[3], _month(found[1]), found[2])
    return None


def read_days_left(cell: object) -> int | None:
    """Whole days in a `days_left` cell (`12`, `12 days`, `-3`), None where it cannot be told."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return math.floor(cell) if abs(cell) < _MOST_DAYS else None
    found = _DAYS.match(str(cell).strip())
    return int(found[1]) if found else None


@lru_cache(maxsize=4096, typed=True)
def read_last_day(cell: object, today: int) -> int | None:
    """Ordinal of the last usable day in an expiry cell, be it a date or a number of days, None where unknown."""
    day = read_date(cell)
    if day is None and (days := read_days_left(cell)) is not None:
        return today + days
    return day


def _from_serial(cell: float) -> int | None:
    return SERIAL_EPOCH + math.floor(cell) if _SERIALS.start <= cell < _SERIALS.stop else None


def _month(name: str) -> int:
    prefix = name[:3].lower()
    return _MONTHS.index(prefix) + 1 if prefix in _MONTHS else 0


def _ordinal(year: str | int, month: str | int, day: str | int) -> int | None:
    try:
        return date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return None
