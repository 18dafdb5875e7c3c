"""Why a proxy could not be given: the words for every reason."""

from __future__ import annotations

import pytest

from bot.models.results import Failure, Reason
from bot.views.reasons import failure_lines

WORDS = {
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


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_goes_on_after_its_row(reason: Reason) -> None:
    """`row 7: expired`; a reason that is added needs its words here."""
    assert [f"row 7: {WORDS[reason]}"] == failure_lines((Failure(7, reason),))


def test_rows_of_one_reason_stand_together() -> None:
    """In the order in which the reasons came, each row once."""
    failures = (Failure(9, Reason.GONE), *(Failure(row, Reason.EXPIRED) for row in (4, 2, 5, 6, 4)))
    assert ["row 9: no longer in the sheet", "rows 2, 4–6: expired"] == failure_lines(failures)
