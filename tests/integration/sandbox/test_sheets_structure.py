"""spreadsheets:batchUpdate on sheets, rows and columns: what changes, what is refused, all or nothing."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

from sandbox.sheets.world import SheetsWorld

PROTECTED = "You are trying to edit a protected cell or object."


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        rows = [[number] for number in range(5)]
        await bench.put_book({"title": "Pool", "values": rows, "rowCount": 5, "columnCount": 3})
        yield bench


async def change(bench: Bench, *requests: dict[str, Any], **more: Any) -> Any:
    """The answer of a batchUpdate that must succeed."""
    return await bench.ok("POST", ":batchUpdate", json={"requests": list(requests), **more})


async def refusal(bench: Bench, *requests: Any) -> str:
    """The words with which a batchUpdate is refused."""
    answer = await bench.refused("POST", ":batchUpdate", json={"requests": list(requests)})
    assert (400, "INVALID_ARGUMENT") == answer[:2]
    return answer[2]


async def sheets(bench: Bench) -> list[Any]:
    """The properties of all sheets."""
    return [sheet["properties"] for sheet in (await bench.ok("GET", ""))["sheets"]]


async def column_a(bench: Bench) -> Any:
    answer = await bench.get("Pool!A:A", majorDimension="COLUMNS", valueRenderOption="UNFORMATTED_VALUE")
    return answer["values"][0]


def lines(start: int | None, end: int | None, dimension: str = "ROWS", sheet_id: int = 0) -> Any:
    place = {"sheetId": sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {name: value for name, value in place.items() if value is not None}


def update(fields: str, **properties: Any) -> dict[str, Any]:
    return {"updateSheetProperties": {"properties": {"sheetId": 0, **properties}, "fields": fields}}


def add(title: str, **properties: Any) -> dict[str, Any]:
    return {"addSheet": {"properties": {"title": title, **properties}}}


def sort(*keys: tuple[int, str], **range_: int) -> dict[str, Any]:
    specs = [{"dimensionIndex": column, "sortOrder": order} for column, order in keys]
    return {"sortRange": {"range": {"sheetId": 0, **range_}, "sortSpecs": specs}}


# -- sheets -----------------------------------------------------------------------------------------------------


async def test_a_sheet_is_added(bench: Bench) -> None:
    """The reply tells its properties; the id is drawn unless given, it comes last unless an index is given."""
    answer = await change(
        bench, add("Log", gridProperties={"rowCount": 2, "columnCount": 4, "frozenRowCount": 1})
    )
    [reply] = answer["replies"]
    made = reply["addSheet"]["properties"]
    assert made["sheetId"] > 0
    grid = {"rowCount": 2, "columnCount": 4, "frozenRowCount": 1}
    expected = {"title": "Log", "index": 1, "sheetType": "GRID", "gridProperties": grid}
    assert {"sheetId": made["sheetId"], **expected} == made
    await change(bench, add("First", sheetId=7, index=0), {"addSheet": {"properties": {}}})
    assert [("First", 7), ("Pool", 0), ("Log", made["sheetId"])] == [
        (each["title"], each["sheetId"]) for each in await sheets(bench)
    ][:3]
    assert {"rowCount": 1000, "columnCount": 26} == (await sheets(bench))[3]["gridProperties"]


async def test_a_new_sheet_can_be_used_in_the_same_call(bench: Bench) -> None:
    """Requests see what those before them did."""
    start = {"sheetId": 9, "rowIndex": 0, "columnIndex": 0}
    rows = [{"values": [{"userEnteredValue": {"stringValue": "x"}}]}]
    cells = {"updateCells": {"rows": rows, "fields": "userEnteredValue", "start": start}}
    answer = await change(bench, add("Log", sheetId=9), cells, includeSpreadsheetInResponse=True)
    assert [["x"]] == (await bench.get("Log"))["values"]
    titles = [each["properties"]["title"] for each in answer["updatedSpreadsheet"]["sheets"]]
    assert ["Pool", "Log"] == titles


async def test_a_sheet_is_deleted(bench: Bench) -> None:
    """Its cells are gone with it."""
    await change(bench, add("Log", sheetId=9))
    assert [{}] == (await change(bench, {"deleteSheet": {"sheetId": 9}}))["replies"]
    assert "Unable to parse range: Log!A1" == (await bench.refused("GET", "/values/Log!A1"))[2]


async def test_sheet_properties(bench: Bench) -> None:
    """Only what the mask names changes; it may use points, slashes or brackets."""
    await change(
        bench,
        update("title,gridProperties/rowCount", title="Stock", gridProperties={"rowCount": 9, "columnCount": 9}),
        update("gridProperties(frozenRowCount,columnCount)", gridProperties={"frozenRowCount": 1, "columnCount": 2}),
    )  # fmt: skip
    [pool] = await sheets(bench)
    grid = {"rowCount": 9, "columnCount": 2, "frozenRowCount": 1}
    assert ("Stock", grid) == (pool["title"], pool["gridProperties"])
    assert "Stock!A1" == (await bench.get("Stock!A1"))["range"]


@pytest.mark.parametrize(("index", "order"), [(0, "ABC"), (1, "ABC"), (2, "BAC"), (3, "BCA")])
async def test_an_index_counts_before_the_move(bench: Bench, index: int, order: str) -> None:
    """To its own index or the one behind it a sheet does not move."""
    await bench.put_book({"title": "A"}, {"title": "B"}, {"title": "C"})
    await change(bench, update("index", index=index))
    assert list(order) == [each["title"] for each in await sheets(bench)]


async def test_the_spreadsheet_s_own_properties(bench: Bench) -> None:
    """Its title and time zone can be changed."""
    properties = {"title": "New", "timeZone": "Europe/Berlin"}
    await change(
        bench, {"updateSpreadsheetProperties": {"properties": properties, "fields": "title,timeZone"}}
    )
    told = (await bench.ok("GET", ""))["properties"]
    assert ("New", "Europe/Berlin", "en_US") == (told["title"], told["timeZone"], told["locale"])


async def test_hidden_sheets(bench: Bench) -> None:
    """A hidden sheet says so, and is read and written like any other; one must stay in sight."""
    await change(bench, add("Log", sheetId=9))
    await change(bench, update("hidden", hidden=True))
    assert [True, None] == [each.get("hidden") for each in await sheets(bench)]
    await bench.put("Pool!A1", [["x"]])
    assert [["x"]] == (await bench.get("Pool!A1"))["values"]
    words = await refusal(bench, {"deleteSheet": {"sheetId": 9}})
    assert "Invalid requests[0].deleteSheet: You can't remove all the visible sheets in a document." == words
    await bench.edit({"kind": "show_sheet"}, {"kind": "hide_sheet", "sheet": "Log"})
    words = await refusal(bench, update("hidden", hidden=True))
    assert "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document." == words


# -- rows and columns -------------------------------------------------------------------------------------------


async def test_rows_are_deleted(bench: Bench) -> None:
    """What follows moves up; an end that is left out is the grid's."""
    await change(bench, {"deleteDimension": {"range": lines(1, 3)}})
    assert [0, 3, 4] == await column_a(bench)
    await change(bench, {"deleteDimension": {"range": lines(1, None)}})
    assert ([0], 1) == (await column_a(bench), (await sheets(bench))[0]["gridProperties"]["rowCount"])


