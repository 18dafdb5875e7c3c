"""Developer metadata: rows and columns found again wherever they have gone."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

from sandbox.sheets.world import SheetsWorld


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        await bench.put_book({"title": "Pool", "columnCount": 2, "values": [["a"], ["b"], ["c"], ["d"]]})
        yield bench


def note(index: int, key: str, dimension: str = "ROWS", **more: Any) -> dict[str, Any]:
    place = {"sheetId": 0, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
    location = {"dimensionRange": place}
    written = {"metadataKey": key, "visibility": "DOCUMENT", "location": location, **more}
    return {"createDeveloperMetadata": {"developerMetadata": written}}


def by(**lookup: Any) -> dict[str, Any]:
    return {"developerMetadataLookup": lookup}


async def change(bench: Bench, *requests: dict[str, Any]) -> Any:
    return (await bench.ok("POST", ":batchUpdate", json={"requests": list(requests)}))["replies"]


async def found(bench: Bench, **lookup: Any) -> list[Any]:
    """The ranges that a lookup finds, with their values."""
    body = {"dataFilters": [by(**lookup)]}
    answer = await bench.ok("POST", "/values:batchGetByDataFilter", json=body)
    ranges = [each["valueRange"] for each in answer.get("valueRanges", [])]
    return [(each["range"], each.get("values")) for each in ranges]


async def test_a_note_is_made(bench: Bench) -> None:
    """The reply tells it with its id and the kind of its place; an id may be chosen."""
    drawn, chosen = await change(
        bench, note(1, "key"), note(0, "key", "COLUMNS", metadataId=7, metadataValue="x")
    )
    made = drawn["createDeveloperMetadata"]["developerMetadata"]
    assert made["metadataId"] > 0
    place = {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    assert {
        "metadataId": made["metadataId"],
        "metadataKey": "key",
        "location": {"locationType": "ROW", "dimensionRange": place},
        "visibility": "DOCUMENT",
    } == made
    told = chosen["createDeveloperMetadata"]["developerMetadata"]
    assert (7, "x", "COLUMN") == (told["metadataId"], told["metadataValue"], told["location"]["locationType"])


async def test_lookups_match_what_they_say(bench: Bench) -> None:
    """Several fields narrow it down; nothing found is no valueRanges."""
    await change(bench, note(1, "id", metadataValue="x"), note(2, "id", metadataValue="y"))
    await change(bench, note(0, "id", "COLUMNS", metadataId=7))
    assert [("Pool!A2:B2", [["b"]]), ("Pool!A3:B3", [["c"]])] == await found(
        bench, metadataKey="id", locationType="ROW"
    )
    assert [("Pool!A3:B3", [["c"]])] == await found(bench, metadataKey="id", metadataValue="y")
    assert ["Pool!A1:A1000"] == [place for place, _ in await found(bench, metadataId=7)]
    assert [] == await found(bench, metadataKey="id", visibility="PROJECT")


async def test_notes_move_with_their_rows(bench: Bench) -> None:
    """Insertions, deletions and moves take them along, a sort does not; a deleted row takes its note with it."""
    await change(bench, note(1, "b"), note(3, "d"))
    await bench.edit({"kind": "insert_rows", "at": 1}, {"kind": "move_rows", "from": 3, "to": 7})
    assert [("Pool!A6:B6", [["b"]])] == await found(bench, metadataKey="b")
    loaded = SheetsWorld.load(json.loads(json.dumps(bench.world.dump())))
    async with running_sheets(loaded) as again:
        assert [("Pool!A6:B6", [["b"]])] == await found(again, metadataKey="b")
    await bench.edit({"kind": "sort", "range": "A1:B6", "column": "A", "descending": True})
    assert [("Pool!A6:B6", None)] == await found(bench, metadataKey="b")
    await bench.edit({"kind": "delete_rows", "at": 6})
    assert [] == await found(bench, metadataKey="b")


async def test_rows_are_written_by_lookup(bench: Bench) -> None:
    """All rows that match get the values."""
    await change(bench, note(1, "mine"), note(3, "mine"))
    data = [{"dataFilter": by(metadataKey="mine"), "values": [[None, "x"]]}]
    body = {"valueInputOption": "RAW", "data": data}
    answer = await bench.ok("POST", "/values:batchUpdateByDataFilter", json=body)
    assert ["Pool!A2:B2", "Pool!A4:B4"] == [each["updatedRange"] for each in answer["responses"]]
    assert [["a"], ["b", "x"], ["c"], ["d", "x"]] == (await bench.get("Pool"))["values"]


async def test_notes_are_deleted(bench: Bench) -> None:
    """All that a lookup finds; the reply tells which."""
    await change(bench, note(1, "a", metadataId=5), note(2, "b"))
    [reply] = await change(bench, {"deleteDeveloperMetadata": {"dataFilter": by(metadataKey="a")}})
    gone = reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]
    assert [5] == [each["metadataId"] for each in gone]
    assert ([], 1) == (await found(bench, metadataId=5), len(await found(bench)))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (note(1000, "x"), "Range (Pool!1001:1001) exceeds grid limits."),
        (note(0, "x", metadataId=7), "Developer metadata with id 7 already exists."),
        (note(0, ""), "Developer metadata must have a metadataKey and a visibility."),
        (note(0, "x", location={"spreadsheet": True}), "The sandbox keeps developer metadata on rows and columns"),
    ],
)  # fmt: skip
async def test_refused(bench: Bench, request_: dict[str, Any], words: str) -> None:
    """A note on nothing, or with an id that is taken, is a 400 that names the request."""
    await change(bench, note(1, "x", metadataId=7))
    before = await bench.control("GET", f"/spreadsheets/{BOOK}")
    answer = await bench.refused("POST", ":batchUpdate", json={"requests": [request_]})
    assert answer[2].startswith(f"Invalid requests[0].createDeveloperMetadata: {words}")
    assert before == await bench.control("GET", f"/spreadsheets/{BOOK}")
