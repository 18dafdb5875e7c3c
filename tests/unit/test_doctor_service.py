"""The doctor's way with a sheet, on one in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.errors import OutcomeUnknown, PeerRefused
from bot.models.checkup import OURS, Area, Guard, Mended, Mending, Tab, Verdict
from bot.models.sheet import Cell
from bot.services.doctor import Doctor

ALIASES = {
    "proxy": ("proxy",),
    "used_for": ("used_for",),
    "issued": ("given to", "issued"),
    "expires": ("expires",),
    "days_left": ("days_left",),
    "country": ("country",),
    "note": ("note",),
}
ADDRESS = "desk@example.iam.gserviceaccount.com"
POOL = Tab("Desk", 0, "Pool", rows=1000, columns=26)


@dataclass
class MemorySheet:
    """Columns in memory; `lost`: changes are made, and their answers lost. `between` runs after each read."""

    columns: list[list[Cell]] = field(
        default_factory=lambda: [["proxy", "h:80", "h:81"], ["used_for"], ["expires"]]
    )
    tab: Tab = POOL
    lost: bool = False
    between: Callable[[], None] = lambda: None
    changes: int = 0

    async def survey(self) -> Tab:
        await asyncio.sleep(0)
        return self.tab

    async def read_columns(self, tab: Tab, columns: Sequence[int]) -> tuple[list[Cell], list[list[Cell]]]:
        await asyncio.sleep(0)
        read = [column[0] for column in self.columns], [self.columns[index][1:] for index in columns]
        self.between()
        return read

    async def add_column(self, tab: Tab, header: str) -> int:
        self.columns.append([header])
        self._changed()
        return len(self.columns) - 1

    async def warn_before_edits(self, tab: Tab, column: int, description: str) -> None:
        guard = Guard(Area(left=column, right=column + 1), description, warning_only=True)
        self.tab = replace(self.tab, guards=(*self.tab.guards, guard))
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
        if self.lost:
            raise OutcomeUnknown("Google Sheets", "no answer")


@pytest.fixture
def sheet() -> MemorySheet:
    return MemorySheet()


@pytest.fixture
def doctor(sheet: MemorySheet) -> Doctor:
    return Doctor(sheet, ALIASES, ADDRESS)


async def test_a_check_changes_nothing(sheet: MemorySheet, doctor: Doctor) -> None:
    """It tells mode, rows and verdict."""
    seen = await doctor.check()
    assert (True, 2, Verdict.NOTE, 0) == (
        seen.layout.shared,
        seen.rows and seen.rows.readable,
        seen.verdict,
        0,
    )
    assert 0 == sheet.changes


async def test_without_a_proxy_column_no_rows_are_read(sheet: MemorySheet, doctor: Doctor) -> None:
    """The check ends with what is missing."""
    sheet.columns[0][0] = "address of old"
    seen = await doctor.check()
    assert (None, (("proxy",),)) == (seen.rows, seen.layout.missing)


async def test_a_column_that_moves_meanwhile_is_found_again(sheet: MemorySheet, doctor: Doctor) -> None:
    """What was read is always the proxy column, also when somebody inserts a column between two reads."""
    moves = iter([lambda: sheet.columns.insert(0, ["new", "x", "y", "z"])])
    sheet.between = lambda: next(moves, lambda: None)()
    seen = await doctor.check()
    assert seen.rows is not None
    assert (1, 2, ()) == (seen.layout.places["proxy"], seen.rows.readable, seen.rows.problems)


async def test_the_column_is_added_once(sheet: MemorySheet, doctor: Doctor) -> None:
    """Under the first of its names; two admins who ask at the same time get one column."""
    both = await asyncio.gather(doctor.add_issued(), doctor.add_issued())
    assert [Mended(Mending.ADDED, 3), Mended(Mending.HAD_ONE, 3)] == both
    assert [["given to"]] == sheet.columns[3:]
    assert not (await doctor.check()).layout.shared


async def test_the_column_is_protected_once(sheet: MemorySheet, doctor: Doctor) -> None:
    """By a warning with our description; not before there is a column."""
    assert Mended(Mending.NO_COLUMN) == await doctor.protect_issued()
    await doctor.add_issued()
    both = await asyncio.gather(doctor.protect_issued(), doctor.protect_issued())
    assert [Mended(Mending.PROTECTED, 3), Mended(Mending.WAS_PROTECTED, 3)] == both
    assert (Guard(Area(left=3, right=4), OURS, warning_only=True),) == sheet.tab.guards
    assert (await doctor.check()).guarded


async def test_a_lost_answer_is_no_success(sheet: MemorySheet, doctor: Doctor) -> None:
    """It is told as not confirmed; who asks again finds what was done."""
    sheet.lost = True
    assert Mended(Mending.UNCONFIRMED) == await doctor.add_issued()
    assert Mended(Mending.HAD_ONE, 3) == await doctor.add_issued()
    assert Mended(Mending.UNCONFIRMED) == await doctor.protect_issued()
    assert Mended(Mending.WAS_PROTECTED, 3) == await doctor.protect_issued()


async def test_refusals_are_passed_on(sheet: MemorySheet, doctor: Doctor) -> None:
    """What Google refuses is for the front to tell."""

    def refuse() -> None:
        raise PeerRefused("Google Sheets", 403, "The caller does not have permission")

    sheet.between = refuse
    with pytest.raises(PeerRefused):
        await doctor.check()
