"""The words after a command, as typed values."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass

from bot.errors import RequestRefused
from bot.models.held import Place
from bot.models.proxy import UnreadableProxy, parse_endpoint
from bot.models.resource import BadResource, fold, normalise_resource
from bot.models.results import BadReason

MAX_COUNT = 50
MAX_HELD = 999
MAX_PLACE = 1000
EXAMPLE = "Write for example: /take beboo 5"
RELEASE_EXAMPLE = "Write for example: /release 192.0.2.7, /release 3 or /release all"
BAD_EXAMPLE = "Write for example: /bad 192.0.2.7, or choose it in /my"
NOTHING_FITS = "You hold nothing that fits, or it is still being checked."
LOOK = "See /my for what you hold."

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


@dataclass(frozen=True, slots=True)
class BadArgs:
    """Which proxy does not work, and why, where that was said."""

    place: Place
    reason: BadReason | None


@dataclass(frozen=True, slots=True)
class Everything:
    """All that one holds."""


def parse_take(args: str | None) -> TakeArgs:
    """`RESOURCE`, `RESOURCE N` or `N RESOURCE`; raises BadArgument. Nothing is guessed."""
    words = (args or "").split()
    if len(words) > 2:
        raise BadArgument("Those are too many words: a resource and a number are enough.")
    if not words or (len(words) == 1 and _number_like(words[0])):
        raise BadArgument("Say what the proxies are for.")
    name, count = (words[0], "1") if len(words) == 1 else _name_and_count(*words)
    return TakeArgs(_resource(name), _count(count))


def parse_release(args: str | None) -> Everything | Place | int | None:
    """`all`, `HOST`, `HOST:PORT` or a whole proxy, or how many; None where nothing is said. Raises BadArgument."""
    words = (args or "").split()
    if len(words) > 1:
        raise BadArgument(
            "Those are too many words: one host, one number or “all” is enough.", RELEASE_EXAMPLE
        )
    if not words:
        return None
    [word] = words
    if fold(word) == "all":
        return Everything()
    if _number_like(word) and not _is_ip(fold(word)):
        return _how_many(word)
    return _place(word, RELEASE_EXAMPLE)


def parse_bad(args: str | None) -> BadArgs:
    """`HOST [REASON]`, the host as for parse_release; raises BadArgument."""
    words = (args or "").split()
    if len(words) > 2:
        raise BadArgument("Those are too many words: a host and a reason are enough.", BAD_EXAMPLE)
    if not words:
        raise BadArgument("Say which proxy does not work.", BAD_EXAMPLE)
    if _number_like(words[0]) and not _is_ip(fold(words[0])):
        raise BadArgument(f"“{_shown(words[0])}” is no host.", BAD_EXAMPLE)
    return BadArgs(_place(words[0], BAD_EXAMPLE), _reason(words[1]) if len(words) == 2 else None)


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


def _how_many(word: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,2}", word):
        problem = f"“{_shown(word)}” does not work here: it is 1 to {MAX_HELD}, in digits."
        raise BadArgument(problem, RELEASE_EXAMPLE)
    return int(word)


def _place(word: str, example: str) -> Place:
    """What is pasted whole, with its login, is understood too; it is never quoted back."""
    if len(word) > MAX_PLACE:
        raise BadArgument("That is too long to be a host.", example)
    bare = fold(word).removeprefix("[").removesuffix("]")
    if _is_ip(bare):
        return Place(str(ipaddress.ip_address(bare)))
    with suppress(UnreadableProxy):
        endpoint = parse_endpoint(word)
        return Place(endpoint.host, endpoint.port)
    return Place(bare)


def _is_ip(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def _reason(word: str) -> BadReason:
    try:
        return BadReason(fold(word))
    except ValueError:
        known = ", ".join(reason.value for reason in BadReason)
        raise BadArgument(f"“{_shown(word)}” is no reason: {known} are.", BAD_EXAMPLE) from None


def _shown(word: str) -> str:
    """The word as it may be quoted back: short, and nothing that prints strangely."""
    kept = "".join(letter for letter in word[:20] if letter.isprintable())
    return kept + ("…" if len(word) > 20 else "")
