"""The words after /allow, /role and /deny: somebody, and a role."""

from __future__ import annotations

import re

from bot.handlers.arguments import BadArgument
from bot.models.person import Person
from bot.models.role import Role
from bot.services.people import People
from bot.views.people import roles

_ID = re.compile(r"[1-9][0-9]{0,15}")
_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{0,31}")

ALLOW = "Write for example: /allow 1234567 user"
ROLE = "Write for example: /role @anna trader"
DENY = "Write for example: /deny @anna"
NEWCOMERS = "Let them in by their id: /allow 1234567. Whoever writes to me is told theirs."


def parse_allow(args: str | None) -> tuple[str, Role]:
    """`ID` or `ID ROLE`, of which the role is user where it is left out; raises BadArgument."""
    words = _words(args, least=1, most=2, remedy=ALLOW)
    return _who(words[0], ALLOW), _role(words[1]) if len(words) == 2 else Role.USER


def parse_role(args: str | None) -> tuple[str, Role]:
    """`@USER ROLE` or `ID ROLE`; raises BadArgument."""
    who, role = _words(args, least=2, most=2, remedy=ROLE)
    return _who(who, ROLE), _role(role)


def parse_deny(args: str | None) -> str:
    """`@USER` or `ID`; raises BadArgument."""
    [who] = _words(args, least=1, most=1, remedy=DENY)
    return _who(who, DENY)


def somebody(who: str, people: People) -> Person:
    """Whom the word means; raises BadArgument where the desk knows nobody of that name or id."""
    person = people.find(who)
    if person is None:
        raise BadArgument(
            f"I know nobody with the {'name' if who.startswith('@') else 'id'} {who}.", NEWCOMERS
        )
    return person


def newcomer(who: str, people: People) -> int:
    """The id of somebody who may be unknown; an @name has to be known, ids cannot be looked up by it."""
    return int(who) if who.isdecimal() else somebody(who, people).user_id


def _words(args: str | None, *, least: int, most: int, remedy: str) -> list[str]:
    words = (args or "").split()
    if len(words) < least:
        raise BadArgument("Say who is meant." if not words else "The role is missing.", remedy)
    if len(words) > most:
        raise BadArgument("Those are too many words.", remedy)
    return words


def _who(word: str, remedy: str) -> str:
    if not (_ID.fullmatch(word) or _NAME.fullmatch(word)):
        raise BadArgument(f"“{_shown(word)}” is neither an @name nor an id, which is a number.", remedy)
    return word


def _role(word: str) -> Role:
    try:
        return Role(word.casefold())
    except ValueError:
        raise BadArgument(f"“{_shown(word)}” is no role.", f"The roles are {roles()}.") from None


def _shown(word: str) -> str:
    kept = "".join(letter for letter in word[:20] if letter.isprintable())
    return kept + ("…" if len(word) > 20 else "")
