"""What is wrong with the words after a command, and how they are written: a sentence each, escaped by who sends it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.models.role import Role
from bot.views.text import listed, quoted

TAKE = "Write for example: /take beboo 5"
RELEASE = "Write for example: /release 192.0.2.7, /release 3 or /release all"
BAD = "Write for example: /bad 192.0.2.7, or choose it in /my"
TRADES = "Write for example: /trades, or /trades BTC"
QUIET = "Write for example: /notices quiet 22:00-07:30, or: /notices quiet off"
RELEASE_FOR = "Write for example: /release_for @anna, /release_for @anna 5 or /release_for @anna 192.0.2.7"
ALLOW = "Write for example: /allow 1234567 user"
ROLE = "Write for example: /role @anna trader"
DENY = "Write for example: /deny @anna"
NEWCOMERS = "Let them in by their id: /allow 1234567. Whoever writes to me is told theirs."
CONNECT = "Write /connect bybit, and I ask for the rest, one after the other"
PRICE = "Write for example: /price BTC, or /price BTC/USDT:USDT for the perpetual"
CHART = "Write for example: /chart BTC, /chart BTC 30d, /chart gold or /chart portfolio"
CHART_POOL = "Write for example: /chart pool, or /chart pool beboo"
LOOK = "See /my for what you hold."

NO_PURPOSE = "Say what the proxies are for."
TWO_NUMBERS = "Both words are numbers, so it is not clear which is the resource."
NO_PROXY = "Say which proxy does not work."
TOO_LONG = "That is too long to be a host."
NOTHING_FITS = "You hold nothing that fits, or it is still being checked."
QUIET_ONLY = "Only the quiet hours can be written; the rest is set by buttons."
QUIET_UNCLEAR = "The quiet hours cannot be understood."
QUIET_NEVER = "Quiet hours that end when they begin are none."
NO_TIME = "There is no such time of day."
NO_SUBJECT = "Say about whom or what."
NO_USER_NAME = "That is no user name."
NO_OWNER = "Say whose proxies: begin with @name or an id."
WHICH = "It is not clear which: a number, a host, or all."
NO_RESOURCE = "Say which resource."
NOBODY = "Say who is meant."
NO_ROLE = "The role is missing."
NO_EXCHANGE = "That is no exchange that can be connected here."
NO_SYMBOL = "Say which symbol."
NO_CHART = "Say what to draw."
POOL_DAYS = "The pool is always drawn for 30 days."


def about(command: str) -> str:
    """How /who and /audit are asked about one thing."""
    return f"Write for example: /{command} beboo, /{command} 192.0.2.7 or /{command} @anna"


def one_resource(command: str) -> str:
    """How /freeze and /thaw are written."""
    return f"Write for example: /{command} beboo"


def too_many(enough: str = "") -> str:
    """`enough`: what would do, as in `one is enough`."""
    return f"Those are too many words: {enough}." if enough else "Those are too many words."


def parts_of_key(count: int) -> str:
    """How much a key consists of at that exchange."""
    parts = "a key, a secret and a passphrase" if count > 2 else "a key and a secret"
    return f"After the exchange come {parts}."


def not_a_number(word: str) -> str:
    """Where a count belongs."""
    return f"{quoted(word)} is not a number."


def no_count(word: str, most: int) -> str:
    """How many at once can be taken."""
    return f"{quoted(word)} does not work here: it is 1 to {most} at once, in digits."


def no_held_count(word: str, most: int) -> str:
    """How many can be given back."""
    return f"{quoted(word)} does not work here: it is 1 to {most}, in digits."


def fewer_held(count: int) -> str:
    """A number that fits nothing that is held."""
    return f"You do not hold {count} of one resource."


def no_host(word: str) -> str:
    """Where a host belongs."""
    return f"{quoted(word)} is no host."


def no_reason(word: str, reasons: Iterable[str]) -> str:
    """Where a reason belongs; `reasons` are those there are."""
    return f"{quoted(word)} is no reason: {', '.join(reasons)} are."


def no_span(word: str, spans: Iterable[str]) -> str:
    """Where a chart's length belongs; `spans` are those there are."""
    return f"{quoted(word)} does not work here: a chart goes back {listed(list(spans))}."


def resource_name(problem: str) -> str:
    """`problem` goes on after the subject."""
    return f"A resource's name {problem}."


def unknown_person(who: str) -> str:
    """`who`: @name or an id."""
    return f"I know nobody with the {'name' if who.startswith('@') else 'id'} {who}."


def nobodys_name(word: str) -> str:
    """Where @name or an id belongs."""
    return f"{quoted(word)} is neither an @name nor an id, which is a number."


def unknown_role(word: str) -> str:
    """Where a role belongs."""
    return f"{quoted(word)} is no role."


def known_roles() -> str:
    """Those there are."""
    return f"The roles are {listed(list(Role))}."


def in_already(who: str, role: Role) -> str:
    """Somebody who is to be let in has a role."""
    return f"{who} has access already, as {role}."


def to_change(who: str, role: Role) -> str:
    """What to send instead of /allow."""
    return f"To change that: /role {who} {role}"
