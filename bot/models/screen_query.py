"""What people want to see of the list of coins: `movers 20 vol>10m change>5%`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.models.screening import ZERO, Listed

USUAL = 50
MOST_ROWS = 200
MOST_BOUNDS = 6
LIVELY = Decimal(1_000_000)  # USD a day: below that, a move says little

_COMPARISON = re.compile(r"\s*([<>])\s*")
_BOUND = re.compile(r"([a-z]+)([<>])(.+)")
_AMOUNT = re.compile(r"\$?([0-9]{1,15}(?:\.[0-9]{1,8})?)([kmbt]?)")
_PERCENT = re.compile(r"([+-]?)([0-9]{1,6}(?:\.[0-9]{1,8})?)%?")
_COUNT = re.compile(r"[0-9]{1,9}")
_TIMES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}


class Order(StrEnum):
    """What comes first in the list."""

    TOP = "top"  # the largest cap
    MOVERS = "movers"  # the largest change in 24 h, up or down
    VOLUME = "volume"


class Figure(StrEnum):
    """What can be bounded."""

    VOLUME = "vol"
    CAP = "cap"
    CHANGE = "change"  # in 24 h


class Flaw(StrEnum):
    """Why words are not understood."""

    WORD = "word"  # neither an order, a number nor a bound
    COUNT = "count"
    FIGURE = "figure"  # nothing that can be bounded
    AMOUNT = "amount"
    PERCENT = "percent"
    TWICE = "twice"  # two orders, or two numbers
    MANY = "many"  # bounds


class BadQuery(ValueError):
    """The words after /screen cannot be understood because of `word`."""

    def __init__(self, flaw: Flaw, word: str) -> None:
        super().__init__(f"not understood ({flaw})")
        self.flaw = flaw
        self.word = word


@dataclass(frozen=True, slots=True)
class Bound:
    """Only coins with more (`above`), or less, than `value`: USD, a fraction for a change. Unknown is neither."""

    figure: Figure
    above: bool
    value: Decimal

    def admits(self, row: Listed) -> bool:
        """Whether the coin is within it."""
        value = _FIGURES[self.figure](row)
        return value is not None and (value > self.value if self.above else value < self.value)

    def __str__(self) -> str:
        """As it is typed."""
        sign = ">" if self.above else "<"
        if self.figure is Figure.CHANGE:
            return f"{self.figure}{sign}{_plain(self.value * 100)}%"
        return f"{self.figure}{sign}{_short(self.value)}"


@dataclass(frozen=True, slots=True)
class Query:
    """At most `count` coins within all `bounds`, in that order; `refresh`: as they are now."""

    order: Order = Order.TOP
    count: int = USUAL
    bounds: tuple[Bound, ...] = ()
    refresh: bool = False

    @property
    def limits(self) -> tuple[Bound, ...]:
        """The bounds; movers are those with a volume above 1m, unless something else is said of it."""
        if self.order is Order.MOVERS and all(bound.figure is not Figure.VOLUME for bound in self.bounds):
            return (*self.bounds, Bound(Figure.VOLUME, True, LIVELY))
        return self.bounds


def read_query(text: str) -> Query:
    """The words in any order: an order, a number, `refresh`, bounds; raises BadQuery."""
    orders: list[Order] = []
    counts: list[int] = []
    bounds: list[Bound] = []
    refresh = False
    for word in _COMPARISON.sub(r"\1", text.casefold().replace("−", "-")).split():
        if word in set(Order):
            orders.append(Order(word))
        elif word == "refresh":
            refresh = True
        elif "<" in word or ">" in word:
            bounds.append(read_bound(word))
        else:
            counts.append(_count(word))
        _check_number(word, orders, counts, bounds)
    order = orders[0] if orders else Order.TOP
    return Query(order, counts[0] if counts else USUAL, tuple(bounds), refresh)


def read_bound(word: str) -> Bound:
    """`vol>10m`, `cap<1b`, `change>-5%`; raises BadQuery."""
    found = _BOUND.fullmatch(word)
    names = {str(each): each for each in Figure} | {"volume": Figure.VOLUME}
    if found is None or found[1] not in names:
        raise BadQuery(Flaw.FIGURE, word)
    figure = names[found[1]]
    value = _percent(found[3]) if figure is Figure.CHANGE else _amount(found[3])
    return Bound(figure, found[2] == ">", value)


def chosen(rows: Iterable[Listed], order: Order, bounds: Iterable[Bound]) -> list[Listed]:
    """All within the bounds, in order. Whose figure is unknown: last in `top`, by volume; left out else."""
    limits = tuple(bounds)
    fitting = [row for row in rows if all(limit.admits(row) for limit in limits)]
    match order:
        case Order.TOP:
            return sorted(fitting, key=lambda row: (row.cap or ZERO, row.volume or ZERO), reverse=True)
        case Order.MOVERS:
            moved = [(abs(row.change_24h), row) for row in fitting if row.change_24h is not None]
            return [row for _, row in sorted(moved, key=lambda pair: pair[0], reverse=True)]
    traded = [row for row in fitting if row.volume is not None]
    return sorted(traded, key=lambda row: row.volume or ZERO, reverse=True)


_FIGURES: dict[Figure, Callable[[Listed], Decimal | None]] = {
    Figure.VOLUME: lambda row: row.volume,
    Figure.CAP: lambda row: row.cap,
    Figure.CHANGE: lambda row: row.change_24h,
}


def typed(bounds: Iterable[Bound]) -> str:
    """The bounds as they are typed."""
    return " ".join(map(str, bounds))


def _check_number(word: str, orders: list[Order], counts: list[int], bounds: list[Bound]) -> None:
    if len(orders) > 1 or len(counts) > 1:
        raise BadQuery(Flaw.TWICE, word)
    if len(bounds) > MOST_BOUNDS:
        raise BadQuery(Flaw.MANY, word)


def _count(word: str) -> int:
    if not _COUNT.fullmatch(word):
        raise BadQuery(Flaw.WORD, word)
    if not 1 <= int(word) <= MOST_ROWS:
        raise BadQuery(Flaw.COUNT, word)
    return int(word)


def _amount(text: str) -> Decimal:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise BadQuery(Flaw.AMOUNT, text)
    return Decimal(found[1]) * _TIMES[found[2]]


def _percent(text: str) -> Decimal:
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise BadQuery(Flaw.PERCENT, text)
    return Decimal(f"{found[1]}{found[2]}") / 100


def _short(value: Decimal) -> str:
    """`10m`, `1.5b`: with the largest letter that leaves a number of at least one."""
    letter = next((each for each in ("t", "b", "m", "k") if value >= _TIMES[each]), "")
    return f"{_plain(value / _TIMES[letter])}{letter}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"
