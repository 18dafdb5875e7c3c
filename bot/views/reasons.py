"""Why a proxy could not be given, in words for people."""

from __future__ import annotations

from bot.models.results import Failure, Reason
from bot.views.text import count_of, ranges

REASONS: dict[Reason, str] = {
    Reason.TAKEN_IN_SHEET: "marked as used in the sheet meanwhile",
    Reason.ALREADY_TAKEN: "somebody was faster",
    Reason.EXPIRED: "expired",
    Reason.MOVED: "another proxy stands there now",
    Reason.GONE: "no longer in the sheet",
    Reason.UNREADABLE: "cannot be read as a proxy",
    Reason.SHEET_UNAVAILABLE: "Google did not answer in time",
    Reason.SHEET_REFUSED: "Google refused the change",
    Reason.CELL_FULL: "its cell in the sheet is full",
    Reason.REPORTED_BAD: "reported as not working meanwhile",
    Reason.NOT_RESERVED: "no longer reserved for you",
}


def failure_lines(failures: tuple[Failure, ...]) -> list[str]:
    """One line a reason, with its rows: `row 7: expired`, `rows 2, 4–6: somebody was faster`."""
    rows: dict[Reason, list[int]] = {}
    for failure in failures:
        rows.setdefault(failure.reason, []).append(failure.row)
    return [f"{_rows(numbers)}: {REASONS[reason]}" for reason, numbers in rows.items()]


def _rows(numbers: list[int]) -> str:
    return f"{count_of(len(set(numbers)), 'row').split(' ')[1]} {ranges(numbers)}"
