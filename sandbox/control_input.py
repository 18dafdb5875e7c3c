"""What is sent to a control side, checked: a ValueError tells whoever sent it what is wrong."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any


def demand_known(source: Mapping[str, Any], known: set[str]) -> None:
    """Raise ValueError for fields that nobody reads."""
    unknown = source.keys() - known
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")


def positive(value: object) -> Decimal:
    """A finite number above zero, however it is written; raises ValueError."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value}") from error
    if not number.is_finite() or number <= 0:
        raise ValueError(f"not a positive number: {value}")
    return number
