"""Formulas follow the cells they refer to: over rows, columns, sheets, sorts and cuts."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

ENTERED = {"valueInputOption": "USER_ENTERED"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        await bench.put_book({"title": "Pool"}, {"title": "My log", "values": [[10, 20]]})
        yield bench


async def enter(bench: Bench, text: str, *rows: list[Any]) -> None:
    await bench.put(text, list(rows), **ENTERED)


async def shown(bench: Bench, text: str, option: str = "FORMATTED_VALUE") -> Any:
    """The rows of a range."""
    return (await bench.get(text, valueRenderOption=option)).get("values", [])


async def formulas(bench: Bench, text: str = "Pool") -> Any:
    return await shown(bench, text, "FORMULA")


@pytest.mark.parametrize(
    ("edit", "formula"),
    [
        ({"kind": "insert_rows", "at": 1}, "=A3+SUM($B$3:B5)"),
        ({"kind": "insert_rows", "at": 3}, "=A2+SUM($B$2:B5)"),
        ({"kind": "insert_rows", "at": 5}, "=A2+SUM($B$2:B4)"),
        ({"kind": "insert_columns", "at": "B"}, "=A2+SUM($C$2:C4)"),
        ({"kind": "delete_rows", "at": 2}, "=#REF!+SUM($B$2:B3)"),
        ({"kind": "delete_rows", "at": 3}, "=A2+SUM($B$2:B3)"),
        ({"kind": "delete_columns", "at": "B"}, "=A2+SUM(#REF!)"),
        ({"kind": "move_rows", "from": 2, "to": 9}, "=A8+SUM($B$2:B3)"),
        ({"kind": "cut", "range": "A2:A3", "to": "E7"}, "=E7+SUM($B$2:B4)"),
        ({"kind": "cut", "range": "B1:B9", "to": "F1"}, "=A2+SUM($F$2:F4)"),
        ({"kind": "cut", "range": "B2:B3", "to": "F1"}, "=A2+SUM($B$2:B4)"),
        ({"kind": "cut", "range": "A2", "to": "B9", "to_sheet": "My log"}, "='My log'!B9+SUM($B$2:B4)"),
    ],
)
async def test_references_follow(bench: Bench, edit: dict[str, Any], formula: str) -> None:
    """From their own sheet and from another; what is gone reads #REF!."""
    await bench.put("A1", [["head", "n"], [1, 1], [2, 2], [3, 3]])
    await enter(bench, "Z999", ["=A2+SUM($B$2:B4)"])
    await enter(bench, "'My log'!A5", ["=Pool!A2+Pool!C7"])
    await bench.edit(edit)
    found = [cell for cells in await formulas(bench) for cell in cells if str(cell).startswith("=")]
    assert [formula] == found


async def test_references_from_other_sheets_follow(bench: Bench) -> None:
    """Rows of one sheet move formulas of another, through the API as by hand; titles are followed, too."""
    await enter(bench, "Pool!A1", ["='My log'!B1+Nobody!A1", "=SUM('My log'!A:A)"])
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    [_, log] = (await bench.ok("GET", ""))["sheets"]
    place["sheetId"] = log["properties"]["sheetId"]
    insert = {"insertDimension": {"range": place, "inheritFromBefore": False}}
    title = {"properties": {"sheetId": place["sheetId"], "title": "Log"}, "fields": "title"}
    body = {"requests": [insert, {"updateSheetProperties": title}]}
    await bench.ok("POST", ":batchUpdate", json=body)
    assert [["=Log!B2+Nobody!A1", "=SUM(Log!A:A)"]] == await formulas(bench)
    await bench.edit({"kind": "rename_sheet", "sheet": "Log", "title": "Bob's"})
    assert [["#REF!", "10"]] == await shown(bench, "Pool")
    gone = {"requests": [{"deleteSheet": {"sheetId": place["sheetId"]}}]}
    await bench.ok("POST", ":batchUpdate", json=gone)
    assert [["=#REF!+Nobody!A1", "=SUM(#REF!)"]] == await formulas(bench)


async def test_a_refused_batch_leaves_formulas_alone(bench: Bench) -> None:
    """Those of other sheets included."""
    await enter(bench, "'My log'!A2", ["=Pool!A5"])
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    insert = {"insertDimension": {"range": place, "inheritFromBefore": False}}
    body = {"requests": [insert, {"deleteSheet": {"sheetId": 99}}]}
    await bench.refused("POST", ":batchUpdate", json=body)
    assert [["=Pool!A5"]] == await formulas(bench, "'My log'!A2")


async def test_sorting_goes_by_results_and_copies_formulas(bench: Bench) -> None:
    """A formula goes on meaning its own row; what is held by a dollar sign stays."""
    await enter(bench, "A1", ["n", "twice", 2], [3, "=A2*$C$1"], [1, "=A3*$C$1"], [2, "=A4*$C$1"])
    await bench.edit({"kind": "sort", "range": "A2:B4", "column": "B"})
    assert [[1, "=A2*$C$1"], [2, "=A3*$C$1"], [3, "=A4*$C$1"]] == await formulas(bench, "A2:B4")
    spec = {"dimensionIndex": 1, "sortOrder": "DESCENDING"}
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    body = {"requests": [{"sortRange": {"range": area, "sortSpecs": [spec]}}]}
    await bench.ok("POST", ":batchUpdate", json=body)
    assert [["3", "6"], ["2", "4"], ["1", "2"]] == await shown(bench, "A2:B4")


# -- cut and paste ----------------------------------------------------------------------------------------------


async def test_cut_cells_take_everything_along(bench: Bench) -> None:
    """Values, formats and formulas; their old place is empty, what stood in the new one is gone."""
    await enter(bench, "A1", ["5%", "=A1+C1", 1], ["x", "y", "z"])
    await bench.edit({"kind": "cut", "range": "A1:B1", "to": "B2"})
    assert [["", "", 1], ["x", 0.05, "=B2+C1"]] == await formulas(bench)
    assert [["x", "5%", "105%"]] == await shown(bench, "2:2")
    await bench.edit({"kind": "cut", "range": "C2", "to": "A9", "to_sheet": "My log"})
    assert [["=Pool!B2+Pool!C1"]] == await formulas(bench, "'My log'!A9")
    await bench.edit({"kind": "cut", "range": "A2:B2", "to": "B2"})
    assert [["", "x", "5%"]] == await shown(bench, "2:2")


@pytest.mark.parametrize(
    "edit",
    [
        {"range": "A1", "to": "A1001"},
        {"range": "A1:C1", "to": "Y1"},
        {"range": "A2000", "to": "A1"},
        {"range": "A1", "to": "B:B"},
        {"range": "A1", "to": "A1", "to_sheet": "Nobody"},
        {"range": "A1"},
    ],
)
async def test_impossible_cuts(bench: Bench, edit: dict[str, Any]) -> None:
    """A cut that cannot be done is a 400 and changes nothing."""
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    cut = {"kind": "cut", **edit}
    status, body = await bench.call("POST", f"/sandbox/spreadsheets/{BOOK}/edit", json=cut)
    assert (400, ["error"]) == (status, list(body))
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")
