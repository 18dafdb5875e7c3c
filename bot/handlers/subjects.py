"""What an admin asks about, as typed or as a button remembers it."""

from __future__ import annotations

import ipaddress
import re

from bot.handlers.arguments import BadArgument
from bot.handlers.buttons import carried
from bot.models.history import About, Subject
from bot.models.offer import Argument
from bot.models.proxy import UnreadableProxy, parse_endpoint
from bot.models.resource import BadResource, normalise_resource
from bot.views import usage

_USERNAME = re.compile(r"@\w{1,32}")
_USER_ID = re.compile(r"[1-9][0-9]{0,15}")


def parse_subject(args: str | None, command: str) -> Subject:
    """One word: `@name` or an id, `host`, `host:port` or a whole proxy line, else a resource; raises BadArgument.

    A proxy's login is dropped here: nothing behind it knows one.
    """
    remedy = usage.about(command)
    words = (args or "").split()
    if not words:
        raise BadArgument(usage.NO_SUBJECT, remedy)
    if len(words) > 1:
        raise BadArgument(usage.too_many("one is enough"), remedy)
    word = words[0]
    if is_person(word):
        return Subject(About.PERSON, word)
    if word.startswith("@"):
        raise BadArgument(usage.NO_USER_NAME, remedy)
    host = host_in(word)
    return Subject(About.HOST, host) if host else Subject(About.RESOURCE, parse_resource(word, remedy))


def parse_resource(word: str, remedy: str) -> str:
    """A resource's name in its one spelling; raises BadArgument."""
    try:
        return normalise_resource(word)
    except BadResource as error:
        raise BadArgument(usage.resource_name(error.problem), remedy) from error


def is_person(word: str) -> bool:
    """Whether the word is `@name` or a Telegram id."""
    return bool(_USERNAME.fullmatch(word) or _USER_ID.fullmatch(word))


def host_in(word: str) -> str | None:
    """`host:port` of a proxy however it is written, or an IP address (IPv6 in brackets); None where it is neither.

    A host name without a port looks like a resource.
    """
    try:
        return parse_endpoint(word).address
    except UnreadableProxy:
        return _ip_address(word)


def recalled(args: tuple[Argument, ...]) -> Subject | None:
    """The subject that a button's arguments are, None where there are none; raises OfferLapsed."""
    return Subject(*carried(args, About, str, str)) if args else None


def _ip_address(word: str) -> str | None:
    try:
        address = ipaddress.ip_address(word.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return f"[{address}]" if address.version == 6 else str(address)
