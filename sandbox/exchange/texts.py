"""How single values look on the wire: every number a text, every time a text of milliseconds."""

from datetime import UTC, datetime
from decimal import Decimal

FINEST = Decimal("1e-12")


def text(value: Decimal) -> str:
    """Digits, without an exponent and without zeros at the end."""
    return format(value.normalize(), "f") if value else "0"


def rounded(value: Decimal) -> str:
    """A quotient, cut to 12 decimals."""
    return text(value.quantize(FINEST))


def ms(seconds: float) -> str:
    """A time as texts of milliseconds."""
    return str(int(seconds * 1000))


def maybe(value: Decimal | None) -> str:
    """A number, or nothing."""
    return "" if value is None else text(value)


def iso(seconds: float) -> str:
    """A time as Bybit writes dates."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
