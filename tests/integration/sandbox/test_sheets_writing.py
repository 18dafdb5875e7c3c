"""values.update and values:batchUpdate: what is stored, counted, echoed and refused."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from sheets_bench import BOOK, Bench, running_sheets

LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"
SHEETS = "type.googleapis.com/google.apps.sheets.v4"
NOT_LISTS = (
    f"Invalid value at 'data.values[0]' ({LIST_VALUE}), \"X\"\n"
    f"Invalid value at 'data.values[2]' ({LIST_VALUE}), 3"
)
RAW = {"valueInputOption": "RAW"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        yield bench


async def values_of(bench: Bench) -> Any:
    return (await bench.get("Pool", valueRenderOption="UNFORMATTED_VALUE")).get("values")


async def refused_put(bench: Bench, text: str, values: Any) -> str:
    path = f"/values/{quote(text, safe='')}"
    code, status, message = await bench.refused("PUT", path, params=RAW, json={"values": values})
    assert (code, status) == (400, "INVALID_ARGUMENT")
    return message


async def refused_batch(bench: Bench, body: Any) -> str:
    code, status, message = await bench.refused("POST", "/values:batchUpdate", json=body)
    assert (code, status) == (400, "INVALID_ARGUMENT")
    return message


async def test_raw_stores_as_sent(bench: Bench) -> None:
    """Formulas, leading zeros and pluses stay text; numbers and booleans stay typed."""
    row = ["=1+1", "007", "+7900", 5, 2.5, True, "TRUE"]
    answer = await bench.put("Pool!A1", [row])
    assert answer == {
        "spreadsheetId": BOOK,
        "updatedRange": "Pool!A1:G1",
        "updatedRows": 1,
        "updatedColumns": 7,
        "updatedCells": 7,
    }
    stored = (await values_of(bench))[0]
    assert (stored, [type(value) for value in stored]) == (row, [type(value) for value in row])


async def test_null_skips_and_empty_text_clears(bench: Bench) -> None:
    """null leaves a cell and is not counted; "" empties it and counts."""
    answer = await bench.put("Pool!A1:C1", [["", None, "z"]])
    assert (answer["updatedRange"], answer["updatedCells"], answer["updatedColumns"]) == ("Pool!A1:C1", 2, 2)
    assert (await values_of(bench))[0] == ["", "", "z"]


async def test_counts_are_of_cells_really_written(bench: Bench) -> None:
    """A 6 × 4 block of nulls but two corners: range A1:D6, 2 rows, 2 columns, 2 cells."""
    block: list[list[Any]] = [[None] * 4 for _ in range(6)]
    block[0][0] = block[5][3] = "x"
    answer = await bench.put("Pool!A1", block)
    counts = [answer[name] for name in ("updatedRange", "updatedRows", "updatedColumns", "updatedCells")]
    assert counts == ["Pool!A1:D6", 2, 2, 2]
    assert await bench.put("Pool!A1", [[None]]) == {"spreadsheetId": BOOK, "updatedRange": "Pool!A1"}


async def test_the_updated_range_is_that_of_the_values(bench: Bench) -> None:
    """A1:B2 with one row is A1:B1; a short row's missing tail is not counted."""
    assert (await bench.put("Pool!A1:B2", [["x", "y"]]))["updatedRange"] == "Pool!A1:B1"
    answer = await bench.put("Pool!A1", [["x", "y", "z"], ["x"]])
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Pool!A1:C2", 4)


async def test_columns_first(bench: Bench) -> None:
    """majorDimension COLUMNS writes down the columns, and shows the values that way."""
    body = {"values": [["1", "2"], ["3"]], "majorDimension": "COLUMNS"}
    answer = await bench.ok("PUT", "/values/A5", params=RAW | {"includeValuesInResponse": "true"}, json=body)
    data = {"range": "Pool!A5:B6", "majorDimension": "COLUMNS", "values": [["1", "2"], ["3"]]}
    assert (answer["updatedCells"], answer["updatedData"]) == (3, data)
    assert (await bench.get("A5:B6"))["values"] == [["1", "3"], ["2"]]


