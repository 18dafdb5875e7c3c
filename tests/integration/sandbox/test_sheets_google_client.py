"""The second witness: google-api-python-client with its own description of the API, against the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from sheets_bench import BOOK, Bench, running_sheets
from test_sheets_gspread import LocalCredentials

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
RAW, ENTERED = "RAW", "USER_ENTERED"


async def with_client(bench: Bench, use: Callable[[Any], Any], account: str = "quartermaster") -> Any:
    """Run a blocking use of `spreadsheets()` in a thread."""

    def run() -> Any:
        info = bench.world.make_service_account(bench.url + "/token", account)
        credentials = LocalCredentials.from_service_account_info(info, scopes=[SCOPE])
        endpoint = {"api_endpoint": bench.url}
        service = build(
            "sheets", "v4", credentials=credentials, client_options=endpoint, static_discovery=True
        )
        with service:
            return use(service.spreadsheets())

    return await asyncio.to_thread(run)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets(auth=True, quota=True, clock=time.time) as bench:
        yield bench


async def test_values(bench: Bench) -> None:
    """get, update, batchGet, batchUpdate, append, clear and batchClear answer as the client expects."""

    def use(spreadsheets: Any) -> Any:
        values = spreadsheets.values()

        def done(method: str, **arguments: Any) -> Any:
            return getattr(values, method)(spreadsheetId=BOOK, **arguments).execute()

        row = {"values": [["=1+1", "5%", 3]]}
        more = {"valueInputOption": RAW, "data": [{"range": "A6", "values": [["x"]]}]}
        last = {"values": [["y", True]]}
        return [
            done("get", range="Pool!A1:C3"),
            done("update", range="A5", valueInputOption=ENTERED, includeValuesInResponse=True, body=row),
            done("batchUpdate", body=more)["totalUpdatedCells"],
            done("append", range="A5", valueInputOption=RAW, insertDataOption="INSERT_ROWS", body=last),
            done("batchGet", ranges=["A5:C7"], valueRenderOption="FORMULA")["valueRanges"][0]["values"],
            done("clear", range="A7:Z7", body={})["clearedRange"],
            done("batchClear", body={"ranges": ["A1", "A6"]})["clearedRanges"],
            done("get", range="Pool!A1:C", majorDimension="COLUMNS").get("values"),
        ]

    first, updated, cells, appended, formulas, cleared, both, left = await with_client(bench, use)
    assert [["a", "", "c"], [], ["d"]] == first["values"]
    assert [["2", "5%", "3"]] == updated["updatedData"]["values"]
    assert (1, "Pool!A5:C6", "Pool!A7:B7") == (
        cells,
        appended["tableRange"],
        appended["updates"]["updatedRange"],
    )
    assert [["=1+1", 0.05, 3], ["x"], ["y", True]] == formulas
    assert ("Pool!A7:Z7", ["Pool!A1", "Pool!A6"]) == (cleared, both)
    assert [["", "", "d", "", "2"], ["", "", "", "", "5%"], ["c", "", "", "", "3"]] == left


async def test_data_filters(bench: Bench) -> None:
    """Reads, writes and clears by filters, ranges and boxes alike."""
    box = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    filters = [{"gridRange": box}, {"a1Range": "Pool!A1:C1"}]

    def use(spreadsheets: Any) -> Any:
        values = spreadsheets.values()
        read = values.batchGetByDataFilter(spreadsheetId=BOOK, body={"dataFilters": filters}).execute()
        data = [{"dataFilter": filters[0], "majorDimension": "ROWS", "values": [["e", "f"]]}]
        body = {"valueInputOption": RAW, "data": data}
        written = values.batchUpdateByDataFilter(spreadsheetId=BOOK, body=body).execute()
        wiped = {"dataFilters": filters[1:]}
        cleared = values.batchClearByDataFilter(spreadsheetId=BOOK, body=wiped).execute()
        return read, written, cleared, values.get(spreadsheetId=BOOK, range="Pool").execute()

    read, written, cleared, left = await with_client(bench, use)
    assert ["Pool!A1:C1", "Pool!A3:B3"] == [each["valueRange"]["range"] for each in read["valueRanges"]]
    assert ("Pool!A3:B3", filters[0]) == (
        written["responses"][0]["updatedRange"],
        written["responses"][0]["dataFilter"],
    )
    assert (["Pool!A1:C1"], [[], [], ["e", "f"]]) == (cleared["clearedRanges"], left["values"])


async def test_rows_are_found_by_their_metadata(bench: Bench) -> None:
    """A row that a program has marked is found again after people have inserted rows above it."""
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    location = {"dimensionRange": place}
    written = {"metadataKey": "mine", "visibility": "PROJECT", "location": location}
    filters = [{"developerMetadataLookup": {"metadataKey": "mine"}}]

    def mark(spreadsheets: Any) -> Any:
        body = {"requests": [{"createDeveloperMetadata": {"developerMetadata": written}}]}
        return spreadsheets.batchUpdate(spreadsheetId=BOOK, body=body).execute()

    def read(spreadsheets: Any) -> Any:
        values = spreadsheets.values()
        return values.batchGetByDataFilter(spreadsheetId=BOOK, body={"dataFilters": filters}).execute()

    [reply] = (await with_client(bench, mark))["replies"]
    assert "ROW" == reply["createDeveloperMetadata"]["developerMetadata"]["location"]["locationType"]
    await bench.edit({"kind": "insert_rows", "at": 1, "count": 2})
    [found] = (await with_client(bench, read))["valueRanges"]
    assert ("Pool!A5:Z5", [["d"]]) == (found["valueRange"]["range"], found["valueRange"]["values"])


async def test_structure(bench: Bench) -> None:
    """One batchUpdate makes a sheet, fills, sorts, hides and protects; the answer has a reply for each."""
    await bench.put_book({"title": "Pool", "values": [["b", 1], ["a", 2], ["gone"]]})
    rows = {"sheetId": 0, "dimension": "ROWS"}
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    properties = {"sheetId": 7, "hidden": True, "gridProperties": {"frozenRowCount": 1}}
    requests = [
        {"addSheet": {"properties": {"title": "Log", "sheetId": 7}}},
        {
            "updateSheetProperties": {
                "properties": properties,
                "fields": "hidden,gridProperties.frozenRowCount",
            }
        },
        {"deleteDimension": {"range": {**rows, "startIndex": 2, "endIndex": 3}}},
        {"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}},
        {"insertDimension": {"range": {**rows, "startIndex": 0, "endIndex": 1}, "inheritFromBefore": False}},
        {"moveDimension": {"source": {**rows, "startIndex": 1, "endIndex": 2}, "destinationIndex": 3}},
        {"appendDimension": {**rows, "length": 5}},
        {"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}},
        {"updateSpreadsheetProperties": {"properties": {"title": "New"}, "fields": "title"}},
    ]

    def use(spreadsheets: Any) -> Any:
        answer = spreadsheets.batchUpdate(spreadsheetId=BOOK, body={"requests": requests}).execute()
        told = spreadsheets.get(spreadsheetId=BOOK, includeGridData=False).execute()
        return answer, told, spreadsheets.values().get(spreadsheetId=BOOK, range="Pool").execute()

    answer, told, values = await with_client(bench, use)
    assert (len(requests), "Log") == (
        len(answer["replies"]),
        answer["replies"][0]["addSheet"]["properties"]["title"],
    )
    assert [[], ["b", "1"], ["a", "2"]] == values["values"]
    pool, log = told["sheets"]
    assert ("New", 1005, True) == (
        told["properties"]["title"],
        pool["properties"]["gridProperties"]["rowCount"],
        pool["protectedRanges"][0]["warningOnly"],
    )
    assert (True, 1) == (log["properties"]["hidden"], log["properties"]["gridProperties"]["frozenRowCount"])


async def test_refusals_are_http_errors(bench: Bench) -> None:
    """The client reads code, reason and details out of the bodies."""

    def refused(request: Any) -> Any:
        with pytest.raises(HttpError) as error:
            request.execute()
        return error.value.status_code, error.value.reason

    def use(spreadsheets: Any) -> Any:
        values = spreadsheets.values()
        requests = {"requests": [{"deleteSheet": {"sheetId": 0}}]}
        nested = {"values": ["x"]}
        return [
            refused(values.get(spreadsheetId="nothing", range="A1")),
            refused(values.get(spreadsheetId=BOOK, range="Pool!A1001")),
            refused(values.append(spreadsheetId=BOOK, range="Nobody", valueInputOption=RAW, body={})),
            refused(values.update(spreadsheetId=BOOK, range="A1", valueInputOption=RAW, body=nested)),
            refused(spreadsheets.batchUpdate(spreadsheetId=BOOK, body=requests)),
        ]

    limits = "Max rows: 1000, max columns: 26"
    kind = "type.googleapis.com/google.protobuf.ListValue"
    assert [
        (404, "Requested entity was not found."),
        (400, f"Range (Pool!A1001) exceeds grid limits. {limits}"),
        (400, "Unable to parse range: Nobody"),
        (400, f"Invalid value at 'data.values[0]' ({kind}), \"x\""),
        (400, "Invalid requests[0].deleteSheet: You can't remove all the sheets in a document."),
    ] == await with_client(bench, use)


async def test_a_long_read_is_sent_as_a_post(bench: Bench) -> None:
    """Over 2,048 characters the client puts the query into the body of a POST that says it is a GET."""
    ranges = [f"'Pool'!A{row}:Z{row}" for row in range(1, 801)]

    def use(spreadsheets: Any) -> Any:
        return spreadsheets.values().batchGet(spreadsheetId=BOOK, ranges=ranges).execute()

    answer = await with_client(bench, use)
    assert (800, [["a", "", "c"]]) == (len(answer["valueRanges"]), answer["valueRanges"][0]["values"])
    assert {"values.batchGet": 1} == (await bench.control("GET", "/counters"))["methods"]
    async with bench.client.post(f"{bench.url}/v4/spreadsheets/{BOOK}/values:batchGet") as response:
        assert 404 == response.status


async def test_a_stranger_is_refused(bench: Bench) -> None:
    """An account that the book is not shared with gets a 403."""

    def use(spreadsheets: Any) -> Any:
        with pytest.raises(HttpError) as error:
            spreadsheets.get(spreadsheetId=BOOK).execute()
        return error.value.status_code, error.value.reason

    assert (403, "The caller does not have permission") == await with_client(bench, use, account="stranger")
