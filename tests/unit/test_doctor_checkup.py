"""What a check makes of headers, rows and protected ranges."""

from __future__ import annotations

import pytest

from bot.models.checkup import (
    OURS,
    Area,
    Guard,
    SheetCheckup,
    Tab,
    Verdict,
    check_rows,
    find_layout,
)
from bot.models.results import RowProblem
from bot.models.sheet import Cell

ALIASES = {
    "proxy": ("proxy", "proxies"),
    "used_for": ("used_for", "usage"),
    "issued": ("issued",),
    "expires": ("expires", "valid until"),
    "days_left": ("days_left",),
    "country": ("country",),
    "note": ("note",),
}
WHOLE: list[Cell] = ["proxy", "used_for", "days_left", "issued"]
ISSUED = 3


def checkup(
    *guards: Guard, header: list[Cell] = WHOLE, cells: tuple[Cell, ...] = ("10.0.0.1:80",)
) -> SheetCheckup:
    tab = Tab("Desk", 0, "Pool", rows=1000, columns=26, guards=guards)
    return SheetCheckup(tab, find_layout(header, ALIASES), check_rows(cells))


# -- row 1 ------------------------------------------------------------------------------------------------------


def test_headers_are_found_in_any_order_and_case() -> None:
    """By each of their names, blanks folded, the first of equal ones; they are told as they are written."""
    layout = find_layout([None, "USAGE", " Valid  Until", "proxies", "Proxies", 7], ALIASES)
    assert {"proxy": 3, "used_for": 1, "expires": 2} == layout.places
    assert {"proxy": "proxies", "used_for": "USAGE", "expires": "Valid Until"} == layout.headers
    assert ((), Verdict.GOOD) == (layout.missing, layout.verdict)


def test_missing_columns_are_told_by_their_names() -> None:
    """Each with every header that would do; one of the two expiries is enough, and `issued` may be missing."""
    layout = find_layout(["country"], ALIASES)
    wanted = (("proxy", "proxies"), ("used_for", "usage"), ("expires", "valid until", "days_left"))
    assert (wanted, Verdict.BAD) == (layout.missing, layout.verdict)
    assert ((), True) == (
        find_layout(["proxy", "used_for", "days_left"], ALIASES).missing,
        find_layout(["proxy", "used_for", "days_left"], ALIASES).shared,
    )


def test_the_bot_writes_into_its_own_column_or_into_used_for() -> None:
    """Without `issued` people and bot share `used_for`; without either there is nowhere to write."""
    columns = [find_layout(header, ALIASES).written for header in (WHOLE, WHOLE[:3], ["proxy"])]
    assert [ISSUED, 1, None] == columns


# -- rows -------------------------------------------------------------------------------------------------------


def test_rows_are_counted() -> None:
    """Empty ones not; unreadable ones with their number and reason, without what stands in them."""
    rows = check_rows(["10.0.0.1:80", None, " ", "10.0.0.2:80:secret", 5, "10.0.0.3:99999"])
    assert (1, 4) == (rows.readable, rows.total)
    assert (
        RowProblem(5, "a user without a password: write host:port:user:pass"),
        RowProblem(6, "no host:port found: write host:port:user:pass"),
        RowProblem(7, "the port must be 1 to 65535"),
    ) == rows.problems


def test_duplicates_are_the_same_proxy_however_written() -> None:
    """What differs in spelling is one proxy; another password, user or port makes another."""
    rows = check_rows(["h:80:u:p", "http://u:p@H:80", "h:80:u:P", "h:81:u:p", "h:80", "u:p@h:80"])
    assert (((2, 3, 7),), 6) == (rows.duplicates, rows.readable)


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        (["h:80"], Verdict.GOOD),
        (["h:80", "?"], Verdict.NOTE),
        (["h:80", "h:80"], Verdict.NOTE),
        ([], Verdict.NOTE),
        (["?"], Verdict.BAD),
    ],
)
def test_what_rows_are_worth(cells: list[Cell], verdict: Verdict) -> None:
    """Rows that are left out are worth a look; a sheet in which none can be read needs work."""
    assert verdict is check_rows(cells).verdict


# -- protected ranges -------------------------------------------------------------------------------------------

CLOSED = {"can_edit": False}


@pytest.mark.parametrize(
    ("guard", "barred"),
    [
        (Guard(Area(), **CLOSED), True),
        (Guard(Area(left=3, right=4), **CLOSED), True),
        (Guard(Area(top=500, bottom=501), **CLOSED), True),
        (Guard(Area(left=3, right=4)), False),
        (Guard(Area(), warning_only=True, **CLOSED), False),
        (Guard(Area(left=4), **CLOSED), False),
        (Guard(Area(right=3), **CLOSED), False),
        (Guard(Area(bottom=1), **CLOSED), False),
        (Guard(Area(), spared=(Area(left=3, right=4),), **CLOSED), False),
        (Guard(Area(), spared=(Area(top=1, left=2, bottom=1000, right=5),), **CLOSED), False),
        (Guard(Area(), spared=(Area(top=1, left=3, bottom=999, right=4),), **CLOSED), True),
        (Guard(Area(), spared=(Area(left=2, right=3),), **CLOSED), True),
    ],
)
def test_which_protection_bars_the_bot(guard: Guard, barred: bool) -> None:
    """A strict one that the bot may not edit and that holds a cell of its column below the header."""
    seen = checkup(guard)
    assert ((guard,) if barred else ()) == seen.barriers
    assert (Verdict.BAD if barred else Verdict.GOOD) is seen.verdict


def test_in_shared_mode_the_column_of_people_is_looked_at() -> None:
    """What closes `used_for` is a barrier when the bot has to write there, and none when it has its own."""
    guard = Guard(Area(left=1, right=2), can_edit=False)
    assert () == checkup(guard).barriers
    assert (guard,) == checkup(guard, header=WHOLE[:3]).barriers


def test_our_warning_is_known_again() -> None:
    """By its description, over the bot's own column; somebody else's warning is not ours."""
    ours = Guard(Area(left=3, right=4), OURS, warning_only=True)
    assert [True, False, False, False] == [
        checkup(ours).guarded,
        checkup(Guard(Area(left=3, right=4), "mind the gap", warning_only=True)).guarded,
        checkup(Guard(Area(left=2, right=3), OURS, warning_only=True)).guarded,
        checkup(ours, header=WHOLE[:3]).guarded,
    ]


# -- the whole --------------------------------------------------------------------------------------------------


def test_the_whole_is_as_good_as_its_worst_part() -> None:
    """Shared mode is a note; a book for reading only, or a missing column, needs work."""
    reading = SheetCheckup(
        Tab("Desk", 0, "Pool", 1000, 26, writable=False), find_layout(WHOLE, ALIASES), check_rows(["h:80"])
    )
    assert [Verdict.GOOD, Verdict.NOTE, Verdict.NOTE, Verdict.BAD, Verdict.BAD] == [
        checkup().verdict,
        checkup(header=WHOLE[:3]).verdict,
        checkup(cells=()).verdict,
        checkup(header=WHOLE[1:]).verdict,
        reading.verdict,
    ]
