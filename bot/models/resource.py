"""A resource's name: the one rule for it, and the known names nearest to a wrong one."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MAX_RESOURCE_LENGTH = 64
MIN_LIKENESS = 0.5
_MARKS = "._-"


class BadResource(ValueError):
    """The text cannot name a resource; `problem` completes the sentence "A resource's name …"."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"a resource's name {problem}")
        self.problem = problem


def fold(text: str) -> str:
    """The text without its differences of case and width; folding twice changes nothing."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def normalise_resource(text: str) -> str:
    """The one spelling of a name: folded and trimmed; raises BadResource.

    Letters of any script, the digits 0–9 and `.` `_` `-` remain; nothing that could divide a cell of the sheet
    or hide in one. Normalising twice changes nothing.
    """
    if len(text) > 4 * MAX_RESOURCE_LENGTH:
        raise BadResource(f"has at most {MAX_RESOURCE_LENGTH} characters")
    name = fold(text).strip()
    if not name:
        raise BadResource("cannot be empty")
    if len(name) > MAX_RESOURCE_LENGTH:
        raise BadResource(f"has at most {MAX_RESOURCE_LENGTH} characters")
    if not all(_allowed(letter) for letter in name):
        raise BadResource("has only letters, digits, dots, dashes and underscores")
    if name[0] in _MARKS:
        raise BadResource("begins with a letter or a digit")
    return name


@lru_cache(maxsize=1 << 12)
def is_resource(name: str) -> bool:
    """Whether it is a name in its one spelling: what people write into a cell need not be one."""
    try:
        return normalise_resource(name) == name
    except BadResource:
        return False


def nearest(name: str, known: Iterable[str], n: int = 3) -> tuple[str, ...]:
    """Up to `n` of the known names, most alike first; names that begin alike count as alike."""
    ranked = sorted((-_likeness(name, other), other) for other in set(known))
    return tuple(other for rank, other in ranked[:n] if -rank >= MIN_LIKENESS)


def _allowed(letter: str) -> bool:
    return letter in _MARKS or letter in "0123456789" or unicodedata.category(letter).startswith("L")


def _likeness(name: str, other: str) -> float:
    """0 to 1; a common beginning is worth at least 0.75, so that `avi` finds `avito.example.org`."""
    if name and other and (other.startswith(name) or name.startswith(other)):
        return 0.75 + 0.25 * min(len(name), len(other)) / max(len(name), len(other))
    matcher = difflib.SequenceMatcher(a=name, b=other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= MIN_LIKENESS else 0.0
