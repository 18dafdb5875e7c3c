"""Numbers as people write them: read exactly or not at all, and written back plainly."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

MAX_DIGITS = 12  # before the point, and after it

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_COMMA = re.compile(r"([0-9]+),([0-9]+)")
_SIGNED = re.compile(r"[-−–][0-9.]+")


class Flaw(StrEnum):
    """Why a word is not taken for a number."""

    COMMA = "comma"  # 1,5 may be 1.5 or 15
    SIGN = "sign"
    ZERO = "zero"
    LONG = "long"
    DIGITS = "digits"  # anything else but plain digits and one point


class BadNumber(ValueError):
    """The word is no number that can be used; for a COMMA `readings` are the two it may mean."""

    def __init__(self, word: str, flaw: Flaw, readings: tuple[str, ...] = ()) -> None:
        super().__init__(f"not a number ({flaw})")
        self.word = word
        self.flaw = flaw
        self.readings = readings


def read_number(word: str) -> Decimal:
    """A number above zero in plain digits, at most 12 before the point and 12 after it; raises BadNumber."""
    if comma := _COMMA.fullmatch(word):
        raise BadNumber(word, Flaw.COMMA, (f"{comma[1]}.{comma[2]}", f"{comma[1]}{comma[2]}"))
    if _SIGNED.fullmatch(word):
        raise BadNumber(word, Flaw.SIGN)
    if not _NUMBER.fullmatch(word):
        raise BadNumber(word, Flaw.DIGITS)
    whole, _, part = word.partition(".")
    if len(whole.lstrip("0")) > MAX_DIGITS or len(part.rstrip("0")) > MAX_DIGITS:
        raise BadNumber(word, Flaw.LONG)
    if not (number := Decimal(word)):
        raise BadNumber(word, Flaw.ZERO)
    return number


def plain(number: Decimal) -> str:
    """All its digits, without an exponent or zeros that say nothing."""
    return format(number.normalize(), "f") if number else "0"
