"""What the tree of a formula comes to, given the cells it refers to. Pure."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple, Protocol

from sandbox.sheets.formulas.references import Reference
from sandbox.sheets.formulas.syntax import (
    NAME_ERROR,
    SYNTAX_ERROR,
    Binary,
    Call,
    ErrorValue,
    Literal,
    Looked,
    Node,
    Unary,
)
from sandbox.sheets.number_formats import EPOCH, US_DATE, is_date
from sandbox.sheets.typed import plain, read_number

Value = str | int | float | bool | ErrorValue

REFERENCE_ERROR = ErrorValue("#REF!")
DIVISION_ERROR = ErrorValue("#DIV/0!")
VALUE_ERROR = ErrorValue("#VALUE!")
NUMBER_ERROR = ErrorValue("#NUM!")
COUNT_ERROR = ErrorValue("#N/A")


class Result(NamedTuple):
    """A value, and the number format that it brings along from the cells it was made of."""

    value: Value
    pattern: str | None = None


class Cells(Protocol):
    """The cells around a formula."""

    today: date

    def one(self, reference: Reference) -> Result:
        """The one cell that is meant; an error value for a range or a cell that is not there."""

    def all(self, reference: Reference) -> Iterable[Result]:
        """The cells of a range that are not empty."""


class _Failed(Exception):
    """The formula comes to an error value."""

    def __init__(self, value: ErrorValue) -> None:
        super().__init__(value.code)
        self.value = value


def evaluate(node: Node, cells: Cells) -> Result:
    """The result of a formula; what cannot be calculated is an error value."""
    try:
        return _result(node, cells)
    except _Failed as error:
        return Result(error.value)
    except RecursionError:
        return Result(SYNTAX_ERROR)


def _result(node: Node, cells: Cells) -> Result:
    match node:
        case Literal(value):
            return Result(plain(value) if isinstance(value, float) else value)
        case Looked(reference):
            return cells.one(reference)
        case Unary(operator, operand):
            return _unary(operator, _operand(operand, cells))
        case Binary(operator, left, right):
            return _binary(operator, _operand(left, cells), _operand(right, cells))
        case Call(name, arguments):
            return FUNCTIONS[name](arguments, cells) if name in FUNCTIONS else Result(NAME_ERROR)


class Operand(NamedTuple):
    """A number and the format it brings along."""

    number: float
    pattern: str | None


def _operand(node: Node, cells: Cells) -> Operand:
    value, pattern = _result(node, cells)
    return Operand(_number(value), pattern)


def _number(value: Value) -> float:
    """Texts that read as numbers count as such, empty cells as 0, booleans as 1 and 0."""
    match value:
        case ErrorValue():
            raise _Failed(value)
        case str():
            entry = read_number(value.strip()) if value else None
            if value and entry is None:
                raise _Failed(VALUE_ERROR)
            return float(entry.value) if entry and isinstance(entry.value, int | float) else 0
        case _:
            return value


def _unary(operator: str, operand: Operand) -> Result:
    number, pattern = operand
    if operator == "%":
        return Result(plain(number / 100))
    return Result(-number if operator == "-" else number, pattern)


def _binary(operator: str, left: Operand, right: Operand) -> Result:
    patterns = [operand.pattern for operand in (left, right) if operand.pattern]
    if operator == "/" and not right.number:
        raise _Failed(DIVISION_ERROR)
    if operator in "*/^" or (operator == "-" and len(patterns) == 2):
        patterns = [pattern for pattern in patterns if not is_date(pattern)]
    value = _checked(operator, left.number, right.number)
    return Result(value, patterns[0] if patterns else None)


def _checked(operator: str, left: float, right: float) -> float:
    try:
        value = OPERATORS[operator](left, right)
    except (OverflowError, ZeroDivisionError) as error:
        raise _Failed(NUMBER_ERROR) from error
    if isinstance(value, complex) or value != value or abs(value) == float("inf"):
        raise _Failed(NUMBER_ERROR)
    return plain(value)


def _sum(arguments: tuple[Node, ...], cells: Cells) -> Result:
    """Of ranges and cells only the numbers count; of what stands in the formula itself everything must."""
    if not arguments:
        raise _Failed(COUNT_ERROR)
    total: float = 0
    pattern = None
    for argument in arguments:
        looked = isinstance(argument, Looked)
        parts = cells.all(argument.reference) if isinstance(argument, Looked) else [_result(argument, cells)]
        for value, brought in parts:
            if looked and isinstance(value, str | bool):
                continue
            total += _number(value)
            pattern = pattern or brought
    return Result(_checked("+", total, 0), pattern)


def _today(arguments: tuple[Node, ...], cells: Cells) -> Result:
    if arguments:
        raise _Failed(COUNT_ERROR)
    return Result((cells.today - EPOCH.date()).days, US_DATE)


OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "^": lambda left, right: float(left) ** right,
}
FUNCTIONS: dict[str, Callable[[tuple[Node, ...], Cells], Result]] = {"SUM": _sum, "TODAY": _today}