async def test_a_row_written_in_one_cell_comes_back_whole(bench: Bench) -> None:
    """With includeValuesInResponse the answer shows the whole range asked for, formatted by default."""
    await bench.put_book({"title": "Pool", "columnCount": 6, "values": [[], ["h:1:u:p", 3, "", "", "beboo"]]})
    data = {"range": "'Pool'!2:2", "values": [[None, None, None, None, None, "beboo @anna #k3f9x2qa"]]}
    answer = await bench.batch(data, includeValuesInResponse=True)
    row = ["h:1:u:p", "3", "", "", "beboo", "beboo @anna #k3f9x2qa"]
    assert answer == {
        "spreadsheetId": BOOK,
        "totalUpdatedRows": 1,
        "totalUpdatedColumns": 1,
        "totalUpdatedCells": 1,
        "totalUpdatedSheets": 1,
        "responses": [
            {
                "spreadsheetId": BOOK,
                "updatedRange": "Pool!A2:F2",
                "updatedRows": 1,
                "updatedColumns": 1,
                "updatedCells": 1,
                "updatedData": {"range": "Pool!A2:F2", "majorDimension": "ROWS", "values": [row]},
            }
        ],
    }
    typed = await bench.batch(
        data, includeValuesInResponse=True, responseValueRenderOption="UNFORMATTED_VALUE"
    )
    assert typed["responses"][0]["updatedData"]["values"][0][1] == 3


async def test_totals_count_distinct_rows_and_columns(bench: Bench) -> None:
    """A1:D1 and A4:D4: 2 rows, 4 columns, 8 cells, 1 sheet."""
    row = [["x"] * 4]
    answer = await bench.batch({"range": "A1:D1", "values": row}, {"range": "A4:D4", "values": row})
    names = ("totalUpdatedRows", "totalUpdatedColumns", "totalUpdatedCells", "totalUpdatedSheets")
    assert [answer[name] for name in names] == [2, 4, 8, 1]
    again = await bench.batch({"range": "A1:D1", "values": row}, {"range": "A1:D1", "values": row})
    assert [again[name] for name in names] == [1, 4, 8, 1]


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("Pool!A1:B2", [["x"] * 3], "Requested writing within range [Pool!A1:B2], but tried writing to column [C]"),
        ("Pool!A1:B2", [["x"]] * 3, "Requested writing within range [Pool!A1:B2], but tried writing to row [3]"),
        ("Pool!5:6", [["x"]] * 3, "Requested writing within range [Pool!A5:Z6], but tried writing to row [7]"),
        ("Pool!A1001", [["x"]], "Range (Pool!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("Pool!Y1", [["x"] * 3], "Range (Pool!Y1:AA1) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("Pool!A1:AA1", [["x"]], "Range (Pool!A1:AA1) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("Pool!A:AA", [["x"]], "Range (Pool!A:AA) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("Nobody!A1", [["x"]], "Unable to parse range: Nobody!A1"),
        ("A1", [["x" * 50_001]], "Your input contains more than the maximum of 50000 characters in a single cell."),
        ("A1", "X", f"Invalid value at 'data.values' ({LIST_VALUE}), \"X\""),
        ("Nobody!A1", "X", f"Invalid value at 'data.values' ({LIST_VALUE}), \"X\""),
        ("A1", ["X", ["y"], 3], NOT_LISTS),
        ("A1", [["x", {"y": 1}]], "Invalid values[0][1]: struct_value {\n}\n"),
        ("A1", [["x"], [["y"]]], "Invalid values[1][0]: list_value {\n}\n"),
    ],
)  # fmt: skip
async def test_refused_updates_change_nothing(bench: Bench, text: str, values: Any, message: str) -> None:
    """Each refusal has Google's words, and nothing of the request is applied."""
    before = await values_of(bench)
    assert await refused_put(bench, text, values) == message
    assert await values_of(bench) == before


async def test_a_cell_holds_50000_characters(bench: Bench) -> None:
    """The limit itself is allowed."""
    await bench.put("A1", [["x" * 50_000]])
    assert len((await values_of(bench))[0][0]) == 50_000


