"""USER_ENTERED: what a text becomes when it is typed into a sheet of the United States. Pure."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import NamedTuple

from sandbox.sheets.grid import Cell, Formula
from sandbox.sheets.number_formats import EPOCH, ISO_DATE, US_DATE, US_DAY

NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>\$?)(?P<inner>[+-]?)"
    r"(?P<digits>(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<point>\.[0-9]*)?|\.[0-9]+)"
    r"(?P<power>[eE][+-]?[0-9]{1,4})?(?P<percent>%?)"
)
DAY = r"(?:(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})|(?P<us>[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{4})?))"
TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
MOMENT = re.compile(rf"{DAY}(?:[ T]{TIME})?")
CLOCK = re.compile(TIME)


class Entry(NamedTuple):
    """A cell's content and the number format that came with it, if any."""

    value: Cell
    pattern: str | None = None


def read(text: str, today: date) -> Entry:
    """Formula, boolean, number, day, time or text; `today` gives the year to days without one."""
    if text.startswith("'"):
        return Entry(text[1:])
    if text.startswith("=") and len(text) > 1:
        return Entry(Formula(text))
    bare = text.strip()
    if bare.upper() in ("TRUE", "FALSE"):
        return Entry(bare.upper() == "TRUE")
    return read_number(bare) or _moment(bare, today) or Entry(text)


def read_number(text: str) -> Entry | None:
    """A number, maybe with thousands, a currency, a percent sign or a power of ten; None if it is none."""
    match = NUMBER.fullmatch(text)
    if match is None or (match["sign"] and match["inner"]):
        return None
    amount = Decimal(match["digits"].replace(",", "") + (match["power"] or ""))
    value = float(amount / 100 if match["percent"] else amount)
    if not isfinite(value):
        return None
    signed = -value if "-" in (match["sign"], match["inner"]) else value
    return Entry(plain(signed), _pattern(match))


def plain(value: float) -> int | float:
    """A whole number without its point."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _pattern(match: re.Match[str]) -> str | None:
    decimals = ".00" if len(match["point"] or "") > 1 or match["digits"].startswith(".") else ""
    if match["percent"]:
        return f"0{decimals}%"
    if match["currency"]:
        return f"$#,##0{decimals}"
    if "," in match["digits"]:
        return f"#,##0{decimals}"
    return "0.00E+00" if match["power"] else None


def _moment(text: str, today: date) -> Entry | None:
    match = MOMENT.fullmatch(text) or CLOCK.fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    try:
        day, pattern = _day(parts, today)
        hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
        moment = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None
    if parts["hour"]:
        pattern = f"{pattern} h:mm{':ss' if parts['second'] else ''}".strip()
    since = moment - EPOCH
    return Entry(plain(since.days + since.seconds / 86_400), pattern)


def _day(parts: dict[str, str | None], today: date) -> tuple[date, str]:
    if us := parts.get("us"):
        month, day, *year = map(int, us.split("/"))
        return date(year[0] if year else today.year, month, day), US_DATE if year else US_DAY
    if parts.get("year"):
        return date(*(int(parts[name] or 0) for name in ("year", "month", "day"))), ISO_DATE
    return EPOCH.date(), ""
