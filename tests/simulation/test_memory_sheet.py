"""The twin answers what the real gateway answers: the same script on both, compared step by step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp.test_utils import TestServer
from memory_client import Fault, MemoryClient, Wire
from memory_sheet import MemorySheet
from world import HEADER, proxy_row

from bot.app import DeskSheet
from bot.errors import OutcomeUnknown, PeerRefused, PeerUnavailable, RowsRefused
from bot.gateways.google_sheet import PEER, GoogleSheet, SheetAddress
from bot.models.view import RawRows
from bot.resilience.clock import SystemClock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth
from bot.services.outage import Outage
from sandbox.faults import Faults
from sandbox.sheets.app import create_sheets_app
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.world import SheetsWorld

BOOK = "book-of-the-twins"
ISSUED = 5
ROWS = [HEADER, proxy_row(1), proxy_row(2), [], proxy_row(3, used_for="beboo")]


class Twin(Protocol):
    """A sheet, and a person at it."""

    @property
    def sheet(self) -> DeskSheet: ...
    def edit(self, *edit: Any) -> None: ...


class Memory:
    """The twin under test."""

    def __init__(self) -> None:
        clock = SystemClock()
        self._sheet = MemorySheet(ROWS)
        self.wire = Wire(self._sheet, clock, one_way=0.0, timeout=0.0)
        self.sheet: DeskSheet = MemoryClient(self.wire, _pace(), Outage(SystemClock()))

    def edit(self, *edit: Any) -> None:
        kind, *values = edit
        getattr(self._sheet, kind)(*values)


class Sandbox:
    """The real gateway over HTTP."""

    def __init__(self, sheet: GoogleSheet, world: SheetsWorld) -> None:
        self.sheet: DeskSheet = sheet
        self._world = world

    def edit(self, *edit: Any) -> None:
        apply_edits(self._world.books[BOOK], _as_edit(*edit))


SCRIPT: Sequence[tuple[Any, ...] | Callable[[DeskSheet], Awaitable[Any]]] = [
    lambda sheet: sheet.read_header(),
    lambda sheet: sheet.read_columns([0, 2, 5], 2, 100),
    lambda sheet: sheet.read_rows([2, 3, 4, 5]),
    lambda sheet: sheet.read_rows([]),
    lambda sheet: sheet.read_rows([2, 6]),
    lambda sheet: sheet.write_cells({2: {ISSUED: "beboo @anna #aaaaaaaa"}, 5: {ISSUED: "x", 4: "a note"}}),
    lambda sheet: sheet.read_columns([5], 2, 3),
    lambda sheet: sheet.read_columns([0, 5], 2, 5),
    lambda sheet: sheet.write_cells({2: {ISSUED: "y"}, 6: {ISSUED: "past the end"}}),
    lambda sheet: sheet.write_cells({2: {ISSUED: "z" * 50_001}, 3: {ISSUED: "fine"}, 5: {ISSUED: "fine"}}),
    lambda sheet: sheet.write_cells({3: {6: "past the last column"}}),
    ("sort", "expires"),
    lambda sheet: sheet.read_column(0),
    ("delete", 2),
    ("insert", 3),
    ("move", 2, 4),
    lambda sheet: sheet.read_rows([2, 3, 4, 5]),
    ("insert_column", 5, ""),
    lambda sheet: sheet.read_header(),
    lambda sheet: sheet.read_rows([2, 3]),
    lambda sheet: sheet.read_columns([0, 5, 6], 2, 5),
    ("protect", 3),
    lambda sheet: sheet.write_cells({2: {6: "one"}, 3: {6: "protected"}}),
    lambda sheet: sheet.write_cells({2: {6: "one"}, 4: {6: "three"}}),
    lambda sheet: sheet.write_cells({2: {6: "one"}}),
    lambda sheet: sheet.read_rows([2, 3, 4]),
    lambda sheet: sheet.read_columns([0], 9, 20),
]


async def test_the_twin_answers_as_the_gateway_does(tmp_path: Path) -> None:
    """Reads, writes, refusals and what people's edits do to them are the same on both."""
    memory = Memory()
    async with real_sheet(tmp_path) as real:
        for number, step in enumerate(SCRIPT):
            assert await outcome(real, step) == await outcome(memory, step), f"step {number}"


