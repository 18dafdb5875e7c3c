"""The words after a command, as typed values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import RequestRefused
from bot.models.resource import BadResource, normalise_resource

MAX_COUNT = 50
EXAMPLE = "Write for example: /take beboo 5"

_NUMBER_LIKE = re.compile(r"[+\-−–]?\d[\d.,_eE+\-]*")
_COUNT = re.compile(r"0{0,2}[1-9][0-9]?")


class BadArgument(RequestRefused):
    """A command's words cannot be understood: `problem` says what is wrong, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str = EXAMPLE) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class TakeArgs:
    """A normalised resource, and how many proxies for it (1 to 50)."""

    resource: str
    count: int


def parse_take(args: str | None) -> TakeArgs:
    """`RESOURCE`, `RESOURCE N` or `N RESOURCE`; raises BadArgument. Nothing is guessed."""
    words = (args or "").split()
    if len(words) > 2:
        raise BadArgument("Those are too many words: a resource and a number are enough.")
    if not words or (len(words) == 1 and _number_like(words[0])):
        raise BadArgument("It is not said what the proxies are for.")
    name, count = (words[0], "1") if len(words) == 1 else _name_and_count(*words)
    return TakeArgs(_resource(name), _count(count))


def _name_and_count(first: str, second: str) -> tuple[str, str]:
    if _COUNT.fullmatch(first) and _number_like(second):
        raise BadArgument("Both words are numbers, so it is not clear which is the resource.")
    if _number_like(second):
        return first, second
    if _number_like(first):
        return second, first
    raise BadArgument(f"“{_shown(second)}” is not a number.")


def _number_like(word: str) -> bool:
    return _NUMBER_LIKE.fullmatch(word) is not None


def _count(word: str) -> int:
    if not _COUNT.fullmatch(word) or not 1 <= int(word) <= MAX_COUNT:
        raise BadArgument(f"“{_shown(word)}” does not work here: it is 1 to {MAX_COUNT} at once, in digits.")
    return int(word)


def _resource(word: str) -> str:
    try:
        return normalise_resource(word)
    except BadResource as error:
        raise BadArgument(f"A resource's name {error.problem}.") from error


def _shown(word: str) -> str:
    """The word as it may be quoted back: short, and nothing that prints strangely."""
    kept = "".join(letter for letter in word[:20] if letter.isprintable())
    return kept + ("…" if len(word) > 20 else "")
