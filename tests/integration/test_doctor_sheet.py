"""The doctor at the real wire: what it sees, what it changes, and what it makes of every failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from desk_bench import BOOK, HEADER, JumpingClock, desk_settings, proxy_rows, sheets_server

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.gateways.google_sheet import SheetAddress
from bot.gateways.sheet_doctor import SheetDoctor, account_address
from bot.models.checkup import OURS, Mended, Mending, Verdict
from bot.resilience.limiter import ReadWritePace
from bot.services.doctor import Doctor
from sandbox.faults import Faults
from sandbox.sheets.book import Book
from sandbox.sheets.world import SheetsWorld, account_email

SHARED = [name for name in HEADER if name != "issued"]
OWNER = "owner@example.org"
CHANGE = r":batchUpdate"


@dataclass
class Practice:
    """A doctor in front of the sandbox's Sheets."""

    doctor: Doctor
    surgeon: SheetDoctor
    pace: ReadWritePace
    world: SheetsWorld
    faults: Faults
    url: str
    key: Path

    @property
    def book(self) -> Book:
        """The book as people see it."""
        return self.world.books[BOOK]

    def put(self, *rows: list[Any], **more: Any) -> None:
        """Another book in its place."""
        sheet = {"title": "Bob's pool", "values": list(rows), **more.pop("sheet", {})}
        self.world.put_book(BOOK, {"title": "Desk", "sheets": [sheet], **more})

    def header(self) -> list[Any]:
        """Row 1."""
        return self.book.sheets[0].grid.rows[0]

    async def people(self, *edits: dict[str, Any]) -> None:
        """People edit the sheet."""
        url = f"{self.url}/sandbox/spreadsheets/{BOOK}/edit"
        async with aiohttp.ClientSession() as client, client.post(url, json=edits) as answer:
            assert 200 == answer.status

    async def counters(self) -> Any:
        """What the sheet was asked for."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/sandbox/counters") as answer:
            return await answer.json()


@asynccontextmanager
async def practice(
    folder: Path, *, header: list[str] = HEADER, tab: str = "", deadline: float = 5.0, **more: Any
) -> AsyncIterator[Practice]:
    """A sheet of three proxies, and the doctor for it."""
    rows = [row[: len(header)] for row in proxy_rows(3)]
    async with sheets_server(rows, header=header, quota=False, **more) as (url, world, faults):
        settings = desk_settings(url, folder, world.make_service_account(f"{url}/token")).sheet
        pace = ReadWritePace(JumpingClock(), reads_per_minute=60, writes_per_minute=60, burst=10)
        surgeon = SheetDoctor(SheetAddress(BOOK, tab, settings.service_account, url, deadline), pace)
        doctor = Doctor(surgeon, settings.columns, account_address(settings.service_account))
        try:
            yield Practice(doctor, surgeon, pace, world, faults, url, settings.service_account)
        finally:
            await surgeon.close()


# -- looking ----------------------------------------------------------------------------------------------------


async def test_a_sheet_in_order(tmp_path: Path) -> None:
    """Book, tab, columns and rows are told; three reads, and a question that changes nothing."""
    async with practice(tmp_path) as desk:
        before = desk.book.dump()
        seen = await desk.doctor.check()
        assert ("desk-book-of-the-tests", "Pool", Verdict.GOOD) == (
            seen.tab.book,
            seen.tab.title,
            seen.verdict,
        )
        assert {"proxy": 0, "used_for": 4, "issued": 6, "days_left": 3, "country": 1, "note": 5} == dict(
            seen.layout.places
        )
        assert seen.rows is not None
        assert (3, ()) == (seen.rows.readable, seen.rows.problems)
        assert before == desk.book.dump()
        counters = await desk.counters()
        assert (3, 1) == (counters["reads"], counters["writes"])
        assert (7.0, 9.0) == (round(desk.pace.reads.available), round(desk.pace.writes.available))


async def test_titles_that_need_quotes(tmp_path: Path) -> None:
    """A tab is found by its title in any case, and read whatever stands in it."""
    async with practice(tmp_path, tab="BOB'S POOL") as desk:
        desk.put(["Usage", "Proxies", "Expiry"], ["", "h:80", ""], ["", "?", ""])
        seen = await desk.doctor.check()
        assert {"used_for": 0, "proxy": 1, "expires": 2} == dict(seen.layout.places)
        assert seen.rows is not None
        assert [3] == [problem.row for problem in seen.rows.problems]


async def test_an_empty_sheet(tmp_path: Path) -> None:
    """Nothing at all is a sheet without columns, not an error."""
    async with practice(tmp_path) as desk:
        desk.put()
        seen = await desk.doctor.check()
        assert (3, None, Verdict.BAD) == (len(seen.layout.missing), seen.rows, seen.verdict)


async def test_a_protected_column_is_found(tmp_path: Path) -> None:
    """A strict range over the column in which the bot is no editor; warnings and its own ranges are not meant."""
    async with practice(tmp_path) as desk:
        await desk.people(
            {"kind": "protect", "range": "G5:G9", "description": "prices", "editors": [OWNER]},
            {"kind": "protect", "range": "G:G", "editors": [account_email()]},
            {"kind": "protect", "range": "A:G", "warning_only": True},
            {"kind": "protect", "range": "A:F"},
        )
        seen = await desk.doctor.check()
        assert ["prices"] == [guard.description for guard in seen.barriers]
        assert Verdict.BAD is seen.writing


async def test_shared_for_reading_only(tmp_path: Path) -> None:
    """The sheet can be looked at, and the check says that it cannot be written."""
    async with practice(tmp_path) as desk:
        desk.put(HEADER, *proxy_rows(3), shared_with=[OWNER], viewers=[account_email()])
        seen = await desk.doctor.check()
        assert (False, Verdict.BAD) == (seen.tab.writable, seen.verdict)
        with pytest.raises(PeerRefused) as refused:
            await desk.doctor.protect_issued()
        assert 403 == refused.value.status


# -- mending ----------------------------------------------------------------------------------------------------


async def test_the_column_is_added_behind_the_last_one_used(tmp_path: Path) -> None:
    """Behind what stands without a header too; nothing else changes."""
    async with practice(tmp_path, header=SHARED) as desk:
        await desk.people({"kind": "cell", "cell": "H7", "value": "a remark"})
        before = [cells.copy() for cells in desk.book.sheets[0].grid.rows]
        assert Mended(Mending.ADDED, 8) == await desk.doctor.add_issued()
        assert "issued" == desk.header()[8]
        assert (26, before[1:]) == (desk.book.sheets[0].grid.size[1], desk.book.sheets[0].grid.rows[1:])
        seen = await desk.doctor.check()
        assert (8, Verdict.GOOD) == (seen.layout.places["issued"], seen.verdict)


async def test_a_grid_that_is_full_grows(tmp_path: Path) -> None:
    """By one column, in the same call; a second time nothing is added."""
    async with practice(tmp_path, header=SHARED, size=(10, len(SHARED))) as desk:
        assert Mended(Mending.ADDED, 6) == await desk.doctor.add_issued()
        assert ([10, 7], [*SHARED, "issued"]) == (desk.book.sheets[0].grid.size, desk.header())
        assert Mended(Mending.HAD_ONE, 6) == await desk.doctor.add_issued()
        assert (await desk.counters())["methods"]["spreadsheets.batchUpdate"] == 3


async def test_the_warning_keeps_nobody_out(tmp_path: Path) -> None:
    """Over the whole column, with our description, once; people and bot write on."""
    async with practice(tmp_path) as desk:
        assert Mended(Mending.PROTECTED, 6) == await desk.doctor.protect_issued()
        assert Mended(Mending.WAS_PROTECTED, 6) == await desk.doctor.protect_issued()
        [guard] = (await desk.doctor.check()).tab.guards
        assert (OURS, True, True, 6, 7) == (
            guard.description,
            guard.warning_only,
            guard.can_edit,
            guard.area.left,
            guard.area.right,
        )
        assert Verdict.GOOD is (await desk.doctor.check()).verdict


async def test_a_lost_answer(tmp_path: Path) -> None:
    """What may have been done is told as not confirmed, and found by the next look."""
    async with practice(tmp_path, header=SHARED) as desk:
        desk.faults.add({"kind": "lose_answer", "path": CHANGE, "skip": 1, "times": 1})
        assert Mended(Mending.UNCONFIRMED) == await desk.doctor.add_issued()
        assert Mended(Mending.HAD_ONE, 6) == await desk.doctor.add_issued()


# -- failures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 429, "retry_after": 5}, PeerBusy),
        ({"kind": "status", "status": 503}, PeerUnavailable),
        ({"kind": "html"}, PeerUnavailable),
        ({"kind": "reset"}, PeerUnavailable),
        ({"kind": "cut"}, PeerUnavailable),
    ],
)
@pytest.mark.parametrize("path", [r"\?", CHANGE, "values:batchGet"])
async def test_every_failure_of_a_look_is_ours(
    tmp_path: Path, fault: dict[str, Any], error: type[PeerError], path: str
) -> None:
    """Wherever it strikes, nothing was changed and it may be asked again."""
    async with practice(tmp_path) as desk:
        desk.faults.add({**fault, "path": path, "times": 1})
        assert error is await look(desk)
        if error is not PeerBusy:
            assert await look(desk) is None


async def look(desk: Practice) -> type[PeerError] | None:
    """How a check ends: with which error, or with none."""
    async with asyncio.timeout(20):
        try:
            await desk.doctor.check()
        except PeerError as error:
            return type(error)
    return None


async def test_a_refusal_for_quota_slows_the_shared_pace_down(tmp_path: Path) -> None:
    """Whoever else talks to Google waits, too."""
    async with practice(tmp_path) as desk:
        desk.faults.add({"kind": "status", "status": 429, "retry_after": 30, "path": "/v4/"})
        with pytest.raises(PeerBusy):
            await desk.doctor.check()
        assert 20 < desk.pace.reads.wait_for() <= 30


async def test_silence_ends_at_the_deadline(tmp_path: Path) -> None:
    """A Google that hangs is given up."""
    async with practice(tmp_path, deadline=0.2) as desk:
        desk.faults.add({"kind": "hang", "seconds": 5, "path": "/v4/"})
        with pytest.raises(PeerUnavailable):
            await desk.doctor.check()


async def test_what_is_not_there(tmp_path: Path) -> None:
    """An unshared book, one that does not exist, and an unknown tab are refusals."""
    async with practice(tmp_path, tab="Pools") as desk:
        with pytest.raises(PeerRefused, match="no tab 'Pools', only Pool"):
            await desk.doctor.check()
        desk.put(HEADER, shared_with=[])
        with pytest.raises(PeerRefused) as unshared:
            await desk.doctor.check()
        del desk.world.books[BOOK]
        with pytest.raises(PeerRefused) as gone:
            await desk.doctor.check()
        assert (403, 404) == (unshared.value.status, gone.value.status)


@pytest.mark.parametrize(
    "private_key", ["no key", "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"]
)
async def test_a_key_that_cannot_be_read_is_not_accepted(tmp_path: Path, private_key: str) -> None:
    """A key file with a slip in it is told as such, and not as a network that fails."""
    async with practice(tmp_path) as desk:
        desk.key.write_text(json.dumps(json.loads(desk.key.read_text()) | {"private_key": private_key}))
        with pytest.raises(PeerRefused) as refused:
            await desk.doctor.check()
        assert (401, False) == (refused.value.status, private_key in str(refused.value))


async def test_changes_that_fail_are_told_apart(tmp_path: Path) -> None:
    """A refusal has changed nothing; a 5xx may have."""
    async with practice(tmp_path) as desk:
        tab = await desk.surgeon.survey()
        desk.faults.add({"kind": "status", "status": 500, "path": CHANGE, "times": 1})
        with pytest.raises(OutcomeUnknown):
            await desk.surgeon.warn_before_edits(tab, 6, OURS)
        desk.put(HEADER, shared_with=[])
        with pytest.raises(PeerRefused):
            await desk.surgeon.warn_before_edits(tab, 6, OURS)