async def test_a_write_without_an_answer_may_land_later() -> None:
    """The scripted fault does what it says: nobody is told, and the sheet changes in the end."""
    memory = Memory()
    memory.wire.write_faults.append(Fault.DONE)
    with pytest.raises(OutcomeUnknown):
        await memory.sheet.write_cells({2: {ISSUED: "landed"}})
    await asyncio.gather(*memory.wire.under_way)
    assert memory.wire.sheet.cell(2, "issued") == "landed"


async def outcome(twin: Twin, step: Any) -> Any:
    """What the step gave, in a form that can be compared."""
    if isinstance(step, tuple):
        return twin.edit(*step)
    try:
        answer = await step(twin.sheet)
    except RowsRefused as refused:
        return "refused", refused.status, sorted(refused.rows)
    except PeerRefused as refused:
        return "refused", refused.status
    except PeerUnavailable as error:
        return type(error)
    if isinstance(answer, RawRows):
        return list(answer.header), {row: list(cells) for row, cells in answer.cells.items()}
    return answer


@asynccontextmanager
async def real_sheet(folder: Path) -> AsyncIterator[Sandbox]:
    """The gateway with a sandbox of the same rows."""
    world = SheetsWorld()
    world.put_book(
        BOOK, {"title": BOOK, "sheets": [{"title": "Pool", "values": ROWS, "rowCount": 5, "columnCount": 6}]}
    )
    async with TestServer(create_sheets_app(world, Faults(), quota=False)) as server:
        url = str(server.make_url("")).rstrip("/")
        key = folder / "key.json"
        key.write_text(json.dumps(world.make_service_account(f"{url}/token")))
        address = SheetAddress(BOOK, "", key, url, 5.0)
        sheet = GoogleSheet(address, _pace(), PeerHealth(PEER, SystemClock()))
        yield Sandbox(sheet, world)
        await sheet.close()


def _pace() -> ReadWritePace:
    return ReadWritePace(SystemClock(), reads_per_minute=6000, writes_per_minute=6000, burst=1000)


def _as_edit(kind: str, *values: Any) -> dict[str, Any]:
    """The person's edit in the sandbox's words."""
    match kind, values:
        case "sort", (header,):
            return {"kind": "sort", "range": "A2:F5", "column": HEADER.index(header) + 1}
        case "delete", (row,):
            return {"kind": "delete_rows", "at": row}
        case "insert", (row,):
            return {"kind": "insert_rows", "at": row}
        case "move", (row, to):
            return {"kind": "move_rows", "from": row, "to": to + (to > row)}
        case "insert_column", (at, _):
            return {"kind": "insert_columns", "at": at + 1}
        case "protect", (row,):
            return {"kind": "protect", "range": f"A{row}:Z{row}"}
    raise ValueError(kind)


# -- people's hands on our column ------------------------------------------------------------------------------


def test_sorting_one_column_alone_carries_what_is_peoples_with_it() -> None:
    """Every text lands in another row, ours and theirs."""
    sheet = MemorySheet([["proxy", "issued"], ["a", "office"], ["b"], ["c"]])
    sheet.append_issued(3, "by hand")
    sheet.sort_issued(descending=True)
    places = [("a", ""), ("b", "office"), ("c", "by hand")]
    assert places == [(line.cells[0], line.cells[1]) for line in sheet.lines[1:]]
    assert places == [(line.people[0], line.people[1]) for line in sheet.lines[1:]]


def test_a_row_that_was_cut_out_gets_new_columns_too() -> None:
    """It is as wide as the others when it is pasted."""
    sheet = MemorySheet([["proxy", "issued"], ["a", "ours"], ["b"]])
    cut = sheet.cut(2)
    sheet.insert_column(0, "more")
    sheet.paste(3, cut)
    assert ["", "a", "ours"] == sheet.lines[2].cells


def test_an_entry_of_ours_is_deleted_and_put_back_without_becoming_peoples() -> None:
    """What they typed themselves stays beside it."""
    sheet = MemorySheet([["proxy", "issued"], ["a", "office"]])
    sheet.write_issued(sheet.lines[1], "ours #aaaaaaaa")
    sheet.remove_issued(2, "ours #aaaaaaaa")
    assert "office" == sheet.cell(2, "issued")
    sheet.write_issued(sheet.lines[1], "ours #aaaaaaaa")
    assert ("office; ours #aaaaaaaa", "office") == (sheet.cell(2, "issued"), sheet.lines[1].people[1])
    assert not sheet.is_spoilt(2, {"aaaaaaaa"})
    assert sheet.is_spoilt(2, {"bbbbbbbb"})
