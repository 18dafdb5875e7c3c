"""The control side: books, people's edits, hooks, counters, the log, and a world that persists."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

from sandbox.sheets.world import SheetsWorld

POOL = [["proxy", "used_for"], ["p3", "x"], ["p1", "y"], ["p2", ""]]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        await bench.put_book({"title": "Pool", "values": POOL}, {"title": "Log"})
        yield bench


async def rows(bench: Bench, sheet: str = "Pool") -> Any:
    return (await bench.get(f"'{sheet}'", valueRenderOption="UNFORMATTED_VALUE")).get("values")


async def test_books_are_listed_and_dumped(bench: Bench) -> None:
    """A dump shows all values; the list shows each book with its revision."""
    listed = (await bench.control("GET", "/spreadsheets"))["spreadsheets"]
    assert [(book["id"], book["title"], book["revision"]) for book in listed] == [(BOOK, "Desk", 0)]
    dump = await bench.control("GET", f"/spreadsheets/{BOOK}")
    assert [(sheet["title"], sheet["values"], sheet["rowCount"]) for sheet in dump["sheets"]] == [
        ("Pool", POOL, 1000),
        ("Log", [], 1000),
    ]
    status, _ = await bench.call("GET", "/sandbox/spreadsheets/nothing")
    assert status == 404


async def test_a_deleted_book_is_not_found_any_more(bench: Bench) -> None:
    """Clients are refused as Google refuses them, people hear that there is none, and the other books stay."""
    await bench.put_book({"title": "Pool"}, book="another")
    assert "Desk" == (await bench.control("DELETE", f"/spreadsheets/{BOOK}"))["title"]
    assert (404, "NOT_FOUND", "Requested entity was not found.") == await bench.refused("GET", "/values/A1")
    assert 404 == (await bench.call("DELETE", f"/sandbox/spreadsheets/{BOOK}"))[0]
    left = (await bench.control("GET", "/spreadsheets"))["spreadsheets"]
    assert ["another"] == [book["id"] for book in left]


async def test_the_grid_grows_to_fit_loaded_values(bench: Bench) -> None:
    """1000 × 26 unless said otherwise or too small."""
    await bench.put_book({"title": "Pool", "values": [["x"] * 30]}, {"title": "Small", "rowCount": 2})
    properties = [sheet["properties"] for sheet in (await bench.ok("GET", ""))["sheets"]]
    assert [sheet["gridProperties"] for sheet in properties] == [
        {"rowCount": 1000, "columnCount": 30},
        {"rowCount": 2, "columnCount": 26},
    ]
    assert properties[0]["sheetId"] != properties[1]["sheetId"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"kind": "cell", "cell": "B4", "value": "z"}, [*POOL[:3], ["p2", "z"]]),
        ({"kind": "cell", "cell": "B2", "value": None}, [POOL[0], ["p3"], *POOL[2:]]),
        ({"kind": "cell", "cell": "C1", "value": 7}, [["proxy", "used_for", 7], *POOL[1:]]),
        ({"kind": "sort", "range": "A2:B4", "column": "A"}, [POOL[0], POOL[2], POOL[3], POOL[1]]),
        (
            {"kind": "sort", "range": "A2:B", "column": "A", "descending": True},
            [POOL[0], POOL[1], POOL[3], POOL[2]],
        ),
        (
            {"kind": "sort", "range": "A2:A4", "column": "A"},
            [POOL[0], ["p1", "x"], ["p2", "y"], ["p3"]],
        ),
        ({"kind": "insert_rows", "at": 2}, [POOL[0], [], *POOL[1:]]),
        ({"kind": "delete_rows", "at": 2, "count": 2}, [POOL[0], POOL[3]]),
        (
            {"kind": "insert_columns", "at": "B", "count": 1},
            [[row[0], "", row[1]] if row[1] else [row[0]] for row in POOL],
        ),
        ({"kind": "delete_columns", "at": "A"}, [["used_for"], ["x"], ["y"]]),
        ({"kind": "move_rows", "from": 2, "count": 1, "to": 5}, [POOL[0], POOL[2], POOL[3], POOL[1]]),
        (
            {"kind": "move_columns", "from": "A", "to": 3},
            [["used_for", "proxy"], ["x", "p3"], ["y", "p1"], ["", "p2"]],
        ),
    ],
)
async def test_human_edits(bench: Bench, edit: dict[str, Any], expected: Any) -> None:
    """Each kind of edit changes the sheet as a person would, and raises the revision."""
    assert await bench.edit(edit) == 1
    trimmed = [
        row[: max((i + 1 for i, value in enumerate(row) if value != ""), default=0)] for row in expected
    ]
    assert await rows(bench) == trimmed


async def test_edits_in_a_list_happen_in_order_on_any_sheet(bench: Bench) -> None:
    """Several edits in one call; `sheet` picks the tab; the revision counts each."""
    revision = await bench.edit(
        {"kind": "cell", "sheet": "Log", "cell": "A1", "value": "one"},
        {"kind": "insert_rows", "sheet": "Log", "at": 1},
        {"kind": "rename_sheet", "sheet": "log", "title": "History"},
    )
    assert revision == 3
    assert await rows(bench, "History") == [[], ["one"]]
    assert (await bench.refused("GET", "/values/Log!A1"))[0] == 400


async def test_the_grid_changes_with_rows_and_columns(bench: Bench) -> None:
    """Inserted rows enlarge the grid, deleted columns shrink it."""
    await bench.edit(
        {"kind": "insert_rows", "at": 1, "count": 5}, {"kind": "delete_columns", "at": 3, "count": 4}
    )
    grid = (await bench.ok("GET", ""))["sheets"][0]["properties"]["gridProperties"]
    assert grid == {"rowCount": 1005, "columnCount": 22}


async def test_a_date_typed_by_a_person_keeps_its_format(bench: Bench) -> None:
    """The format travels with the cell through sorting and insertion, and can be taken away."""
    date = {"kind": "cell", "cell": "C2", "value": 46348, "format": "DATE"}
    await bench.edit(
        date, {"kind": "sort", "range": "A2:C4", "column": "A"}, {"kind": "insert_rows", "at": 1}
    )
    assert (await bench.get("C5"))["values"] == [["2026-11-22"]]
    assert (await bench.get("C5", valueRenderOption="UNFORMATTED_VALUE"))["values"] == [[46348]]
    await bench.edit({"kind": "cell", "cell": "C5", "value": 46348, "format": None})
    assert (await bench.get("C5"))["values"] == [["46348"]]


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "paint"},
        {"kind": "cell", "cell": "B5"},
        {"kind": "cell", "cell": "A:A", "value": 1},
        {"kind": "cell", "cell": "A1001", "value": 1},
        {"kind": "cell", "cell": "A1", "value": {"x": 1}},
        {"kind": "cell", "cell": "A1", "value": 1, "format": "MONEY"},
        {"kind": "cell", "sheet": "Nobody", "cell": "A1", "value": 1},
        {"kind": "insert_rows", "at": 0},
        {"kind": "insert_rows", "at": 1002},
        {"kind": "delete_rows", "at": 1000, "count": 2},
        {"kind": "delete_rows", "at": 1, "count": 1000},
        {"kind": "move_rows", "from": 1, "count": 1, "to": 1002},
        {"kind": "rename_sheet", "title": "Log"},
        {"kind": "rename_sheet", "title": ""},
        {"kind": "sort", "range": "oops", "column": "A"},
        {"kind": "sort", "range": "A1:B2", "column": "?"},
    ],
)
async def test_impossible_edits(bench: Bench, edit: dict[str, Any]) -> None:
    """An edit that cannot be done is a 400 and changes nothing."""
    status, body = await bench.call("POST", f"/sandbox/spreadsheets/{BOOK}/edit", json=edit)
    assert (status, list(body)) == (400, ["error"])
    assert (await rows(bench), bench.world.books[BOOK].revision) == ([*POOL[:3], ["p2"]], 0)


@pytest.mark.parametrize(
    "spec",
    [
        {"title": "x", "colour": "red"},
        {"sheets": [{"name": "Pool"}]},
        {"sheets": [{}]},
        {"sheets": [{"title": "A"}, {"title": "a"}]},
        {"sheets": [{"title": "A", "values": [[{"x": 1}]]}]},
        {"sheets": [{"title": "A", "rowCount": 1_000_000}]},
        {"sheets": [{"title": "A", "formats": {"A1": "MONEY"}}]},
    ],
)
async def test_impossible_books(bench: Bench, spec: dict[str, Any]) -> None:
    """A book that makes no sense is a 400; the old one stays."""
    status, _ = await bench.call("PUT", f"/sandbox/spreadsheets/{BOOK}", json=spec)
    assert status == 400
    assert await rows(bench) == [*POOL[:3], ["p2"]]


async def test_a_hook_edits_in_the_moment_before_a_write(bench: Bench) -> None:
    """A sort between read and write: the write lands in what is now that row."""
    sort = {"kind": "sort", "range": "A2:B4", "column": "A"}
    await bench.control("POST", "/hooks", {"on": "values.batchUpdate", "spreadsheet": BOOK, "edit": [sort]})
    data = {"range": "2:2", "values": [[None, None, "beboo"]]}
    answer = await bench.batch(data, includeValuesInResponse=True)
    assert answer["responses"][0]["updatedData"]["values"] == [["p1", "y", "beboo"]]
    await bench.edit({"kind": "cell", "cell": "A2", "value": "p9"})
    await bench.batch(data)
    assert [row[0] for row in await rows(bench)] == ["proxy", "p9", "p2", "p3"]


async def test_hooks_skip_and_repeat_and_come_after(bench: Bench) -> None:
    """`skip` calls pass, `times` calls meet the edit; "after" shows only in the next answer; refusals pass by."""
    edit = {"kind": "insert_rows", "at": 1}
    hook = {"on": "values.get", "when": "after", "spreadsheet": BOOK, "edit": edit, "times": 2, "skip": 1}
    await bench.control("POST", "/hooks", hook)
    assert (await bench.refused("GET", "/values/Nobody!A1"))[0] == 400
    seen = [(await rows(bench)).index(POOL[0]) for _ in range(5)]
    assert seen == [0, 0, 1, 2, 2]
    assert [hook["hits"] for hook in (await bench.control("GET", "/hooks"))["hooks"]] == [2]
    assert await bench.control("DELETE", "/hooks") == {"hooks": []}


@pytest.mark.parametrize(
    "hook",
    [{"on": "values.get"}, {"on": "lunch", "spreadsheet": BOOK, "edit": []}, {"on": "values.get", "x": 1}],
)
async def test_impossible_hooks(bench: Bench, hook: dict[str, Any]) -> None:
    """A hook on no method is a 400."""
    status, _ = await bench.call("POST", "/sandbox/hooks", json=hook)
    assert status == 400


async def test_counters_and_log(bench: Bench) -> None:
    """Calls are counted by kind, method, status and book; the log keeps the bodies of writes."""
    await bench.put_book({"title": "Pool"}, book="another")
    await bench.control("DELETE", "/counters")
    await bench.get("A1")
    await bench.put("A1", [["=x", None]])
    await bench.refused("GET", "/values:batchGet", params=[("ranges", "A1"), ("ranges", "?")])
    await bench.call("GET", "/v4/spreadsheets/another/values/A1")
    counters = await bench.control("GET", "/counters")
    assert counters == {
        "reads": 3,
        "writes": 1,
        "token_calls": 0,
        "cells_written": 1,
        "methods": {"values.get": 2, "values.update": 1, "values.batchGet": 1},
        "statuses": {"200": 3, "400": 1},
        "spreadsheets": {BOOK: {"reads": 2, "writes": 1}, "another": {"reads": 1, "writes": 0}},
    }
    calls = (await bench.control("GET", "/log"))["calls"][-3:-1]
    common = {"time": bench.clock.now, "spreadsheet": BOOK}
    assert calls == [
        {**common, "method": "values.update", "ranges": 1, "status": 200, "body": {"values": [["=x", None]]}},
        {**common, "method": "values.batchGet", "ranges": 2, "status": 400},
    ]


async def test_the_log_keeps_the_last_thousand(bench: Bench) -> None:
    """Older calls are forgotten."""
    for _ in range(1005):
        await bench.get("A1")
    assert len((await bench.control("GET", "/log"))["calls"]) == 1000


async def test_a_world_survives_a_restart(bench: Bench) -> None:
    """dump → JSON → load gives the same books, the same key and the same accounts."""
    await bench.edit(
        {"kind": "cell", "cell": "C2", "value": 46348, "format": "DATE"},
        {"kind": "protect", "range": "A1:B1"},
    )
    bench.world.make_service_account("http://localhost/token", "second")
    dumped = bench.world.dump()
    loaded = SheetsWorld.load(json.loads(json.dumps(dumped)))
    assert loaded.dump() == dumped
    async with running_sheets(loaded) as again:
        assert (await again.get("C2"))["values"] == [["2026-11-22"]]
        assert (
            await again.refused(
                "PUT", "/values/A1", params={"valueInputOption": "RAW"}, json={"values": [["x"]]}
            )
        )[2].startswith("You are trying to edit a protected cell")


async def test_a_large_sheet_loads_and_answers_fast(bench: Bench) -> None:
    """100,000 rows load in under 3 s, and sixty of them are read without touching the rest."""
    started = time.perf_counter()
    await bench.put_book({"title": "Pool", "values": large_pool()})
    assert time.perf_counter() - started < 3
    params = [("ranges", f"'Pool'!{row}:{row}") for row in range(99_000, 99_060)]
    started = time.process_time()
    answer = await bench.ok("GET", "/values:batchGet", params=params)
    assert time.process_time() - started < 0.1
    assert [part["values"][0][3] for part in answer["valueRanges"]] == [
        str(row - 1) for row in range(99_000, 99_060)
    ]


async def test_five_thousand_rows_are_written_in_one_call(bench: Bench) -> None:
    """A commit of 5,000 rows comes back whole; so does a read of several megabytes."""
    await bench.put_book({"title": "Pool", "values": large_pool()})
    cells = [[None] * 5 + ["beboo @anna 2026-11-22 #k3f9x2qa"]]
    data = [{"range": f"'Pool'!{row}:{row}", "values": cells} for row in range(1, 5001)]
    answer = await bench.batch(*data, includeValuesInResponse=True)
    assert (answer["totalUpdatedRows"], answer["totalUpdatedCells"]) == (5000, 5000)
    assert [part["updatedData"]["values"][0][5] for part in answer["responses"]] == cells[0][5:] * 5000
    assert len((await bench.get("'Pool'"))["values"]) == 100_000


def large_pool() -> list[list[Any]]:
    return [[f"10.0.0.1:{row}:user:pass", "", "RU", row, "beboo", "", "", "note"] for row in range(100_000)]
