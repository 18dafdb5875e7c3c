"""spreadsheets:batchUpdate: the size of the grid, cells and protected ranges, all or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import gspread
import pytest
from sheets_bench import BOOK, Bench, running_sheets
from test_sheets_gspread import with_gspread

from sandbox.sheets.world import SheetsWorld, account_email

BOT = account_email()
OWNER = "owner@example.org"
PROTECTED = "You are trying to edit a protected cell or object. "
COLUMN_F = {"startColumnIndex": 5, "endColumnIndex": 6}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        yield bench


@pytest.fixture
async def strict() -> AsyncIterator[Bench]:
    """With sign-in and quotas, as the witness needs them."""
    async with running_sheets(auth=True, quota=True, clock=time.time) as bench:
        yield bench


async def change(bench: Bench, *requests: dict[str, Any]) -> Any:
    """The replies of a batchUpdate that must succeed."""
    return (await bench.ok("POST", ":batchUpdate", json={"requests": list(requests)}))["replies"]


async def refusal(bench: Bench, *requests: Any) -> str:
    """The words with which a batchUpdate is refused."""
    answer = await bench.refused("POST", ":batchUpdate", json={"requests": list(requests)})
    assert (400, "INVALID_ARGUMENT") == answer[:2]
    return answer[2]


async def sheet(bench: Bench) -> Any:
    """The first sheet as spreadsheets.get tells it."""
    return (await bench.ok("GET", ""))["sheets"][0]


async def size(bench: Bench) -> tuple[int, int]:
    """Rows and columns of the first sheet's grid."""
    grid = (await sheet(bench))["properties"]["gridProperties"]
    return grid["rowCount"], grid["columnCount"]


def append(dimension: str, length: int, sheet_id: int = 0) -> dict[str, Any]:
    return {"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": length}}


def insert(dimension: str, start: int, end: int, *, before: bool = False) -> dict[str, Any]:
    place = {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {"insertDimension": {"range": place, "inheritFromBefore": before}}


def header(column: int, text: str) -> dict[str, Any]:
    cell = {"userEnteredValue": {"stringValue": text}}
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": column}
    return {"updateCells": {"rows": [{"values": [cell]}], "fields": "userEnteredValue", "start": start}}


def protect(range_: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, **range_}, **more}}}


# -- the grid ---------------------------------------------------------------------------------------------------


async def test_append(bench: Bench) -> None:
    """Rows and columns are added at the end; each request has an empty reply."""
    assert [{}, {}] == await change(bench, append("ROWS", 5), append("COLUMNS", 2))
    assert (1005, 28) == await size(bench)
    assert ["a", "", "c"] == (await bench.get("A1:AB1"))["values"][0]


async def test_insert(bench: Bench) -> None:
    """What lies behind moves on; at the grid's end it needs inheritFromBefore."""
    await change(bench, insert("COLUMNS", 1, 2), insert("ROWS", 1, 2))
    assert [["a", "", "", "c"], [], [], ["d"]] == (await bench.get("A1:D9"))["values"]
    await change(bench, insert("COLUMNS", 27, 28, before=True))
    assert (1001, 28) == await size(bench)


async def test_a_header_in_a_new_column_is_one_call(bench: Bench) -> None:
    """updateCells sees the column that a request before it appended; its text is never a formula."""
    await change(bench, append("COLUMNS", 1), header(26, "=issued"))
    assert [["=issued"]] == (await bench.get("AA1"))["values"]


