"""Formulas: what they come to, how they are shown, and how they follow their cells."""

import time
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


# -- what they come to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+1", 2),
        ("=4/2", 2),
        ("= 1 + 2 * 3 ", 7),
        ("=(1+2)*3", 9),
        ("=2-3-4", -5),
        ("=2^3", 8),
        ("=-2^2", 4),
        ("=50%*4", 2),
        ("=1.5e1+.5", 15.5),
        ("=A1+B1", 3),
        ("=$A$1*a1", 1),
        ("=A1", 1),
        ("=C1", "text"),
        ("=D1", ""),
        ("=D1+1", 1),
        ("=E1+1", 2),
        ("=F1*2", 8),
        ('="5"+1', 6),
        ('="a ""b"""', 'a "b"'),
        ("=TRUE", True),
        ("=SUM(A1:C1)", 3),
        ("=SUM(A1,B1,10)", 13),
        ("=sum(A:B;1)", 10),
        ("=SUM(1:1)", 3),
        ("=SUM(A1:A)", 4),
        ("=SUM(B2:A1)", 9),
        ("='My log'!B1/2", 10),
        ("=SUM('my log'!1:1)", 30),
        ("=TODAY()-1", 46343),
        ("=1/0", "#DIV/0!"),
        ("=A1/D1", "#DIV/0!"),
        ("=C1+1", "#VALUE!"),
        ("=A1:B1+1", "#VALUE!"),
        ('=SUM("x")', "#VALUE!"),
        ("=NOPE(1)", "#NAME?"),
        ("=foo", "#NAME?"),
        ("=AA1", "#REF!"),
        ("=Nobody!A1", "#REF!"),
        ("=#REF!+1", "#REF!"),
        ("=10^999", "#NUM!"),
        ("=SUM()", "#N/A"),
        ("=1+", "#ERROR!"),
        ("=(1", "#ERROR!"),
        ("=1 1", "#ERROR!"),
        ("=?", "#ERROR!"),
        ("=" + "(" * 20_000, "#ERROR!"),
    ],
)
async def test_results(bench: Bench, formula: str, value: Any) -> None:
    """Arithmetic, references, SUM and TODAY, and the usual error values."""
    await bench.put("A1", [[1, 2, "text", "", True, "4"], [3, 3]])
    await enter(bench, "D5", [formula, "end"])
    [[result, _]] = await shown(bench, "D5:E5", "UNFORMATTED_VALUE")
    assert (value, type(value)) == (result, type(result))


async def test_circles(bench: Bench) -> None:
    """Formulas that need each other come to #REF!, and so does what needs them."""
    await enter(bench, "A1", ["=B1", "=A1+1", "=B1*2", "=D1", "=SUM(E1:F1)"])
    assert [["#REF!"] * 5] == await shown(bench, "A1:E1")


async def test_long_chains(bench: Bench) -> None:
    """Five thousand formulas, each on the one below it."""
    chain = [[f"=A{row + 1}+1"] for row in range(1, 5000)]
    await bench.put_book({"title": "Pool", "rowCount": 5000})
    await enter(bench, "A1", *chain, [1])
    assert [["5000"]] == await shown(bench, "A1")


async def test_results_follow_their_cells_and_the_day(bench: Bench) -> None:
    """Every read calculates anew."""
    await enter(bench, "A1", [1, "=A1*2", "=TODAY()"])
    assert [["1", "2", "11/18/2026"]] == await shown(bench, "A1:C1")
    await bench.edit({"kind": "cell", "cell": "A1", "value": 5})
    bench.clock.now += 86_400
    assert [["5", "10", "11/19/2026"]] == await shown(bench, "A1:C1")
    answer = await bench.put("A1", [[6]], includeValuesInResponse="true")
    assert [["6"]] == answer["updatedData"]["values"]
    assert [["12"]] == await shown(bench, "B1")


async def test_the_day_is_that_of_the_time_zone(bench: Bench) -> None:
    """East of Greenwich it is tomorrow already."""
    await enter(bench, "A1", ["=TODAY()"])
    properties = {"properties": {"timeZone": "Pacific/Kiritimati"}, "fields": "timeZone"}
    body = {"requests": [{"updateSpreadsheetProperties": properties}]}
    await bench.ok("POST", ":batchUpdate", json=body)
    assert [["11/19/2026"]] == await shown(bench, "A1")


async def test_results_look_like_their_cells(bench: Bench) -> None:
    """Days stay days, percents percents and dollars dollars; the difference of two days is a number."""
    await enter(bench, "A1", ["2020-01-01", "50%", "$1,000.50", "2020-01-31"])
    await enter(bench, "A2", ["=A1+1", "=B1/2", "=SUM(C1,C1)", "=D1-A1"], ["=A1*2", "=1/3"])
    assert [["2020-01-02", "25%", "$2,001.00", "30"]] == await shown(bench, "A2:D2")
    assert [["87662", "0.3333333333"]] == await shown(bench, "A3:B3")


async def test_texts_of_formulas(bench: Bench) -> None:
    """FORMULA shows them as typed; RAW texts that look like one never run; writing over one ends it."""
    await enter(bench, "A1", ["= sum( B1:C1 )", 1, 2])
    await bench.put("A2", [["=1+1"]])
    assert [["= sum( B1:C1 )", 1, 2], ["=1+1"]] == await formulas(bench)
    assert [["3", "1", "2"], ["=1+1"]] == await shown(bench, "Pool")
    await bench.put("A1", [["x"]])
    assert [["x", "1", "2"]] == await shown(bench, "1:1")
    await enter(bench, "A1", ["=B1"])
    await bench.ok("POST", "/values/A1:clear")
    assert [["", "1", "2"]] == await shown(bench, "1:1")


async def test_update_cells_writes_formulas(bench: Bench) -> None:
    """A formulaValue is a formula, a stringValue never is."""
    cells = [{"userEnteredValue": {"formulaValue": "=1+1"}}, {"userEnteredValue": {"stringValue": "=1+1"}}]
    start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
    change = {"updateCells": {"rows": [{"values": cells}], "fields": "userEnteredValue", "start": start}}
    await bench.ok("POST", ":batchUpdate", json={"requests": [change]})
    assert [["2", "=1+1"]] == await shown(bench, "A1:B1")


# -- how they follow --------------------------------------------------------------------------------------------


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


# -- how fast ---------------------------------------------------------------------------------------------------


async def test_plain_cells_cost_nothing_more(bench: Bench) -> None:
    """100,000 rows beside a few formulas: ranges of them are read in the blink of an eye."""
    rows = [[f"10.0.0.1:{row}:user:pass", "", "RU", row] for row in range(100_000)]
    await bench.put_book({"title": "Pool", "values": rows, "formulas": {"E1": "=SUM(D1:D100000)"}})
    assert [["4999950000"]] == await shown(bench, "E1")
    params = [("ranges", f"'Pool'!{row}:{row}") for row in range(99_000, 99_060)]
    started = time.process_time()
    await bench.ok("GET", "/values:batchGet", params=params)
    assert time.process_time() - started < 0.1
