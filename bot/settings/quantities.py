"""Forms of numbers, durations and time zones."""

import re
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from bot.settings.forms import Form, FormError, nearest

_NUMBER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([smh]?)", re.IGNORECASE)
N = TypeVar("N", float, Decimal)

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def whole_number(lowest: int, highest: int) -> Form:
    """A whole number within bounds, both included."""

    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise FormError("is not a whole number")
        return int(_bounded(float(text), lowest, highest))

    return Form(f"a whole number from {lowest} to {highest}", read)


def duration(lowest: float, highest: float) -> Form:
    """A time span within bounds, both included; all in seconds."""

    def read(text: str) -> float:
        return _bounded(seconds(text), lowest, highest)

    bounds = f"{spelled(lowest)} to {spelled(highest)}"
    return Form(f"a duration such as 300, 300s, 5m or 1h, from {bounds}", read)


def seconds(text: str) -> float:
    """The seconds in `300`, `300s`, `5m` or `1h`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise FormError("is not a duration")
    number, unit = match.groups()
    return float(number) * _SECONDS[unit.lower()]


def spelled(span: float) -> str:
    """The seconds in `span` as people write them: in the largest unit that divides them."""
    unit = next(unit for unit in "hms" if span % _SECONDS[unit] == 0 or unit == "s")
    return f"{span / _SECONDS[unit]:g}{unit}"


def money(lowest: int, highest: int) -> Form:
    """An amount of money within bounds, both included; exact."""

    def read(text: str) -> Decimal:
        return _bounded(_decimal(text, "an amount"), Decimal(lowest), Decimal(highest))

    return Form(f"an amount such as 500 or 99.50, from {lowest} to {highest}", read)


def percentage(lowest: int, highest: int) -> Form:
    """A percentage within bounds, both included; the value is a fraction (5 % = 0.05)."""

    def read(text: str) -> Decimal:
        number = _decimal(text.removesuffix("%").rstrip(), "a percentage")
        return _bounded(number, Decimal(lowest), Decimal(highest)) / 100

    return Form(f"a percentage such as 5 or 2.5%, from {lowest} to {highest}", read)


def time_zone() -> Form:
    """A zone of the IANA database."""

    def read(text: str) -> ZoneInfo:
        try:
            return ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            meant = nearest(text, available_timezones(), likeness=0.8)
            raise FormError("is not a known time zone", meant) from None

    return Form("a time zone such as UTC or Europe/Berlin", read)


def _decimal(text: str, what: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise FormError(f"is not {what}")
    return Decimal(text)


def _bounded(value: N, lowest: N, highest: N) -> N:
    if value < lowest:
        raise FormError("is too small")
    if value > highest:
        raise FormError("is too large")
    return value
