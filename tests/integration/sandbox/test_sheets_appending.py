"""values.append, clear and batchClear: where rows land, what is emptied, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from sheets_bench import BOOK, Bench, running_sheets

RAW = {"valueInputOption": "RAW"}
# The documentation's example: a table at A1:C2 and another at B4:D6.
TWO_TABLES = [["x", "y", "z"], ["x", "y", "z"], [], ["", "x", "y", "z"], ["", "x", "y"], ["", "x", "y"]]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        yield bench


async def append(bench: Bench, text: str, *rows: list[Any], **params: str) -> Any:
    path = f"/values/{quote(text, safe='')}:append"
    return await bench.ok("POST", path, params=RAW | params, json={"values": list(rows)})


async def values_of(bench: Bench, sheet: str = "Pool") -> Any:
    return (await bench.get(sheet, valueRenderOption="UNFORMATTED_VALUE")).get("values")


async def size(bench: Bench) -> Any:
    return (await bench.ok("GET", ""))["sheets"][0]["properties"]["gridProperties"]


async def test_on_an_empty_sheet_and_again(bench: Bench) -> None:
    """A gap in the first row makes two tables: the second append goes below the last, and drifts right."""
    await bench.put_book({"title": "Sheet1"})
    first = await append(bench, "Sheet1", ["a", "", "c"])
    updates = {"spreadsheetId": BOOK, "updatedRange": "Sheet1!A1:C1", "updatedRows": 1, "updatedColumns": 3}
    assert {"spreadsheetId": BOOK, "updates": {**updates, "updatedCells": 3}} == first
    second = await append(bench, "Sheet1", ["a", "", "c"])
    assert ("Sheet1!C1", "Sheet1!C2:E2") == (second["tableRange"], second["updates"]["updatedRange"])


async def test_a_range_in_column_a_keeps_rows_in_place(bench: Bench) -> None:
    """With the range A1 the table is the one of that cell."""
    await bench.put_book({"title": "Sheet1", "values": [["a", "", "c"]]})
    answer = await append(bench, "'Sheet1'!A1", ["a", "", "c"])
    assert ("Sheet1!A1", "Sheet1!A2:C2") == (answer["tableRange"], answer["updates"]["updatedRange"])


@pytest.mark.parametrize(
    ("text", "table", "written"),
    [
        ("Pool", "Pool!B4:D6", "Pool!B7"),
        ("C5:D5", "Pool!B4:D6", "Pool!B7"),
        ("B2:D4", "Pool!B4:D6", "Pool!B7"),
        ("A3:G10", "Pool!B4:D6", "Pool!B7"),
        ("A1", "Pool!A1:C2", "Pool!A3"),
        ("F4", None, "Pool!F4"),
    ],
)
async def test_the_last_table_of_the_range_wins(
    bench: Bench, text: str, table: str | None, written: str
) -> None:
    """The examples of the documentation; an empty range is written to, whatever stands around it."""
    await bench.put_book({"title": "Pool", "values": TWO_TABLES})
    answer = await append(bench, text, ["new"])
    assert (table, written) == (answer.get("tableRange"), answer["updates"]["updatedRange"])


async def test_overwriting_and_inserting(bench: Bench) -> None:
    """What lies below is written over by default, and pushed down with INSERT_ROWS."""
    await bench.put_book({"title": "Pool", "values": TWO_TABLES})
    await append(bench, "A1", ["one"], ["two"])
    assert [["one"], ["two", "x", "y", "z"]] == (await values_of(bench))[2:4]
    await bench.put_book({"title": "Pool", "values": TWO_TABLES})
    await append(bench, "A1", ["one"], ["two"], insertDataOption="INSERT_ROWS")
    assert [["one"], ["two"], [], ["", "x", "y", "z"]] == (await values_of(bench))[2:6]
    assert 1002 == (await size(bench))["rowCount"]


async def test_the_grid_grows(bench: Bench) -> None:
    """Rows and columns are added where the values need them."""
    await bench.put_book({"title": "Pool", "rowCount": 2, "columnCount": 2, "values": [["a"], ["b"]]})
    await append(bench, "A:A", ["c", "d", "e"])
    assert {"rowCount": 3, "columnCount": 3} == await size(bench)
    assert [["a"], ["b"], ["c", "d", "e"]] == await values_of(bench)


async def test_append_answers_with_values_if_asked(bench: Bench) -> None:
    """gspread's capital False is understood; true shows what was written, by columns if so sent."""
    await append(bench, "A1", ["x"], includeValuesInResponse="False")
    body = {"values": [["1", "2"]], "majorDimension": "COLUMNS"}
    params = RAW | {"includeValuesInResponse": "true", "insertDataOption": "OVERWRITE"}
    answer = await bench.ok("POST", "/values/F7:append", params=params, json=body)
    data = {"range": "Pool!F7:F8", "majorDimension": "COLUMNS", "values": [["1", "2"]]}
    assert data == answer["updates"]["updatedData"]


