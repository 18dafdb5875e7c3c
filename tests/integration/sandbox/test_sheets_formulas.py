"""Formulas: what they come to and how they are shown."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import Bench, running_sheets

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
