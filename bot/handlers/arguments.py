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
from bot.views import usage

MAX_COUNT = 50
MAX_HELD = 999
MAX_PLACE = 1000

_NUMBER_LIKE = re.compile(r"[+\-−–]?\d[\d.,_eE+\-]*")
_COUNT = re.compile(r"0{0,2}[1-9][0-9]?")


class BadArgument(RequestRefused):
    """A command's words cannot be understood: `problem` says what is wrong, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str = usage.TAKE) -> None:
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
        raise BadArgument(usage.too_many("a resource and a number are enough"))
    if not words or (len(words) == 1 and _number_like(words[0])):
        raise BadArgument(usage.NO_PURPOSE)
    name, count = (words[0], "1") if len(words) == 1 else _name_and_count(*words)
    return TakeArgs(_resource(name), _count(count))


def parse_release(args: str | None) -> Everything | Place | int | None:
    """`all`, `HOST`, `HOST:PORT` or a whole proxy, or how many; None where nothing is said. Raises BadArgument."""
    words = (args or "").split()
    if len(words) > 1:
        raise BadArgument(usage.too_many("one host, one number or “all” is enough"), usage.RELEASE)
    if not words:
        return None
    [word] = words
    if fold(word) == "all":
        return Everything()
    if _number_like(word) and not _is_ip(fold(word)):
        return _how_many(word)
    return _place(word, usage.RELEASE)


def parse_bad(args: str | None) -> BadArgs:
    """`HOST [REASON]`, the host as for parse_release; raises BadArgument."""
    words = (args or "").split()
    if len(words) > 2:
        raise BadArgument(usage.too_many("a host and a reason are enough"), usage.BAD)
    if not words:
        raise BadArgument(usage.NO_PROXY, usage.BAD)
    if _number_like(words[0]) and not _is_ip(fold(words[0])):
        raise BadArgument(usage.no_host(words[0]), usage.BAD)
    return BadArgs(_place(words[0], usage.BAD), _reason(words[1]) if len(words) == 2 else None)


def _name_and_count(first: str, second: str) -> tuple[str, str]:
    if _COUNT.fullmatch(first) and _number_like(second):
        raise BadArgument(usage.TWO_NUMBERS)
    if _number_like(second):
        return first, second
    if _number_like(first):
        return second, first
    raise BadArgument(usage.not_a_number(second))


def _number_like(word: str) -> bool:
    return _NUMBER_LIKE.fullmatch(word) is not None


def _count(word: str) -> int:
    if not _COUNT.fullmatch(word) or not 1 <= int(word) <= MAX_COUNT:
        raise BadArgument(usage.no_count(word, MAX_COUNT))
    return int(word)


def _resource(word: str) -> str:
    try:
        return normalise_resource(word)
    except BadResource as error:
        raise BadArgument(usage.resource_name(error.problem)) from error


def _how_many(word: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,2}", word):
        raise BadArgument(usage.no_held_count(word, MAX_HELD), usage.RELEASE)
    return int(word)


def _place(word: str, example: str) -> Place:
    """What is pasted whole, with its login, is understood too; it is never quoted back."""
    if len(word) > MAX_PLACE:
        raise BadArgument(usage.TOO_LONG, example)
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
        raise BadArgument(usage.no_reason(word, BadReason), usage.BAD) from None
