"""What public sources say, taken apart: numbers exact, and nothing that cannot be relied on. Nothing here does I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from bot.models.price import Coin

T = TypeVar("T")
Item = Mapping[str, Any]

LEAST, MOST = Decimal("1e-18"), Decimal("1e12")  # a price outside of these is none
LARGEST = Decimal("1e18")  # of a volume or a capitalisation
LATEST = 4_102_444_800.0  # the year 2100
LONGEST_NAME = 60
LONGEST_SYMBOL = 20


class NotWhole(ValueError):
    """An answer lacks what it must have, or says what cannot be."""


class NotOffered(Exception):
    """The source says that it does not know what was asked for."""


class TooOften(Exception):
    """The source says in an answer that is otherwise well that it was asked too often."""


@contextmanager
def whole() -> Iterator[None]:
    """What goes wrong in the body while an answer is taken apart is the answer's fault."""
    try:
        yield
    except NotWhole:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise NotWhole(type(error).__name__) from error


def parsed(content: bytes) -> Any:
    """JSON with exact numbers; what is no JSON (NaN and Infinity are none) is no answer."""
    with whole():
        return json.loads(content, parse_float=Decimal, parse_constant=_no_number)


def _no_number(word: str) -> object:
    raise NotWhole(word)


def number(value: object) -> Decimal:
    """A finite number, be it spelled as one or as text, to 28 digits; raises NotWhole."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise NotWhole("no number")
    try:
        found = +Decimal(value)
    except ArithmeticError as error:
        raise NotWhole("no number") from error
    if not found.is_finite():
        raise NotWhole("no finite number")
    return found


def price(value: object) -> Decimal:
    """What something may cost; raises NotWhole for zero, a negative and an absurd number."""
    found = number(value)
    if not LEAST <= found <= MOST:
        raise NotWhole("no price")
    return found


def amount(value: object) -> Decimal | None:
    """A volume or a capitalisation; None for what tells nothing."""
    found = _maybe(number, value)
    return found if found is not None and 0 <= found <= LARGEST else None


def fraction(change: object, *, per: int = 100) -> Decimal | None:
    """A change in percent as a fraction; None for what tells nothing, or a fall by more than all."""
    found = _maybe(number, change)
    return found / per if found is not None and -per <= found <= LARGEST else None


def rank(value: object) -> int | None:
    """A place in a list, from 1 on."""
    found = _maybe(number, value)
    return int(found) if found is not None and 1 <= found <= MOST and found == int(found) else None


def seconds(value: object, *, per_second: int = 1) -> float:
    """A time since the epoch, counted in seconds or parts of them; raises NotWhole."""
    found = number(value)
    if not 0 < found <= Decimal(LATEST) * per_second:
        raise NotWhole("no time")
    return float(found / per_second)


def date(value: object) -> float:
    """A time as ISO 8601 writes it, with its zone; raises NotWhole."""
    with whole():
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is None:
            raise NotWhole("no zone")
        return found.timestamp()


def symbol(value: object) -> str:
    """A ticker in capitals; raises NotWhole for what is none."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SYMBOL or not value.isprintable():
        raise NotWhole("no symbol")
    return value.upper()


def name(value: object) -> str | None:
    """What a coin is called, cut where it is long; None where nothing could be shown."""
    if not isinstance(value, str):
        return None
    return "".join(letter for letter in value if letter.isprintable()).strip()[:LONGEST_NAME] or None


def listed(value: object) -> Sequence[Item]:
    """A list of objects; raises NotWhole for anything else and for an empty one."""
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise NotWhole("list")
    return value


def coins(items: Iterable[Item], read: Callable[[Item], Coin]) -> list[Coin]:
    """Those that can be relied on. Lists name dead coins too, but one that is damaged in most places is none."""
    found: list[Coin] = []
    damaged = 0
    for item in items:
        try:
            with whole():
                found.append(read(item))
        except NotWhole:
            damaged += 1
    if not found or damaged > len(found):
        raise NotWhole("list")
    return found


def _maybe(read: Callable[[object], T], value: object) -> T | None:
    try:
        return read(value)
    except NotWhole:
        return None
