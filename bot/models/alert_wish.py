"""An alert as people write it: `BTC > 70000`, `gold<2.7k`, `ETH +5% 1h`, with `repeat`, `for 7d` behind it."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.models.alert import AlertKind, AlertWish
from bot.models.decimals import read_number
from bot.models.price import Metal

SHORTEST_CHANGE, LONGEST_CHANGE = 300, 7 * 86_400
SHORTEST, LONGEST = 300, 366 * 86_400
MOST_RISE = Decimal(10)

METALS = {
    "GOLD": Metal.GOLD,
    "SILVER": Metal.SILVER,
    "PLATINUM": Metal.PLATINUM,
    "PALLADIUM": Metal.PALLADIUM,
} | {metal.value: metal for metal in Metal}

_KINDS = {">": AlertKind.ABOVE, ">=": AlertKind.ABOVE, "above": AlertKind.ABOVE, "over": AlertKind.ABOVE} | {
    "<": AlertKind.BELOW,
    "<=": AlertKind.BELOW,
    "below": AlertKind.BELOW,
    "under": AlertKind.BELOW,
}
_SIGNS = re.compile(r"([<>]=?)")
_SPACED_PERCENT = re.compile(r"\s+%")
_QUOTED = re.compile(r"(?:[/_\-](?:USDT|USD)|(?<=[A-Z0-9]{2})USDT)$")
_SYMBOL = re.compile(r"[A-Z0-9]{1,20}")
_PRICE = re.compile(r"\$?(.*?)([km]?)", re.IGNORECASE | re.DOTALL)
_PERCENT = re.compile(r"([+\-−–]?)(.+)%", re.DOTALL)
_DURATION = re.compile(r"([1-9][0-9]{0,4})(m|min|h|d|w)", re.IGNORECASE)
_TIMES = {"": Decimal(1), "k": Decimal(1_000), "m": Decimal(1_000_000)}
_SECONDS = {"m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_REPEATS = {"once": False, "repeat": True, "repeating": True}


class Flaw(StrEnum):
    """What is wrong with the words."""

    NO_SYMBOL = "no symbol"
    SYMBOL = "symbol"
    NO_CONDITION = "no condition"
    CONDITION = "condition"
    NO_PRICE = "no price"
    SIGN = "sign"  # 5% may be up or down
    FALL = "fall"  # of everything, or more
    RISE = "rise"
    NO_TIME = "no time"
    TIME = "time"
    CHANGE_TIME = "change time"
    LASTING = "lasting"
    WORD = "word"
    TWICE = "twice"


class BadWish(ValueError):
    """The words are no alert; `word` is the one with the flaw."""

    def __init__(self, flaw: Flaw, word: str = "") -> None:
        super().__init__(f"no alert ({flaw})")
        self.flaw = flaw
        self.word = word


def read_series(word: str) -> str:
    """The series that is meant by `gold`, `XAU`, `btc`, `BTC/USDT`; raises BadWish."""
    name = unicodedata.normalize("NFKC", word[:40]).strip().upper()
    name = METALS.get(name, _QUOTED.sub("", name))
    if len(word) > 40 or not _SYMBOL.fullmatch(name):
        raise BadWish(Flaw.SYMBOL, word)
    return METALS.get(name, name)


def read_wish(text: str) -> AlertWish:
    """`SYMBOL < PRICE`, `SYMBOL > PRICE` or `SYMBOL ±N% DURATION`, then `once` or `repeat` and `for DURATION`.

    Raises BadWish, and BadNumber for what stands where a number belongs.
    """
    words = _SPACED_PERCENT.sub("%", _SIGNS.sub(r" \1 ", text)).split()
    if not words:
        raise BadWish(Flaw.NO_SYMBOL)
    if words[0] in _KINDS or "%" in words[0]:
        raise BadWish(Flaw.NO_SYMBOL, words[0])
    series, rest = read_series(words[0]), words[1:]
    if not rest:
        raise BadWish(Flaw.NO_CONDITION, words[0])
    first = rest.pop(0)
    if kind := _KINDS.get(first.casefold()):
        return AlertWish(series, kind, _price(rest), **_options(rest))
    if "%" in first:
        target = _fraction(first)
        return AlertWish(series, AlertKind.CHANGE, target, _within(rest), **_options(rest))
    raise BadWish(Flaw.CONDITION, first)


def _price(rest: list[str]) -> Decimal:
    if not rest:
        raise BadWish(Flaw.NO_PRICE)
    found = _PRICE.fullmatch(rest.pop(0))
    assert found is not None
    return read_number(found[1]) * _TIMES[found[2].casefold()]


def _fraction(word: str) -> Decimal:
    found = _PERCENT.fullmatch(word)
    if found is None:
        raise BadWish(Flaw.CONDITION, word)
    if not found[1]:
        raise BadWish(Flaw.SIGN, word)
    part = read_number(found[2]) / 100
    if found[1] == "+":
        if part > MOST_RISE:
            raise BadWish(Flaw.RISE, word)
        return part
    if part >= 1:
        raise BadWish(Flaw.FALL, word)
    return -part


def _within(rest: list[str]) -> int:
    if rest and rest[0].casefold() in {"in", "within"}:
        rest.pop(0)
    if not rest or rest[0].casefold() in {*_REPEATS, "for"}:
        raise BadWish(Flaw.NO_TIME)
    word = rest.pop(0)
    seconds = _duration(word)
    if not SHORTEST_CHANGE <= seconds <= LONGEST_CHANGE:
        raise BadWish(Flaw.CHANGE_TIME, word)
    return seconds


def _options(rest: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while rest:
        word = rest.pop(0)
        repeats = _REPEATS.get(word.casefold())
        if repeats is None and word.casefold() != "for":
            raise BadWish(Flaw.WORD, word)
        name = "lasts" if repeats is None else "repeats"
        if name in found:
            raise BadWish(Flaw.TWICE, word)
        found[name] = _lasting(rest) if repeats is None else repeats
    return found


def _lasting(rest: list[str]) -> float:
    if not rest:
        raise BadWish(Flaw.NO_TIME)
    word = rest.pop(0)
    seconds = _duration(word)
    if not SHORTEST <= seconds <= LONGEST:
        raise BadWish(Flaw.LASTING, word)
    return float(seconds)


def _duration(word: str) -> int:
    found = _DURATION.fullmatch(word)
    if found is None:
        raise BadWish(Flaw.TIME, word)
    return int(found[1]) * _SECONDS[found[2].casefold()]
