"""Number formats: how a number looks under one, in the English of the United States. Pure."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's days have no time zone
ISO_DATE, US_DATE, US_DAY = "yyyy-mm-dd", "m/d/yyyy", "m/d"
NAMES = {"DATE": ISO_DATE}
NUMBER = re.compile(r"(\$?)(#,##0|0)(?:\.(0+))?(%|E\+00)?")
DATES: dict[str, Callable[[datetime], str]] = {
    ISO_DATE: lambda moment: f"{moment:%Y-%m-%d}",
    US_DATE: lambda moment: f"{moment.month}/{moment.day}/{moment.year}",
    US_DAY: lambda moment: f"{moment.month}/{moment.day}",
    "h:mm": lambda moment: f"{moment.hour}:{moment:%M}",
    "h:mm:ss": lambda moment: f"{moment.hour}:{moment:%M:%S}",
}


def is_known(pattern: str) -> bool:
    """Whether numbers can be shown under a format: a name, or a pattern such as `0.00%` or `m/d/yyyy h:mm`."""
    return is_date(pattern) or NUMBER.fullmatch(pattern) is not None


def is_date(pattern: str) -> bool:
    """Whether a format shows days or times."""
    return all(part in DATES for part in NAMES.get(pattern, pattern).split(" "))


def shown(pattern: str, number: float) -> str:
    """A number under a format; a day that no calendar has is shown as a plain number."""
    if not is_date(pattern):
        return _decimal(pattern, number)
    try:
        moment = EPOCH + timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return general(number)
    return " ".join(DATES[part](moment) for part in NAMES.get(pattern, pattern).split(" "))


def _decimal(pattern: str, number: float) -> str:
    match = NUMBER.fullmatch(pattern)
    assert match, pattern
    currency, whole, decimals, ending = match.groups()
    places = len(decimals or "")
    if ending == "E+00":
        return f"{number:.{places}E}"
    exact = abs(Decimal(repr(number))) * (100 if ending else 1)
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    return f"{'-' if number < 0 and rounded else ''}{currency}{digits}{ending or ''}"


def general(number: float) -> str:
    """A number without a format: whole numbers in full, others with ten significant digits."""
    return str(number) if isinstance(number, int) else f"{number:.10g}".upper()
