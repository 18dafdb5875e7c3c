"""What people read when a command's words cannot be understood: every sentence there is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot import handlers
from bot.models.results import BadReason
from bot.models.role import Role
from bot.views import usage

CONSTANTS = {
    "TAKE": "Write for example: /take beboo 5",
    "RELEASE": "Write for example: /release 192.0.2.7, /release 3 or /release all",
    "BAD": "Write for example: /bad 192.0.2.7, or choose it in /my",
    "QUIET": "Write for example: /notices quiet 22:00-07:30, or: /notices quiet off",
    "RELEASE_FOR": (
        "Write for example: /release_for @anna, /release_for @anna 5 or /release_for @anna 192.0.2.7"
    ),
    "ALLOW": "Write for example: /allow 1234567 user",
    "ROLE": "Write for example: /role @anna trader",
    "DENY": "Write for example: /deny @anna",
    "NEWCOMERS": "Let them in by their id: /allow 1234567. Whoever writes to me is told theirs.",
    "CONNECT": "Write /connect bybit, and I ask for the rest, one after the other",
    "TRADES": "Write for example: /trades, or /trades BTC",
    "PRICE": "Write for example: /price BTC, or /price BTC/USDT:USDT for the perpetual",
    "CHART": "Write for example: /chart BTC, /chart BTC 30d, /chart gold or /chart portfolio",
    "CHART_POOL": "Write for example: /chart pool, or /chart pool beboo",
    "LOOK": "See /my for what you hold.",
    "NO_CHART": "Say what to draw.",
    "POOL_DAYS": "The pool is always drawn for 30 days.",
    "NO_PURPOSE": "Say what the proxies are for.",
    "TWO_NUMBERS": "Both words are numbers, so it is not clear which is the resource.",
    "NO_PROXY": "Say which proxy does not work.",
    "TOO_LONG": "That is too long to be a host.",
    "NOTHING_FITS": "You hold nothing that fits, or it is still being checked.",
    "QUIET_ONLY": "Only the quiet hours can be written; the rest is set by buttons.",
    "QUIET_UNCLEAR": "The quiet hours cannot be understood.",
    "QUIET_NEVER": "Quiet hours that end when they begin are none.",
    "NO_TIME": "There is no such time of day.",
    "NO_SUBJECT": "Say about whom or what.",
    "NO_USER_NAME": "That is no user name.",
    "NO_OWNER": "Say whose proxies: begin with @name or an id.",
    "WHICH": "It is not clear which: a number, a host, or all.",
    "NO_RESOURCE": "Say which resource.",
    "NOBODY": "Say who is meant.",
    "NO_ROLE": "The role is missing.",
    "NO_SYMBOL": "Say which symbol.",
    "NO_EXCHANGE": "That is no exchange that can be connected here.",
}


def test_sentences_read_like_this() -> None:
    """First what is wrong, or how it is written; one that is added needs a line here."""
    assert CONSTANTS == {name: text for name, text in vars(usage).items() if name.isupper()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (usage.about("who"), "Write for example: /who beboo, /who 192.0.2.7 or /who @anna"),
        (usage.one_resource("freeze"), "Write for example: /freeze beboo"),
        (usage.too_many(), "Those are too many words."),
        (usage.too_many("one is enough"), "Those are too many words: one is enough."),
        (usage.not_a_number("five"), "“five” is not a number."),
        (usage.no_count("51", 50), "“51” does not work here: it is 1 to 50 at once, in digits."),
        (usage.no_held_count("0", 999), "“0” does not work here: it is 1 to 999, in digits."),
        (usage.fewer_held(3), "You do not hold 3 of one resource."),
        (usage.no_host("5"), "“5” is no host."),
        (usage.no_reason("red", BadReason), "“red” is no reason: dead, banned, slow, other are."),
        (usage.resource_name("is too long"), "A resource's name is too long."),
        (usage.unknown_person("@anna"), "I know nobody with the name @anna."),
        (usage.unknown_person("7"), "I know nobody with the id 7."),
        (usage.nobodys_name("anna"), "“anna” is neither an @name nor an id, which is a number."),
        (usage.unknown_role("boss"), "“boss” is no role."),
        (usage.known_roles(), "The roles are viewer, user, trader or admin."),
        (usage.in_already("@anna", Role.USER), "@anna has access already, as user."),
        (usage.to_change("@anna", Role.ADMIN), "To change that: /role @anna admin"),
        (usage.no_host("x\n" * 30), "“xxxxxxxxxx…” is no host."),
    ],
)
def test_sentences_with_words_in_them(text: str, expected: str) -> None:
    """What was typed is quoted short, and on one line."""
    assert expected == text


def test_handlers_write_none_themselves() -> None:
    """Whatever a handler refuses is said by a view."""
    said = [
        f"{path.name}: {ast.unparse(argument)}"
        for path in Path(handlers.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "BadArgument"
        for argument in call.args
        if isinstance(argument, ast.Constant | ast.JoinedStr)
    ]
    assert [] == said
