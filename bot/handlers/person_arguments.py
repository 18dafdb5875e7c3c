"""The words after /allow, /role and /deny: somebody, and a role."""

from __future__ import annotations

import re

from bot.handlers.arguments import BadArgument
from bot.models.person import Person
from bot.models.role import Role
from bot.services.people import People
from bot.views import usage

_ID = re.compile(r"[1-9][0-9]{0,15}")
_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{0,31}")


def parse_allow(args: str | None) -> tuple[str, Role]:
    """`ID` or `ID ROLE`, of which the role is user where it is left out; raises BadArgument."""
    words = _words(args, least=1, most=2, remedy=usage.ALLOW)
    return _who(words[0], usage.ALLOW), _role(words[1]) if len(words) == 2 else Role.USER


def parse_role(args: str | None) -> tuple[str, Role]:
    """`@USER ROLE` or `ID ROLE`; raises BadArgument."""
    who, role = _words(args, least=2, most=2, remedy=usage.ROLE)
    return _who(who, usage.ROLE), _role(role)


def parse_deny(args: str | None) -> str:
    """`@USER` or `ID`; raises BadArgument."""
    [who] = _words(args, least=1, most=1, remedy=usage.DENY)
    return _who(who, usage.DENY)


def somebody(who: str, people: People) -> Person:
    """Whom the word means; raises BadArgument where the desk knows nobody of that name or id."""
    person = people.find(who)
    if person is None:
        raise BadArgument(usage.unknown_person(who), usage.NEWCOMERS)
    return person


def newcomer(who: str, people: People) -> int:
    """The id of somebody who may be unknown; an @name has to be known, ids cannot be looked up by it."""
    return int(who) if who.isdecimal() else somebody(who, people).user_id


def _words(args: str | None, *, least: int, most: int, remedy: str) -> list[str]:
    words = (args or "").split()
    if len(words) < least:
        raise BadArgument(usage.NOBODY if not words else usage.NO_ROLE, remedy)
    if len(words) > most:
        raise BadArgument(usage.too_many(), remedy)
    return words


def _who(word: str, remedy: str) -> str:
    if not (_ID.fullmatch(word) or _NAME.fullmatch(word)):
        raise BadArgument(usage.nobodys_name(word), remedy)
    return word


def _role(word: str) -> Role:
    try:
        return Role(word.casefold())
    except ValueError:
        raise BadArgument(usage.unknown_role(word), usage.known_roles()) from None
