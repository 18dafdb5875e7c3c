"""Numbers as people read them: exact decimals, thousands apart, never an exponent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal

from bot.views.text import escaped

MINUS = "−"
NONE = "–"  # where there is no number
DECIMALS = 8
CENT = Decimal("0.01")
PERCENT = Decimal(100)
BETWEEN = "  "  # two columns
LONGEST = 60  # digits before or behind the point

_WIDE = Context(prec=100)


def exact(value: Decimal) -> str:
    """Every digit, without zeros at the end: `61,234.5`, `0.00000001`, `1,000`."""
    if not _can_be_read(value):
        return NONE
    text = f"{value.copy_abs():,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS if value < 0 else ''}{text}"


def coins(value: Decimal) -> str:
    """An amount of a coin: eight decimals, below 1 eight digits, cut off: never more than there is."""
    if not _can_be_read(value) or not value:
        return exact(value)
    places = DECIMALS - min(0, value.adjusted() + 1)
    return exact(value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, _WIDE))


def money(value: Decimal) -> str:
    """Cents, `12,345.60`; what is less than a cent keeps its first two digits: `0.0042`."""
    if not _can_be_read(value):
        return NONE
    if value and abs(value) < CENT:
        places = 1 - value.adjusted()
        return exact(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE))
    rounded = value.quantize(CENT, ROUND_HALF_EVEN, _WIDE)
    return f"{MINUS if rounded < 0 else ''}{rounded.copy_abs():,f}"


def signed(value: Decimal) -> str:
    """Money won or lost: `+1,234.50`, `−0.42`, `0.00`."""
    return f"+{money(value)}" if value > 0 else money(value)


def percent(fraction: Decimal) -> str:
    """A change: `+1.23%`, `−0.50%`, `0.00%`."""
    if not _can_be_read(fraction):
        return NONE
    rounded = (fraction * PERCENT).quantize(CENT, ROUND_HALF_EVEN, _WIDE)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{rounded.copy_abs():,f}%"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Monospaced columns: the first one to the left, the others to the right; no wider than they have to be."""
    widths = _widths(rows)
    return "<pre>" + "\n".join(escaped(_line(row, widths)) for row in rows) + "</pre>"


def width_of(rows: Sequence[Sequence[str]]) -> int:
    """How many characters wide their columns are."""
    widths = _widths(rows)
    return sum(widths) + len(BETWEEN) * (len(widths) - 1)


def _can_be_read(value: Decimal) -> bool:
    return value.is_finite() and abs(value.adjusted()) <= LONGEST


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return BETWEEN.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]).rstrip()