async def test_all_or_nothing(bench: Bench) -> None:
    """A refused request undoes those before it, and the refusal names its place and kind."""
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    words = await refusal(
        bench, append("ROWS", 5), header(0, "x"), protect(COLUMN_F), append("ROWS", 1, sheet_id=99)
    )
    assert "Invalid requests[3].appendDimension: No grid with id: 99" == words
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            append("COLUMNS", 9_975),
            "This action would increase the number of cells in the workbook above the",
        ),
        (append("ROWS", 0), "length must be greater than 0."),
        (insert("ROWS", 1000, 1001), "range.startIndex must be less than the grid size (1000) if inherit"),
        (insert("ROWS", 0, 1, before=True), "inheritFromBefore cannot be true when inserting at index 0."),
        (insert("ROWS", 1001, 1002, before=True), "range.startIndex must not be greater than the grid size"),
        (insert("ROWS", 3, 3), "range.endIndex must be greater than range.startIndex."),
        (header(26, "issued"), "Attempting to write column: 26, beyond the last requested column of: 25"),
        (
            header(1, "x" * 50_001),
            "Your input contains more than the maximum of 50000 characters in a single",
        ),
        ({"deleteProtectedRange": {"protectedRangeId": 7}}, "No protected range with id: 7"),
        (protect(COLUMN_F, editors={"users": [OWNER]}), "You can't remove yourself as an editor."),
        (
            protect(COLUMN_F, editors={"users": [BOT]}, warningOnly=True),
            "ProtectedRange is warningOnly. Editors cannot be set on it.",
        ),
    ],
)
async def test_refused_in_google_s_words(bench: Bench, request_: dict[str, Any], words: str) -> None:
    """What cannot be done is a 400 that names the request."""
    [kind] = request_
    assert (await refusal(bench, request_)).startswith(f"Invalid requests[0].{kind}: {words}")


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ([], "Must specify at least one request."),
        ([{}], "Invalid requests[0]: No request set."),
        (["x"], "Invalid value at 'requests[0]' (type.googleapis.com/google.apps.sheets.v4.Request), \"x\""),
        (
            [{"deleteSheet": 5}],
            "Invalid value at 'requests[0].delete_sheet' (type.googleapis.com/google.apps.sheets.v4.DeleteSheetRequest",
        ),
        ([{"mergeCells": {}}], "The sandbox has no mergeCells in one request of a batchUpdate."),
        (
            [{"appendDimension": {"length": "many", "dimension": "ROWS"}}],
            "Invalid value at 'requests[0].append_dimension.length' (TYPE_INT32), \"many\"",
        ),
        (
            [{"appendDimension": {"dimension": "DIAGONALS"}}],
            "Invalid value at 'requests[0].append_dimension.dimension' (type.googleapis.com/google.apps.sheets.v4.",
        ),
        (
            [{"appendDimension": {"dimension": "ROWS", "size": 1}}],
            "Invalid JSON payload received. Unknown name \"size\" at 'requests[0].append_dimension': Cannot find",
        ),
    ],
)
async def test_malformed_requests(bench: Bench, requests: list[Any], words: str) -> None:
    """What is no request is refused before the book is looked at."""
    assert (await refusal(bench, *requests)).startswith(words)


# -- protected ranges -------------------------------------------------------------------------------------------


async def test_a_strict_range_keeps_out_all_but_its_editors(bench: Bench) -> None:
    """The one who protects may go on writing; to others the range is closed, and its editors are not told."""
    [reply] = await change(bench, protect(COLUMN_F, description="ours"))
    made = reply["addProtectedRange"]["protectedRange"]
    assert {
        "protectedRangeId": 1,
        "range": COLUMN_F,
        "description": "ours",
        "requestingUserCanEdit": True,
        "editors": {"users": [BOT]},
    } == made
    await bench.put("F2", [["fine"]])
    await bench.edit({"kind": "protect", "range": "A1:B2", "editors": [OWNER], "description": "theirs"})
    theirs = (await sheet(bench))["protectedRanges"][1]
    area = {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert {"protectedRangeId": 2, "range": area, "description": "theirs"} == theirs
    answer = await bench.refused(
        "PUT", "/values/A2", params={"valueInputOption": "RAW"}, json={"values": [["x"]]}
    )
    assert answer[2].startswith(PROTECTED)
    assert (await refusal(bench, header(1, "x"))).startswith(f"Invalid requests[0].updateCells: {PROTECTED}")
    gone = {"deleteProtectedRange": {"protectedRangeId": 2}}
    assert (await refusal(bench, gone)).startswith(f"Invalid requests[0].deleteProtectedRange: {PROTECTED}")


async def test_a_protected_range_is_changed(bench: Bench) -> None:
    """Only what the mask names; a warning must have no editors, and nobody shuts themselves out."""
    await change(bench, protect(COLUMN_F, description="ours"))

    def update(fields: str, **more: Any) -> dict[str, Any]:
        return {"updateProtectedRange": {"protectedRange": {"protectedRangeId": 1, **more}, "fields": fields}}

    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2}
    assert [{}] == await change(bench, update("range,description", range=area, warningOnly=True))
    [told] = (await sheet(bench))["protectedRanges"]
    assert ({"startRowIndex": 1, "endRowIndex": 2}, {"users": [BOT]}) == (told["range"], told["editors"])
    assert "description" not in told
    for request_, words in (
        (
            update("warningOnly", warningOnly=True),
            "ProtectedRange is warningOnly. Editors cannot be set on it.",
        ),
        (update("editors.users", editors={"users": [OWNER]}), "You can't remove yourself as an editor."),
        (update("description", protectedRangeId=9), "No protected range with id: 9"),
    ):
        assert f"Invalid requests[0].updateProtectedRange: {words}" == await refusal(bench, request_)
    await change(bench, update("warningOnly,editors", warningOnly=True))
    assert (await sheet(bench))["protectedRanges"][0]["warningOnly"]


