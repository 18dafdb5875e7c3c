"""Every open matter is a sentence that says what to do."""

from __future__ import annotations

import pytest

from bot.views.attention import sentence


@pytest.mark.parametrize(
    ("matter", "expected"),
    [
        (
            "columns: row 1 of the sheet has no column issued",
            "Row 1 of the sheet has no column issued: add it there, or see /doctor.",
        ),
        (
            "sheet: Google Sheets: refused with status 404",
            "The sheet cannot be worked with: Google Sheets: refused with status 404. See /doctor.",
        ),
        (
            "repair: a row changes faster than it can be written",
            "Somebody keeps changing a row while I write it. Leave it alone for a minute, then tap Retry.",
        ),
        ("refused: rows [7]: it is <b>", "Google refuses changes in rows [7]: it is &lt;b&gt;. See /doctor."),
        (
            "storage: (sqlite3.OperationalError) disk I/O error",
            "My records cannot be written, so nothing is handed out. Is the disk full?",
        ),
        (
            "removals: 12 entries were deleted in the sheet at once",
            "12 entries were deleted in the sheet at once. Answer the message that I sent you.",
        ),
        (
            "orders: #17 BTCUSDT, #18 ETHUSDT",
            (
                "Nobody knows what has become of #17 BTCUSDT, #18 ETHUSDT: "
                "look at the exchange, and answer the message I sent you."
            ),
        ),
        (
            "audit: act 5 was changed or taken out: see /audit",
            "Act 5 was changed or taken out: see /audit.",
        ),
        ("row 7 <changed> by hand", "row 7 &lt;changed&gt; by hand"),
    ],
)
def test_a_matter_says_what_to_do(matter, expected):
    """Whoever reads it needs no other page to know the next step."""
    assert expected == sentence(matter)