async def test_refused_appends(bench: Bench) -> None:
    """No option, an unknown one, a range past the grid, a closed cell, too many cells: nothing is written."""
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    body = {"values": [["x"]]}
    no_option = await bench.refused("POST", "/values/A1:append", json=body)
    assert "'valueInputOption' is required but not specified" == no_option[2]
    params = RAW | {"insertDataOption": "SQUEEZE"}
    unknown = await bench.refused("POST", "/values/A1:append", params=params, json=body)
    assert unknown[2].startswith("Invalid value at 'insert_data_option' (type.googleapis.com/")
    outside = await bench.refused("POST", "/values/A1001:append", params=RAW, json=body)
    assert outside[2].startswith("Range (Pool!A1001) exceeds grid limits.")
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")
    await bench.edit({"kind": "protect", "range": "A4:B4"})
    closed = await bench.refused("POST", "/values/A3:append", params=RAW, json=body)
    assert closed[2].startswith("You are trying to edit a protected cell")
    await bench.put_book({"title": "Pool", "rowCount": 1, "columnCount": 10_000_000, "values": [["a"]]})
    full = await bench.refused("POST", "/values/A1:append", params=RAW, json=body)
    assert full[2].startswith("This action would increase the number of cells in the workbook above the")


async def test_clear(bench: Bench) -> None:
    """The cells are emptied, number formats stay, the range is echoed bounded to the grid."""
    await bench.put_book({"title": "Pool", "values": [["a", 46348, "c"], ["d"]], "formats": {"B1": "DATE"}})
    answer = await bench.ok("POST", "/values/Pool!B:C:clear")
    assert {"spreadsheetId": BOOK, "clearedRange": "Pool!B1:C1000"} == answer
    assert [["a"], ["d"]] == await values_of(bench)
    await bench.put("B1", [[46348]])
    assert [["2026-11-22"]] == (await bench.get("B1"))["values"]


async def test_batch_clear(bench: Bench) -> None:
    """Several ranges in one call, all or nothing; cells of a protected range are closed to it."""
    body = {"ranges": ["A1", "'Pool'!3:3"]}
    answer = await bench.ok("POST", "/values:batchClear", json=body)
    assert {"spreadsheetId": BOOK, "clearedRanges": ["Pool!A1", "Pool!A3:Z3"]} == answer
    assert [["", "", "c"]] == await values_of(bench)
    outside = await bench.refused("POST", "/values:batchClear", json={"ranges": ["C1", "C2000"]})
    assert outside[2].startswith("Range (Pool!C2000) exceeds grid limits.")
    await bench.edit({"kind": "protect", "range": "D2:D9"})
    closed = await bench.refused("POST", "/values:batchClear", json={"ranges": ["C1", "D:D"]})
    assert closed[2].startswith("You are trying to edit a protected cell")
    assert [["", "", "c"]] == await values_of(bench)
    words = (await bench.refused("POST", "/values:batchClear", json={"ranges": [1]}))[2]
    assert "Invalid value at 'ranges[0]' (TYPE_STRING), 1" == words


async def test_each_is_one_write(bench: Bench) -> None:
    """All three use the quota of writes; the cells that an append writes are counted."""
    await append(bench, "A1", ["x", "y"])
    await bench.ok("POST", "/values/A1:clear", json={})
    await bench.ok("POST", "/values:batchClear", json={"ranges": ["A1"]})
    counters = await bench.control("GET", "/counters")
    assert (0, 3, 2) == (counters["reads"], counters["writes"], counters["cells_written"])
    assert {"values.append": 1, "values.clear": 1, "values.batchClear": 1} == counters["methods"]


async def test_a_large_sheet_is_appended_to_fast(bench: Bench) -> None:
    """The table of 100,000 rows is found in well under a second."""
    rows = [[f"10.0.0.1:{row}", "", "RU"] for row in range(100_000)]
    await bench.put_book({"title": "Pool", "values": rows})
    answer = await append(bench, "Pool!A1", ["new"])
    assert "Pool!A100001" == answer["updates"]["updatedRange"]