async def test_one_bad_range_refuses_the_whole_batch(bench: Bench) -> None:
    """The culprit is named by its index; the good ranges are not written."""
    before = await values_of(bench)
    good = {"range": "A1", "values": [["new"]]}
    bad = {"range": "Pool!A2000", "values": [["x"]]}
    message = await refused_batch(bench, {**RAW, "data": [good, bad]})
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    assert message == f"Invalid data[1]: Range (Pool!A2000) {limits}"
    assert await values_of(bench) == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"data": []}, "'valueInputOption' is required but not specified"),
        (
            {"valueInputOption": "INPUT_VALUE_OPTION_UNSPECIFIED"},
            "'valueInputOption' is required but not specified",
        ),
        (
            {"valueInputOption": "COOKED"},
            f"Invalid value at 'value_input_option' ({SHEETS}.ValueInputOption), \"COOKED\"",
        ),
        (
            {**RAW, "colour": 1},
            'Invalid JSON payload received. Unknown name "colour": Cannot find field.',
        ),
        (
            {**RAW, "data": [{"range": "A1"}, {"rage": "A1"}]},
            "Invalid JSON payload received. Unknown name \"rage\" at 'data[1]': Cannot find field.",
        ),
        (
            {**RAW, "data": [{"range": "A1", "values": "X"}]},
            f"Invalid value at 'data[0].values' ({LIST_VALUE}), \"X\"",
        ),
        (
            {**RAW, "data": [{"range": "A1", "majorDimension": "DIAGONAL"}]},
            f"Invalid value at 'data[0].major_dimension' ({SHEETS}.Dimension), \"DIAGONAL\"",
        ),
        (
            {**RAW, "includeValuesInResponse": "yes"},
            "Invalid value at 'include_values_in_response' (TYPE_BOOL), \"yes\"",
        ),
        ([1], "Invalid JSON payload received. Root element must be a message."),
    ],
)
async def test_malformed_batches(bench: Bench, body: Any, message: str) -> None:
    """What does not fit the schema is refused before any range is looked at."""
    assert await refused_batch(bench, body) == message


async def test_broken_json(bench: Bench) -> None:
    """A cut-off or non-standard body is a 400 with details; a whole surrogate pair is fine."""
    for raw in (b'{"valueInputOption": "RAW"', b'{"data": NaN}', b"\xff", b'{"data": ["\\ud83d"]}'):
        status, body = await bench.api("POST", "/values:batchUpdate", data=raw)
        assert status == 400
        assert body["error"]["message"].startswith("Invalid JSON payload received. Unexpected token.")
        assert body["error"]["details"][0]["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    await bench.ok("PUT", "/values/A1", params=RAW, data=b'{"values": [["\\ud83d\\ude00"]]}')
    assert (await values_of(bench))[0][0] == "😀"


async def test_update_needs_an_input_option(bench: Bench) -> None:
    """values.update without valueInputOption is refused."""
    refusal = await bench.refused("PUT", "/values/A1", json={"values": [["x"]]})
    assert refusal == (400, "INVALID_ARGUMENT", "'valueInputOption' is required but not specified")


async def test_a_range_in_the_body_must_be_that_of_the_path(bench: Bench) -> None:
    """Two different ranges are refused; the same one and null are fine."""
    body = {"range": "A2", "values": [["x"]], "majorDimension": None}
    refusal = await bench.refused("PUT", "/values/A1", params=RAW, json=body)
    assert refusal[2] == "Request range[A1] does not match value's range[A2]"
    await bench.ok("PUT", "/values/A2", params=RAW | {"includeValuesInResponse": "False"}, json=body)
    await bench.ok("PUT", "/values/A2", params=RAW, json=body | {"range": None})


async def test_protected_cells(bench: Bench) -> None:
    """A write into a protected range is refused, one beside it or skipping it is not; people can lift it."""
    await bench.edit({"kind": "protect", "range": "F:F"})
    row = {"range": "'Pool'!2:2", "values": [[None] * 5 + ["x"]]}
    sentence = (
        "You are trying to edit a protected cell or object. "
        "Please contact the spreadsheet owner to remove protection if you need to edit."
    )
    assert await refused_batch(bench, {**RAW, "data": [row]}) == f"Invalid data[0]: {sentence}"
    assert await refused_put(bench, "F1", [["x"]]) == sentence
    await bench.put("A2:G2", [["x", None, None, None, None, None, "y"]])
    await bench.edit({"kind": "unprotect", "range": "F:F"})
    await bench.batch(row)
