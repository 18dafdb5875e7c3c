"""Scrap as people write it: `12.5g 14k + 1 ozt sterling`. Nothing is guessed: what is unclear is asked back."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.models.decimals import read_number
from bot.models.fineness import (
    COINS,
    FINE,
    KARATS,
    METALS,
    NAMED,
    PLATED,
    STAMPS,
    UNITS,
    Alloy,
    SilverCoin,
    karat,
)
from bot.models.melt import Piece
from bot.models.price import Metal

LONGEST = 500
MOST_PIECES = 20
MOST_ALIKE = 10_000

_ONE_SPELLING = (
    (re.compile(r"[×*]"), " x "),
    (re.compile(r"(?<![a-z])(?:troy\s*(?:oz|ounces?)|(?:oz|ounces?)\s*(?:troy|t))\b"), "ozt"),
    (re.compile(r"(?<![a-z])(?:oz|ounces?)\s*(?:av|avdp|avoirdupois)\b"), "ozav"),
    (re.compile(r"\b([0-9]+)\s*(?:k|kt|ct|karats?|carats?)\b"), r"\1k"),
)
_NUMBER = r"[-−–]?(?:[0-9][0-9.,]*|\.[0-9]+)"
_WEIGHT = re.compile(rf"({_NUMBER})([a-z]+)")
_BARE = re.compile(_NUMBER)
_KARAT = re.compile(r"([0-9]{1,3})k([a-z]*)")
_STAMP = re.compile(r"(au|ag|pt|pd)?(?:0?\.)?([3-9][0-9]{2}|9[0-9]{3})(au|ag|pt|pd)?")
_TIMES = re.compile(r"x([0-9]+)|([0-9]+)x")
_NO_MATTER = frozenset({"of", "solid", "scrap", "dollar", "dollars"})
_UNCLEAR_UNITS = frozenset({"oz", "ounce", "ounces", "gr"})


class Flaw(StrEnum):
    """Why words cannot be taken for scrap."""

    NOTHING = "nothing"
    TOO_MUCH = "too much"
    WHICH_OUNCE = "which ounce"  # troy or avoirdupois
    WHICH_GR = "which gr"  # grams or grains
    NO_UNIT = "no unit"
    NO_WEIGHT = "no weight"
    NO_FINENESS = "no fineness"
    NO_METAL = "no metal"
    KARATS = "karats"
    OTHER_METAL = "other metal"
    WEIGHTED = "weighted"
    COUNT = "count"
    TWICE = "twice"
    UNKNOWN = "unknown"


class UnclearScrap(ValueError):
    """The words may mean several things, or nothing; `word` is the one it is about."""

    def __init__(self, flaw: Flaw, word: str = "") -> None:
        super().__init__(f"unclear scrap ({flaw})")
        self.flaw = flaw
        self.word = word


def read_scrap(text: str) -> tuple[Piece, ...]:
    """Pieces, one after each `+` or line: a weight and its unit, how fine it is, perhaps `x3`; or coins by name.

    Raises UnclearScrap, and BadNumber for what stands where a number belongs.
    """
    if len(text) > LONGEST:
        raise UnclearScrap(Flaw.TOO_MUCH)
    written = unicodedata.normalize("NFKC", text).casefold().strip()
    for spelling, usual in _ONE_SPELLING:
        written = spelling.sub(usual, written)
    parts = [part.split() for part in re.split(r"[+\n]", written)]
    if not all(parts):
        raise UnclearScrap(Flaw.NOTHING)
    if len(parts) > MOST_PIECES:
        raise UnclearScrap(Flaw.TOO_MUCH)
    return tuple(_piece(words) for words in parts)


@dataclass(slots=True)
class _Words:
    """What has been understood of one piece so far."""

    amount: Decimal | None = None
    unit: str | None = None
    count: int | None = None
    metal: Metal | None = None
    fineness: Decimal | None = None
    mark: str = ""  # what says how fine it is
    only: Metal | None = None  # the metal that the mark is for
    coin: SilverCoin | None = None
    is_plated: bool = False

    def note(self, word: str, **given: object) -> None:
        """Each thing can be said once, or the same again."""
        for name, value in given.items():
            if getattr(self, name) not in (None, value):
                raise UnclearScrap(Flaw.TWICE, word)
            setattr(self, name, value)

    def mark_as(self, word: str, mark: str, fineness: Decimal, only: Metal | None = None) -> None:
        """How fine it is; `only`: the mark is for that metal. Sterling may be called 925 as well."""
        if self.fineness is None:
            self.mark, self.only = mark, only
        self.note(word, fineness=fineness)


def _piece(words: list[str]) -> Piece:
    found, left = _Words(), list(reversed(words))
    while left:
        _understand(left.pop(), left, found)
    count = 1 if found.count is None else found.count
    if found.coin is not None:
        return _coins(found, found.coin, count)
    if found.amount is None:
        raise UnclearScrap(Flaw.NO_WEIGHT, " ".join(words))
    if found.unit is None:
        raise UnclearScrap(Flaw.NO_UNIT, " ".join(words))
    return Piece(found.amount, found.unit, None if found.is_plated else _alloy(found), count)


def _understand(word: str, left: list[str], found: _Words) -> None:
    """One word, with those behind it that belong to it."""
    if word in _NO_MATTER:
        return
    if word == "weighted":
        raise UnclearScrap(Flaw.WEIGHTED)
    if not (_named(word, found) or _times(word, left, found) or _fine(word, left, found)):
        _weight(word, left, found)


def _named(word: str, found: _Words) -> bool:
    if word in PLATED:
        found.is_plated = True
    elif word in METALS:
        found.note(word, metal=METALS[word])
    elif word in NAMED:
        alloy = NAMED[word]
        found.mark_as(word, alloy.name, alloy.fineness, alloy.metal)
    elif word == "fine":
        found.mark_as(word, word, FINE)
    elif word in COINS:
        found.note(word, coin=COINS[word])
    else:
        return False
    return True


def _times(word: str, left: list[str], found: _Words) -> bool:
    """`x3`, `3x`, `x 3`, `3 x`: how many alike."""
    if left and (word == "x" or (left[-1] == "x" and word.isdecimal())):
        word += left.pop()
    times = _TIMES.fullmatch(word)
    if times is None:
        return False
    count = times[1] or times[2]
    if len(count) > len(str(MOST_ALIKE)) or not 1 <= int(count) <= MOST_ALIKE:
        raise UnclearScrap(Flaw.COUNT, word)
    found.note(word, count=int(count))
    return True


def _fine(word: str, left: list[str], found: _Words) -> bool:
    """Karats, or a stamp in thousandths: `14k`, `585`, `.925`, `pt950`."""
    if karats := _KARAT.fullmatch(word):
        return _karats(word, int(karats[1]), karats[2], found)
    stamp = _STAMP.fullmatch(word)
    if stamp is None or (left and left[-1] in UNITS.keys() | _UNCLEAR_UNITS | COINS.keys()):
        return False
    before, digits, behind = stamp.groups()
    if code := before or behind:
        found.note(word, metal=METALS[code])
    found.mark_as(word, digits, Decimal(f"0.{digits}"))
    return True


def _karats(word: str, number: int, behind: str, found: _Words) -> bool:
    if behind and behind not in PLATED:
        return False
    if number not in KARATS:
        raise UnclearScrap(Flaw.KARATS, word)
    found.mark_as(word, f"{number}K", karat(number), Metal.GOLD)
    found.is_plated |= bool(behind)
    return True


def _weight(word: str, left: list[str], found: _Words) -> None:
    """`12.5g`, `12.5 g`; a number before a coin's name says how many."""
    if glued := _WEIGHT.fullmatch(word):
        number, unit = glued.groups()
    elif _BARE.fullmatch(word):
        number, unit = word, left.pop() if left and left[-1] in UNITS.keys() | _UNCLEAR_UNITS else ""
    else:
        raise UnclearScrap(Flaw.UNKNOWN, word)
    if unit in _UNCLEAR_UNITS:
        raise UnclearScrap(Flaw.WHICH_GR if unit == "gr" else Flaw.WHICH_OUNCE, unit)
    if unit and unit not in UNITS:
        raise UnclearScrap(Flaw.UNKNOWN, word)
    if found.amount is not None:
        raise UnclearScrap(Flaw.TWICE, word)
    found.amount, found.unit = read_number(number), UNITS.get(unit)


def _coins(found: _Words, coin: SilverCoin, count: int) -> Piece:
    said = (found.unit, found.fineness, found.is_plated)
    if any(said) or found.metal not in (None, Metal.SILVER):
        raise UnclearScrap(Flaw.TWICE, coin.name)
    amount = Decimal(1) if found.amount is None else found.amount
    if amount != amount.to_integral_value():
        raise UnclearScrap(Flaw.COUNT, format(amount, "f"))
    return Piece(amount, "", coin, count)


def _alloy(found: _Words) -> Alloy:
    if found.fineness is None:
        flaw = Flaw.NO_FINENESS if found.metal else Flaw.NO_METAL
        raise UnclearScrap(flaw, found.metal or "")
    if found.only and found.metal not in (None, found.only):
        raise UnclearScrap(Flaw.OTHER_METAL, found.mark)
    stamped = STAMPS.get(int(found.mark)) if found.mark.isdecimal() else None
    metal = found.metal or found.only or stamped
    if metal is None:
        raise UnclearScrap(Flaw.NO_METAL, found.mark)
    return Alloy(found.mark, metal, found.fineness)