async def test_a_warning_keeps_nobody_out(bench: Bench) -> None:
    """A warningOnly range may be written by everybody."""
    [reply] = await change(bench, protect(COLUMN_F, warningOnly=True))
    made = reply["addProtectedRange"]["protectedRange"]
    assert {
        "protectedRangeId": 1,
        "range": COLUMN_F,
        "warningOnly": True,
        "requestingUserCanEdit": True,
    } == made
    await bench.put("F2", [["x"]])
    await bench.edit({"kind": "protect", "range": "A:A", "warning_only": True})
    await bench.put("A2", [["x"]])


async def test_a_sheet_is_protected_once(bench: Bench) -> None:
    """A second protection of a whole sheet is refused; without any, the sheet tells of none."""
    assert "protectedRanges" not in await sheet(bench)
    await change(bench, protect({}))
    words = await refusal(bench, protect({}))
    assert 'Invalid requests[0].addProtectedRange: Sheet "Pool" already has sheet protection.' == words
    await change(bench, {"deleteProtectedRange": {"protectedRangeId": 1}})
    assert "protectedRanges" not in await sheet(bench)


async def test_protections_move_and_persist(bench: Bench) -> None:
    """A protected range moves with its cells; a world that is kept and loaded again has it as it was."""
    await change(bench, protect(COLUMN_F, description="ours"), insert("COLUMNS", 0, 1))
    await bench.edit({"kind": "protect"})
    loaded = SheetsWorld.load(json.loads(json.dumps(bench.world.dump())))
    async with running_sheets(loaded) as again:
        ranges = (await sheet(again))["protectedRanges"]
        assert [{"startColumnIndex": 6, "endColumnIndex": 7}, {}] == [each["range"] for each in ranges]
        [reply] = await change(again, protect({"startRowIndex": 3}))
        assert 3 == reply["addProtectedRange"]["protectedRange"]["protectedRangeId"]


# -- who may, and what it costs ---------------------------------------------------------------------------------


async def test_it_counts_as_one_write(bench: Bench) -> None:
    """However many requests, a batchUpdate is one write of the quota and one line of the log."""
    await change(bench, append("ROWS", 1), append("COLUMNS", 1))
    counters = await bench.control("GET", "/counters")
    assert (0, 1, {"spreadsheets.batchUpdate": 1}) == (
        counters["reads"],
        counters["writes"],
        counters["methods"],
    )
    [entry] = (await bench.control("GET", "/log"))["calls"]
    assert 2 == len(entry["body"]["requests"])


async def test_viewers_read_and_do_not_write(strict: Bench) -> None:
    """Somebody the book is shared with for reading gets a 403 for every write."""
    await strict.put_book({"title": "Pool", "values": [["a"]]}, shared_with=[OWNER], viewers=[BOT])

    def use(client: gspread.Client) -> list[int]:
        codes, pool = [], client.open_by_key(BOOK).sheet1
        assert [["a"]] == pool.get("A1")
        for write in (lambda: pool.update([["b"]], "A1"), lambda: pool.add_cols(1)):
            with pytest.raises(gspread.exceptions.APIError) as refused:
                write()
            codes.append(refused.value.code)
        return codes

    assert [403, 403] == await with_gspread(strict, use)


async def test_the_witness(strict: Bench) -> None:
    """gspread's add_cols, resize, batch_update and protected ranges work unchanged."""

    def use(client: gspread.Client) -> Any:
        pool = client.open_by_key(BOOK).sheet1
        pool.add_cols(2)
        pool.add_rows(3)
        pool.client.batch_update(BOOK, {"requests": [insert("COLUMNS", 1, 2)]})
        pool.resize(cols=20)
        pool.add_protected_range("C:C", [BOT], description="ours")
        pool.add_protected_range("D1:D2", warning_only=True)
        first, second = client.open_by_key(BOOK).list_protected_ranges(pool.id)
        pool.delete_protected_range(str(second["protectedRangeId"]))
        left = client.open_by_key(BOOK).list_protected_ranges(pool.id)
        return pool.get("A1:D1"), first["range"], second["warningOnly"], left == [first]

    def grown(client: gspread.Client) -> tuple[int, int]:
        pool = client.open_by_key(BOOK).sheet1
        return pool.row_count, pool.col_count

    column_c = {"startColumnIndex": 2, "endColumnIndex": 3}
    assert ([["a", "", "", "c"]], column_c, True, True) == await with_gspread(strict, use)
    assert (1003, 20) == await with_gspread(strict, grown)
