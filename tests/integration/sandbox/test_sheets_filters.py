"""Values by data filters: what they match, in which order they are answered, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

ROW_1 = {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        yield bench


async def read(bench: Bench, *filters: Any, **options: Any) -> Any:
    body = {"dataFilters": list(filters), **options}
    return await bench.ok("POST", "/values:batchGetByDataFilter", json=body)


async def refused(bench: Bench, kind: str, body: Any) -> str:
    answer = await bench.refused("POST", f"/values:batch{kind}ByDataFilter", json=body)
    assert (400, "INVALID_ARGUMENT") == answer[:2]
    return answer[2]


async def test_ranges_come_by_position(bench: Bench) -> None:
    """Sorted as they stand in the sheet; filters for the same range share one entry."""
    whole_row = {"a1Range": "Pool!1:1"}
    answer = await read(bench, {"a1Range": "A3"}, ROW_1, whole_row)
    first = {"range": "Pool!A1:Z1", "majorDimension": "ROWS", "values": [["a", "", "c"]]}
    second = {"range": "Pool!A3", "majorDimension": "ROWS", "values": [["d"]]}
    assert {
        "spreadsheetId": BOOK,
        "valueRanges": [
            {"valueRange": first, "dataFilters": [ROW_1, whole_row]},
            {"valueRange": second, "dataFilters": [{"a1Range": "A3"}]},
        ],
    } == answer


async def test_options_stand_in_the_body(bench: Bench) -> None:
    """majorDimension and the render options are those of other reads; it counts as a read."""
    await bench.put("A1", [[1, 2]])
    answer = await read(bench, ROW_1, majorDimension="COLUMNS", valueRenderOption="UNFORMATTED_VALUE")
    assert [[1], [2], ["c"]] == answer["valueRanges"][0]["valueRange"]["values"]
    assert 1 == (await bench.control("GET", "/counters"))["reads"]


async def test_values_are_written_by_filter(bench: Bench) -> None:
    """Only the cells that are sent change; the response names the filter and has the totals of a batch."""
    data = {"dataFilter": ROW_1, "majorDimension": "ROWS", "values": [[None, "b"]]}
    body = {"valueInputOption": "RAW", "data": [data], "includeValuesInResponse": True}
    answer = await bench.ok("POST", "/values:batchUpdateByDataFilter", json=body)
    shown = {"range": "Pool!A1:Z1", "majorDimension": "ROWS", "values": [["a", "b", "c"]]}
    counts = {"updatedRange": "Pool!A1:B1", "updatedRows": 1, "updatedColumns": 1, "updatedCells": 1}
    assert {
        "spreadsheetId": BOOK,
        "totalUpdatedRows": 1,
        "totalUpdatedColumns": 1,
        "totalUpdatedCells": 1,
        "totalUpdatedSheets": 1,
        "responses": [{**counts, "updatedData": shown, "dataFilter": ROW_1}],
    } == answer


async def test_ranges_are_cleared_by_filter(bench: Bench) -> None:
    """The cells that match are emptied."""
    body = {"dataFilters": [ROW_1]}
    answer = await bench.ok("POST", "/values:batchClearByDataFilter", json=body)
    assert {"spreadsheetId": BOOK, "clearedRanges": ["Pool!A1:Z1"]} == answer
    assert [[], [], ["d"]] == (await bench.get("Pool"))["values"]


@pytest.mark.parametrize("kind", ["Get", "Clear"])
@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ([], "Must specify at least one dataFilter."),
        ([{"a1Range": "Nobody!A1"}], "Invalid dataFilter[0]: Unable to parse range: Nobody!A1"),
        ([ROW_1, {"a1Range": "A1001"}], "Invalid dataFilter[1]: Range (Pool!A1001) exceeds grid limits."),
        ([{"gridRange": {"sheetId": 99}}], "Invalid dataFilter[0]: No grid with id: 99"),
        ([{"a1": "A1"}], "Invalid JSON payload received. Unknown name \"a1\" at 'data_filters[0]'"),
    ],
)
async def test_refused_filters(bench: Bench, kind: str, filters: Any, words: str) -> None:
    """A filter that names nothing is named by its index, and nothing is done."""
    assert (await refused(bench, kind, {"dataFilters": filters})).startswith(words)
    assert [["a", "", "c"], [], ["d"]] == (await bench.get("Pool"))["values"]


async def test_refused_writes(bench: Bench) -> None:
    """Values larger than the range refuse the whole call."""
    good = {"dataFilter": ROW_1, "values": [["x"]]}
    large = {"dataFilter": ROW_1, "values": [["x"], ["y"]]}
    words = await refused(bench, "Update", {"valueInputOption": "RAW", "data": [good, large]})
    within = "Requested writing within range [Pool!A1:Z1], but tried writing to row [2]"
    assert f"Invalid data[1]: {within}" == words
    assert [["a", "", "c"], [], ["d"]] == (await bench.get("Pool"))["values"]
