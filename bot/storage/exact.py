"""Decimals in the database: exact as text, or as whole units of 10^-8 where they are summed up."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.types import TypeDecorator

UNIT = Decimal("1e-8")


class DecimalText(TypeDecorator[Decimal]):
    """A decimal to its last digit; compared and summed in Python only."""

    impl = String(48)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


class Money(TypeDecorator[Decimal]):
    """An amount of money, rounded to 10^-8 and stored as so many units: the database sums it without an error."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int((value / UNIT).to_integral_value(ROUND_HALF_EVEN))

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else value * UNIT
