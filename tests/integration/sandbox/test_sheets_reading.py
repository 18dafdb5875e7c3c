"""values.get, values:batchGet and spreadsheets.get, as Google answers them."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from sheets_bench import BOOK, Bench, running_sheets


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        yield bench


async def test_a_range_is_bounded_and_its_tails_dropped(bench: Bench) -> None:
    """Inner gaps are "", inner empty rows [], tails are gone; the range is echoed in full."""
    expected = {"range": "Pool!A1:Z1000", "majorDimension": "ROWS", "values": [["a", "", "c"], [], ["d"]]}
    assert await bench.get("Pool") == expected
    assert await bench.get("'Pool'!A1:AA2000") == expected


async def test_nothing_there_means_no_values_key(bench: Bench) -> None:
    """proto3 JSON leaves an empty list out."""
    assert await bench.get("Pool!F5:G9") == {"range": "Pool!F5:G9", "majorDimension": "ROWS"}


async def test_columns_first(bench: Bench) -> None:
    """Under COLUMNS the same holds by column."""
    answer = await bench.get("Pool!A1:D3", majorDimension="COLUMNS")
    assert answer == {
        "range": "Pool!A1:D3",
        "majorDimension": "COLUMNS",
        "values": [["a", "", "d"], [], ["c"]],
    }


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("A1", "Pool!A1"),
        ("A1:A1", "Pool!A1"),
        ("pool!b2:A1", "Pool!A1:B2"),
        ("'Pool'!2:3", "Pool!A2:Z3"),
        ("Pool!A999:A", "Pool!A999:A1000"),
        ("Pool!R1C1:R2C2", "Pool!A1:B2"),
        ("My sheet!A1:B2", "'My sheet'!A1:B2"),
        ("'My sheet'", "'My sheet'!A1:B2"),
        ("'bob''s'!A:A", "'Bob''s'!A1:A2"),
        ("'A1'", "'A1'!A1:B2"),
        ("Лист!B1", "'Лист'!B1"),
    ],
)
async def test_ranges_find_their_sheet(bench: Bench, asked: str, echoed: str) -> None:
    """Titles in any case, quoted or not; the echo is Google's."""
    small = {"rowCount": 2, "columnCount": 2}
    titles = ["My sheet", "Bob's", "A1", "Лист"]
    await bench.put_book({"title": "Pool"}, *({"title": title, **small} for title in titles))
    assert (await bench.get(asked))["range"] == echoed


@pytest.mark.parametrize(
    "text", ["Nobody!A1", "Pool!B", "Pool!", "Pool!A0", "Pool!A1:[5", "Nobody", "B", " A1"]
)
async def test_unparsable_ranges(bench: Bench, text: str) -> None:
    """An unknown sheet and a broken range are the same 400, with the text as it was sent."""
    refusal = await bench.refused("GET", f"/values/{quote(text, safe='')}")
    assert refusal == (400, "INVALID_ARGUMENT", f"Unable to parse range: {text}")


async def test_a_start_past_the_grid_is_refused_for_the_whole_call(bench: Bench) -> None:
    """batchGet refuses everything if one range begins outside."""
    params = [("ranges", "Pool!A1"), ("ranges", "Pool!A1001:B1002")]
    refusal = await bench.refused("GET", "/values:batchGet", params=params)
    message = "Range (Pool!A1001:B1002) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refusal == (400, "INVALID_ARGUMENT", message)


async def test_batch_get_answers_in_order(bench: Bench) -> None:
    """One ValueRange for each range asked for."""
    answer = await bench.ok("GET", "/values:batchGet", params=[("ranges", "'Pool'!3:3"), ("ranges", "A1:C1")])
    assert answer == {
        "spreadsheetId": BOOK,
        "valueRanges": [
            {"range": "Pool!A3:Z3", "majorDimension": "ROWS", "values": [["d"]]},
            {"range": "Pool!A1:C1", "majorDimension": "ROWS", "values": [["a", "", "c"]]},
        ],
    }


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, ["x", "1", "2.5", "TRUE", "2026-11-22"]),
        ({"valueRenderOption": "FORMATTED_VALUE"}, ["x", "1", "2.5", "TRUE", "2026-11-22"]),
        ({"valueRenderOption": "UNFORMATTED_VALUE"}, ["x", 1, 2.5, True, 46348]),
        ({"valueRenderOption": "FORMULA"}, ["x", 1, 2.5, True, 46348]),
        (
            {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"},
            ["x", 1, 2.5, True, "2026-11-22"],
        ),
    ],
)
async def test_render_options(bench: Bench, options: dict[str, str], values: list[object]) -> None:
    """Numbers, booleans and dates are typed or texts, as asked for."""
    await bench.put_book(
        {"title": "Pool", "values": [["x", 1, 2.5, True, 46348]], "formats": {"E1:E9": "DATE"}}
    )
    assert (await bench.get("Pool", **options))["values"] == [values]


async def test_the_spreadsheet_itself(bench: Bench) -> None:
    """Properties of the book and its sheets, as spreadsheets.get without grid data gives them."""
    answer = await bench.ok("GET", "", params={"includeGridData": "false"})
    grid = {"rowCount": 1000, "columnCount": 26}
    assert answer["sheets"] == [
        {
            "properties": {
                "sheetId": 0,
                "title": "Pool",
                "index": 0,
                "sheetType": "GRID",
                "gridProperties": grid,
            }
        }
    ]
    assert (answer["spreadsheetId"], answer["properties"]["title"]) == (BOOK, "Desk")
    assert list(await bench.ok("GET", "", params={"fields": "sheets(properties.title),spreadsheetId"})) == [
        "spreadsheetId",
        "sheets",
    ]


async def test_unknown_query_parameters(bench: Bench) -> None:
    """A parameter that the method does not have is refused by name."""
    status, body = await bench.api("GET", "/values/A1", params={"majorDimensions": "ROWS"})
    message = (
        'Invalid JSON payload received. Unknown name "majorDimensions": Cannot bind query parameter. '
        "Field 'majorDimensions' could not be found in request message."
    )
    violations = [{"description": message}]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
    error = {"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": details}
    assert (status, body) == (400, {"error": error})


async def test_unknown_enum_values(bench: Bench) -> None:
    """An option that does not exist is named with its type."""
    refusal = await bench.refused("GET", "/values/A1", params={"valueRenderOption": "PRETTY"})
    kind = "type.googleapis.com/google.apps.sheets.v4.ValueRenderOption"
    assert refusal[2] == f"Invalid value at 'value_render_option' ({kind}), \"PRETTY\""


async def test_too_long_a_url(bench: Bench) -> None:
    """A request line over 8,190 bytes is a 414 page; one of 8,190 is served."""
    path = f"{bench.url}/v4/spreadsheets/{BOOK}/values/A1?quotaUser="
    overhead = len(f"GET {path.removeprefix(bench.url)} HTTP/1.1")
    async with bench.client.get(path + "x" * (8190 - overhead)) as response:
        assert response.status == 200
    async with bench.client.get(path + "x" * (8191 - overhead)) as response:
        assert (response.status, response.content_type) == (414, "text/html")


async def test_answers_are_utf8_json(bench: Bench) -> None:
    """The content type is Google's, Cyrillic comes back as it was."""
    await bench.put_book({"title": "Pool", "values": [["Привет"]]})
    async with bench.client.get(f"{bench.url}/v4/spreadsheets/{BOOK}/values/A1") as response:
        assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
        assert (await response.json())["values"] == [["Привет"]]
