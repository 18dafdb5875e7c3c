"""The words of a formula, and formulas whose references have been changed. Pure."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from sandbox.sheets.formulas.references import PATTERN, Reference, read_reference
from sandbox.sheets.grid import Formula

WORDS = re.compile(
    r"(?P<space>\s+)"
    r'|(?P<text>"(?:[^"]|"")*")'
    r"|(?P<error>#(?:REF!|DIV/0!|VALUE!|NAME\?|N/A|NUM!|ERROR!))"
    rf"|(?P<reference>{PATTERN})"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<name>[^\W\d][\w.]*)"
    r"|(?P<operator>[-+*/^%(),;])"
    r"|(?P<unknown>.)",
    re.DOTALL,
)


class Token(NamedTuple):
    """A word of a formula and its kind: the name of the group of WORDS."""

    kind: str
    text: str


@lru_cache(maxsize=10_000)
def tokens(text: str) -> tuple[Token, ...]:
    """All words after the equals sign, spaces among them."""
    return tuple(Token(match.lastgroup or "", match[0]) for match in WORDS.finditer(text, 1))


def with_references(formula: Formula, change: Callable[[Reference], Reference | None]) -> Formula:
    """The formula with each reference changed; one that becomes None reads #REF!."""
    words = [_changed(token, change) for token in tokens(formula.text)]
    text = "=" + "".join(words)
    return formula if text == formula.text else Formula(text)


def _changed(token: Token, change: Callable[[Reference], Reference | None]) -> str:
    if token.kind != "reference":
        return token.text
    old = read_reference(token.text)
    new = change(old)
    if new is None:
        return "#REF!"
    return token.text if new == old else new.text
