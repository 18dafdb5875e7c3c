"""The grammar of formulas, read by recursive descent: arithmetic, references, texts and calls. Pure.

sum     = product (("+" | "-") product)*
product = power (("*" | "/") power)*
power   = sign ("^" sign)*
sign    = ("+" | "-") sign | percent
percent = atom "%"*
atom    = number | text | boolean | error | reference | name "(" [sum ("," sum)*] ")" | "(" sum ")"
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from sandbox.sheets.formulas.references import Reference, read_reference
from sandbox.sheets.formulas.tokens import Token, tokens


class ErrorValue(NamedTuple):
    """What a cell shows that cannot be calculated: `#REF!` and its like."""

    code: str


class Literal(NamedTuple):
    """A number, text, boolean or error as it stands in the formula."""

    value: "str | float | bool | ErrorValue"


class Looked(NamedTuple):
    """The cell or range of a reference."""

    reference: Reference


class Unary(NamedTuple):
    """`-`, `+` or `%` of one operand."""

    operator: str
    operand: "Node"


class Binary(NamedTuple):
    """Two operands and what is between them."""

    operator: str
    left: "Node"
    right: "Node"


class Call(NamedTuple):
    """A function, in capitals, and its arguments."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | Looked | Unary | Binary | Call

SYNTAX_ERROR = ErrorValue("#ERROR!")
NAME_ERROR = ErrorValue("#NAME?")
END = Token("end", "")


@lru_cache(maxsize=10_000)
def parse(text: str) -> Node:
    """The tree of a formula; one that cannot be read is the error value for that."""
    reader = _Reader([token for token in tokens(text) if token.kind != "space"])
    try:
        node = reader.sum()
    except (ValueError, RecursionError):
        return Literal(SYNTAX_ERROR)
    return node if reader.next == END else Literal(SYNTAX_ERROR)


def references(node: Node) -> list[Reference]:
    """All references of a tree."""
    found: list[Reference] = []
    left = [node]
    while left:
        match left.pop():
            case Looked(reference):
                found.append(reference)
            case Unary(_, operand):
                left.append(operand)
            case Binary(_, first, second):
                left += [first, second]
            case Call(_, arguments):
                left += arguments
    return found


class _Reader:
    """Reads tokens one after the other; ValueError where the grammar is left."""

    def __init__(self, words: list[Token]) -> None:
        self._words = iter(words)
        self.next = next(self._words, END)

    def _take(self, *texts: str) -> str:
        """The next operator if it is one of these, else ""."""
        taken = self.next.text if self.next.kind == "operator" and self.next.text in texts else ""
        if taken:
            self._advance()
        return taken

    def _advance(self) -> Token:
        taken, self.next = self.next, next(self._words, END)
        return taken

    def sum(self) -> Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Node:
        return self._chain(self._power, "*", "/")

    def _power(self) -> Node:
        return self._chain(self._sign, "^")

    def _chain(self, operand: Callable[[], Node], *operators: str) -> Node:
        node = operand()
        while operator := self._take(*operators):
            node = Binary(operator, node, operand())
        return node

    def _sign(self) -> Node:
        if operator := self._take("+", "-"):
            return Unary(operator, self._sign())
        node = self._atom()
        while self._take("%"):
            node = Unary("%", node)
        return node

    def _atom(self) -> Node:
        if self._take("("):
            node = self.sum()
            self._demand(")")
            return node
        kind, text = self._advance()
        match kind:
            case "number":
                return Literal(float(text))
            case "text":
                return Literal(text[1:-1].replace('""', '"'))
            case "error":
                return Literal(ErrorValue(text))
            case "reference":
                return Looked(read_reference(text))
            case "name":
                return self._named(text.upper())
        raise ValueError(f"unexpected {text!r}")

    def _named(self, name: str) -> Node:
        if self._take("("):
            return Call(name, tuple(self._arguments()))
        return Literal(name == "TRUE") if name in ("TRUE", "FALSE") else Literal(NAME_ERROR)

    def _arguments(self) -> list[Node]:
        if self._take(")"):
            return []
        found = [self.sum()]
        while self._take(",", ";"):
            found.append(self.sum())
        self._demand(")")
        return found

    def _demand(self, text: str) -> None:
        if not self._take(text):
            raise ValueError(f"{text} is missing")