async def test_rows_are_moved(bench: Bench) -> None:
    """The documentation's example: the destination counts before the removal."""
    await change(bench, {"moveDimension": {"source": lines(1, 3), "destinationIndex": 4}})
    assert [0, 3, 1, 2, 4] == await column_a(bench)


async def test_hidden_rows(bench: Bench) -> None:
    """Hidden rows are read as ever, move with their cells, and outlive a restart."""
    hide = {"properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    await change(bench, {"updateDimensionProperties": {"range": lines(1, 3), **hide}})
    assert [0, 1, 2, 3, 4] == await column_a(bench)
    await change(bench, {"insertDimension": {"range": lines(0, 1), "inheritFromBefore": False}})
    await bench.edit({"kind": "show_rows", "at": 3}, {"kind": "hide_columns", "at": "B"})
    loaded = SheetsWorld.load(json.loads(json.dumps(bench.world.dump())))
    [dump] = loaded.books[BOOK].dump()["sheets"]
    assert ([3], [1]) == (dump["hiddenRows"], dump["hiddenColumns"])


async def test_rows_are_sorted(bench: Bench) -> None:
    """Later keys break ties, columns count from the sheet's first; empty cells come last either way."""
    rows = [["head"], ["b", 1], ["a", 2], ["", 5], ["a", 1]]
    await bench.put("Pool!A1", rows)
    below = {"startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 2}
    await change(bench, sort((0, "ASCENDING"), (1, "DESCENDING"), **below))
    assert [["head"], ["a", "2"], ["a", "1"], ["b", "1"], ["", "5"]] == (await bench.get("Pool"))["values"]
    await change(bench, sort((0, "DESCENDING"), **below))
    assert ["head", "b", "a", "a"] == await column_a(bench)


# -- refusals ---------------------------------------------------------------------------------------------------

LOCALE = {"updateSpreadsheetProperties": {"properties": {"locale": "de_DE"}, "fields": "locale"}}
BAD_ZONE = {"updateSpreadsheetProperties": {"properties": {"timeZone": "Moon/Base"}, "fields": "timeZone"}}
NO_ROW_5 = "Cannot delete a row that doesn't exist. Tried to delete row index 5 but there are only 5 rows."


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (add("pool"), 'A sheet with the name "pool" already exists. Please enter another name.'),
        (add("x", sheetId=0), "A sheet with id 0 already exists."),
        (add("x", gridProperties={"rowCount": 10_000_000}), "This action would increase the number of cells in"),
        (add("x", sheetType="OBJECT"), "The sandbox has no sheets but grids."),
        ({"deleteSheet": {"sheetId": 99}}, "No sheet with id: 99"),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the sheets in a document."),
        (update("title", sheetId=99, title="x"), "No sheet with id: 99"),
        (update("title"), "The title of a sheet must not be empty."),
        (update("", title="x"), "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        (update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 5}), "You can't freeze all"),
        (update("gridProperties.rowCount", gridProperties={"rowCount": 0}), "You can't delete all the rows on the"),
        ({"deleteDimension": {"range": lines(5, 6)}}, NO_ROW_5),
        ({"deleteDimension": {"range": lines(4, 6)}}, NO_ROW_5),
        ({"deleteDimension": {"range": lines(0, 5)}}, "You can't delete all the rows on the sheet."),
        ({"deleteDimension": {"range": lines(0, 3, "COLUMNS")}}, "You can't delete all the columns on the sheet."),
        ({"deleteDimension": {"range": lines(-1, 3)}}, "DimensionRange indexes must be >= 0"),
        ({"deleteDimension": {"range": lines(0, 1, sheet_id=99)}}, "No grid with id: 99"),
        ({"moveDimension": {"source": lines(0, 1), "destinationIndex": 6}}, "destinationIndex must be between"),
        (sort((0, "ASCENDING"), startRowIndex=5), "Range (Pool!A6) exceeds grid limits."),
        (sort((0, "ASCENDING"), startRowIndex=-1), "The indexes of a GridRange must be >= 0"),
        (sort((0, "ASCENDING"), startRowIndex=3, endRowIndex=3), "The indexes of a GridRange must be >= 0"),
        (update("index", index=-1), "index must be >= 0."),
        (add("x", gridProperties={"rowCount": -5}), "gridProperties.rowCount must be >= 0."),
        ({"appendDimension": {"dimension": "COLUMNS", "length": 18_276}}, "This action would increase the number of"),
        (LOCALE, "The sandbox has no locale but en_US."),
        (BAD_ZONE, "Invalid time zone: Moon/Base"),
        (sort(), "Must specify at least one sortSpec."),
        (sort((5, "ASCENDING")), "dimensionIndex 5 is not in the range Pool!A1:C5."),
    ],
)  # fmt: skip
async def test_refused(bench: Bench, request_: dict[str, Any], words: str) -> None:
    """What cannot be done is a 400 that names the request, and nothing is done."""
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    [kind] = request_
    assert (await refusal(bench, request_)).startswith(f"Invalid requests[0].{kind}: {words}")
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")


async def test_frozen_rows_are_not_all_that_is_left(bench: Bench) -> None:
    """All rows but the frozen ones cannot be deleted."""
    await change(bench, update("gridProperties.frozenRowCount", gridProperties={"frozenRowCount": 1}))
    words = await refusal(bench, {"deleteDimension": {"range": lines(1, 5)}})
    assert (
        "Invalid requests[0].deleteDimension: Sorry, it is not possible to delete all non-frozen rows."
        == words
    )


async def test_all_or_nothing(bench: Bench) -> None:
    """A refusal at the end undoes sheets, titles, rows and order."""
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    title = {"updateSpreadsheetProperties": {"properties": {"title": "New"}, "fields": "title"}}
    many = (title, add("Log", sheetId=9), update("title,index,hidden", title="x", index=2, hidden=True))
    more = ({"deleteDimension": {"range": lines(0, 1)}}, sort((0, "DESCENDING")))
    words = await refusal(bench, *many, *more, {"deleteSheet": {"sheetId": 99}})
    assert "Invalid requests[5].deleteSheet: No sheet with id: 99" == words
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")
    assert [{"sheetId": 0, "title": "Pool"}] == [
        {name: each[name] for name in ("sheetId", "title")} for each in await sheets(bench)
    ]


@pytest.mark.parametrize(
    "request_",
    [
        {"deleteDimension": {"range": lines(2, 3)}},
        {"deleteDimension": {"range": lines(1, 2, "COLUMNS")}},
        {"moveDimension": {"source": lines(2, 3), "destinationIndex": 0}},
        sort((0, "ASCENDING")),
        {"deleteSheet": {"sheetId": 0}},
        update("gridProperties.rowCount", gridProperties={"rowCount": 2}),
    ],
)
async def test_protected_cells_stay_where_they_are(bench: Bench, request_: dict[str, Any]) -> None:
    """Deleting, moving and sorting cells that others have protected is refused; inserting is not."""
    await change(bench, add("Log"))
    await bench.edit({"kind": "protect", "range": "B3"})
    [kind] = request_
    assert (await refusal(bench, request_)).startswith(f"Invalid requests[0].{kind}: {PROTECTED}")
    await change(bench, {"insertDimension": {"range": lines(2, 3), "inheritFromBefore": False}})
    await change(bench, {"deleteDimension": {"range": lines(2, 3)}})
