"""People edit the sheet while the desk writes to it: right row or no row, and what is theirs stays theirs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from desk_bench import HEADER, READ, WRITE, DeskBench, desk_bench, proxy_row, proxy_rows
from desk_judge import left_alone, rows_of, sheet_is_right

from bot.errors import SheetLayoutError
from bot.models.notice import Kind
from bot.models.results import Reason

WIDE = ["id", *HEADER[:-2], "note", "note", "", "issued", "price", ""]
OFFSET = 1
MOST_WRITES = 3


def pool_rows() -> list[list[Any]]:
    """Eight proxies, the best first, each cell telling its row; people's entries beside every second one."""
    return [
        [
            f"id {number}",
            *proxy_row(number, days=100 - number)[:-2],
            f"note {number}",
            f"second note {number}",
            f"scribble {number}",
            f"ozon Boris {number}" if number % 2 else "",
            f"price {number}",
            f"more scribble {number}",
        ]
        for number in range(2, 10)
    ]


def cell(place: str, value: str) -> dict[str, Any]:
    return {"kind": "cell", "cell": place, "value": value}


def sort(until: str = "L9") -> dict[str, Any]:
    return {"kind": "sort", "range": f"A2:{until}", "column": "E"}


EDITS: dict[str, list[dict[str, Any]]] = {
    "sort": [sort()],
    "sort some rows": [sort("L5")],
    "insert rows above": [{"kind": "insert_rows", "at": 2, "count": 2}],
    "insert a row between": [{"kind": "insert_rows", "at": 3}],
    "delete a row above": [{"kind": "delete_rows", "at": 2}],
    "move the rows down": [{"kind": "move_rows", "from": 2, "count": 2, "to": 8}],
    "move a row up": [{"kind": "move_rows", "from": 8, "count": 1, "to": 2}],
    "insert a column before all": [{"kind": "insert_columns", "at": 1}],
    "insert a column between": [{"kind": "insert_columns", "at": "D"}],
    "insert two columns between": [{"kind": "insert_columns", "at": "D", "count": 2}],
    "insert a column before ours": [{"kind": "insert_columns", "at": "J"}],
    "insert a column behind ours": [{"kind": "insert_columns", "at": "K"}],
    "delete a column before ours": [{"kind": "delete_columns", "at": "D"}],
    "delete a column behind ours": [{"kind": "delete_columns", "at": "K"}],
    "move our column": [{"kind": "move_columns", "from": "J", "to": "B"}],
    "move the last column before ours": [{"kind": "move_columns", "from": "K", "to": "B"}],
}


def taken_by(bench: DeskBench, user: int) -> set[str]:
    """The proxy cells of the rows whose `issued` names the user."""
    rows = rows_of(bench.cells()).values()
    return {row["proxy"] for row in rows if f"beboo {user} " in str(row["issued"])}


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_an_edit_between_read_and_write(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Three proxies are asked for and got, each entry beside its own, everything else as people left it."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.zero()
        await bench.edit_at(WRITE, *edits)
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert (3, ()) == (len(issued.proxies), issued.failures)
        assert {proxy.endpoint.line for proxy in issued.proxies} == taken_by(bench, 7)
        assert (await bench.calls())["writes"] <= MOST_WRITES
        await left_alone(bench, rows, *edits, header=WIDE)
        await sheet_is_right(bench)


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_an_edit_between_while_giving_back(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Entries leave the sheet wherever their rows have gone; nobody else's goes with them."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        await bench.service.issue("beboo", 2, 8)
        held = [each.allocation for each in await bench.service.held_by(7)]
        await bench.edit_at(WRITE, *edits)
        returned = await bench.service.give_back(held, 7)
        assert set(held) == set(returned.released)
        assert set() == taken_by(bench, 7)
        await left_alone(bench, rows, *edits, header=WIDE)
        if edits != EDITS["delete a row above"]:
            assert 2 == len(taken_by(bench, 8))
        await sheet_is_right(bench)


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_exact_rows_after_an_edit_before_the_read(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Who asked for a row asked for the proxy that stood there: exactly that one is taken, or none."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(READ, *edits)
        taken, failed = await bench.service.take_proxies_batch([3, 5], "beboo", 7)
        asked = {rows[1][OFFSET], rows[3][OFFSET]}
        assert ([], asked) == (failed, {proxy.endpoint.line for proxy in taken})
        assert asked == taken_by(bench, 7)
        await left_alone(bench, rows, *edits, header=WIDE)
        await sheet_is_right(bench)


async def test_a_column_and_the_rows_at_once(tmp_path: Path) -> None:
    """A column comes and rows change places between read and write: cells we hit get back what was theirs."""
    rows, edits = pool_rows(), [{"kind": "insert_columns", "at": "B"}, {**sort("M5"), "column": "F"}]
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, *edits)
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert {proxy.endpoint.line for proxy in issued.proxies} == taken_by(bench, 7)
        await left_alone(bench, rows, *edits, header=WIDE)
        await sheet_is_right(bench)


async def test_a_partial_sort_misplaces_nothing_of_the_commit(tmp_path: Path) -> None:
    """Someone sorts every column but ours between read and write: the entries follow their proxies."""
    rows = [[*row[:-3], "", *row[-2:]] for row in pool_rows()]
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, sort("I9"))
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert 3 == len(issued.proxies)
        await left_alone(bench, rows, sort("I9"), header=WIDE)
        await sheet_is_right(bench)


async def test_a_row_deleted_between_read_and_write(tmp_path: Path) -> None:
    """The best one goes: a spare takes its place, and nothing of ours lies where it was."""
    rows, edit = pool_rows(), {"kind": "delete_rows", "at": 2}
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, edit)
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [rows[1][OFFSET]] == [proxy.endpoint.line for proxy in issued.proxies]
        await left_alone(bench, rows, edit, header=WIDE)
        await sheet_is_right(bench)


async def test_the_asked_row_deleted_between_read_and_write(tmp_path: Path) -> None:
    """Exactly that row was wanted: it fails, and nothing of ours lies where it was."""
    rows, edit = pool_rows(), {"kind": "delete_rows", "at": 3}
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, edit)
        assert ([], [3]) == await bench.service.take_proxies_batch([3], "beboo", 7)
        await left_alone(bench, rows, edit, header=WIDE)
        await sheet_is_right(bench)


@pytest.mark.parametrize("moment", [READ, WRITE])
async def test_the_grid_shrinks(tmp_path: Path, moment: str) -> None:
    """Rows go and the grid with them, so that the last row is past its end: the right row, no refusal."""
    rows, edit = pool_rows(), {"kind": "delete_rows", "at": 4, "count": 2}
    async with desk_bench(rows, tmp_path, header=WIDE, size=(9, 12)) as bench:
        await bench.edit_at(moment, edit)
        taken, failed = await bench.service.take_proxies_batch([9], "beboo", 7)
        assert ([rows[7][OFFSET]], []) == ([proxy.endpoint.line for proxy in taken], failed)
        assert () == (await bench.service.get_stats()).needs_attention
        await left_alone(bench, rows, edit, header=WIDE)
        await sheet_is_right(bench)


@pytest.mark.parametrize("moment", [READ, WRITE])
async def test_the_last_row_of_the_grid_is_deleted(tmp_path: Path, moment: str) -> None:
    """The wanted row was the last one of the grid and is gone: it fails as gone, another take works."""
    rows, edit = pool_rows(), {"kind": "delete_rows", "at": 9}
    async with desk_bench(rows, tmp_path, header=WIDE, size=(9, 12)) as bench:
        await bench.edit_at(moment, edit)
        assert ([], [9]) == await bench.service.take_proxies_batch([9], "beboo", 7)
        issued = await bench.service.issue("beboo", 2, 8, new_resource=True)
        assert 2 == len(issued.proxies)
        await left_alone(bench, rows, edit, header=WIDE)
        await sheet_is_right(bench)


# -- people win ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [READ, WRITE])
async def test_a_person_marks_the_proxy(tmp_path: Path, moment: str) -> None:
    """The resource appears in `used_for` before the read, or before the write: a spare takes its place."""
    rows, mark = pool_rows(), cell("F2", "Avito, BEBOO")
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(moment, mark)
        issued = await bench.service.issue("beboo", 2, 7, new_resource=True)
        assert ({rows[1][OFFSET], rows[2][OFFSET]}, ()) == (taken_by(bench, 7), issued.failures)
        assert 2 == len(issued.proxies)
        await left_alone(bench, rows, mark, header=WIDE)
        await sheet_is_right(bench)


@pytest.mark.parametrize("moment", [READ, WRITE])
async def test_a_person_marks_the_asked_row(tmp_path: Path, moment: str) -> None:
    """Exactly that row was wanted: it fails with the row, and our entry does not stay."""
    rows, mark = pool_rows(), cell("F3", "beboo")
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(moment, mark)
        taken, failed = await bench.service.take_proxies_batch([3, 4], "beboo", 7)
        assert ([rows[2][OFFSET]], [3]) == ([proxy.endpoint.line for proxy in taken], failed)
        await left_alone(bench, rows, mark, header=WIDE)
        await sheet_is_right(bench)


async def test_the_failure_names_the_reason(tmp_path: Path) -> None:
    """Every free proxy was marked by a person meanwhile: the request fails for that reason."""
    rows = pool_rows()
    marks = [cell(f"F{number}", "beboo") for number in range(2, 10)]
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, *marks)
        issued = await bench.service.issue("beboo", 2, 7, new_resource=True)
        reasons = [failure.reason for failure in issued.failures]
        assert ((), [Reason.TAKEN_IN_SHEET] * 2) == (issued.proxies, reasons)
        await left_alone(bench, rows, *marks, header=WIDE)
        await sheet_is_right(bench)


async def test_an_entry_typed_by_a_person_wins(tmp_path: Path) -> None:
    """Somebody types the resource into `issued` by hand before our read: the proxy is theirs."""
    rows, typed = pool_rows(), cell("J2", "beboo Vera")
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(READ, typed)
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [rows[1][OFFSET]] == [proxy.endpoint.line for proxy in issued.proxies]
        await left_alone(bench, rows, typed, header=WIDE)
        await sheet_is_right(bench)


async def test_a_person_marks_while_rows_are_sorted(tmp_path: Path) -> None:
    """Both at once between read and write: the marked one is not handed out, the others are right."""
    rows, edits = pool_rows(), [cell("F2", "beboo"), sort()]
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit_at(WRITE, *edits)
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        lines = {proxy.endpoint.line for proxy in issued.proxies}
        assert rows[0][OFFSET] not in lines
        assert lines == taken_by(bench, 7)
        assert 3 == len(issued.proxies) + len(issued.failures)
        await left_alone(bench, rows, *edits, header=WIDE)
        await sheet_is_right(bench)


# -- the desk remembers an older sheet -------------------------------------------------------------------------


async def test_the_best_after_a_sort(tmp_path: Path) -> None:
    """The rows were sorted since the desk last read them: the best three are taken wherever they are."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit(sort())
        await bench.zero()
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert 3 == len(issued.proxies)
        assert {proxy.endpoint.line for proxy in issued.proxies} == taken_by(bench, 7)
        calls = await bench.calls()
        assert calls["reads"] <= 3
        assert 1 == calls["writes"]
        await left_alone(bench, rows, sort(), header=WIDE)
        await sheet_is_right(bench)


async def test_a_spare_spares_a_call(tmp_path: Path) -> None:
    """The best one has left the sheet since: a spare that was read along takes its place in the same commit."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit(cell("B2", ""))
        await bench.zero()
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [rows[1][OFFSET]] == [proxy.endpoint.line for proxy in issued.proxies]
        assert {"reads": 1, "writes": 1} == await bench.calls()


async def test_exact_rows_after_a_sort_cost_one_look_up(tmp_path: Path) -> None:
    """Rows that moved are looked up by one read of the proxy column, for everybody in the commit."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit(sort())
        await bench.zero()
        taken, failed = await bench.service.take_proxies_batch([2, 3, 4, 8, 9], "beboo", 7)
        assert (5, []) == (len(taken), failed)
        assert {"reads": 3, "writes": 1} == await bench.calls()
        await sheet_is_right(bench)


async def test_the_row_told_is_the_row_it_stands_in(tmp_path: Path) -> None:
    """After rows changed places the answer names the rows where the proxies are now."""
    rows = pool_rows()
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit(sort())
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        now = {row["proxy"]: number for number, row in rows_of(bench.cells()).items()}
        assert {proxy.row for proxy in issued.proxies} == {now[p.endpoint.line] for p in issued.proxies}


async def test_a_proxy_that_left_the_sheet_is_gone(tmp_path: Path) -> None:
    """A row that was deleted since fails as gone, the others of the request are taken."""
    rows, edit = pool_rows(), {"kind": "delete_rows", "at": 3}
    async with desk_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.edit(edit)
        taken, failed = await bench.service.take_proxies_batch([3, 5], "beboo", 7)
        assert ([rows[3][OFFSET]], [3]) == ([proxy.endpoint.line for proxy in taken], failed)
        await left_alone(bench, rows, edit, header=WIDE)
        await sheet_is_right(bench)


async def test_a_release_of_a_proxy_that_left_the_sheet(tmp_path: Path) -> None:
    """A proxy whose row was deleted can be given back: there is no entry to take out."""
    async with desk_bench(pool_rows(), tmp_path, header=WIDE) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        await bench.edit({"kind": "delete_rows", "at": 2})
        assert (held.allocation,) == (await bench.service.give_back([held.allocation], 7)).released
        await sheet_is_right(bench)


async def test_admins_are_told_of_a_column_that_is_gone(tmp_path: Path) -> None:
    """Once, however often it is met; not by a line in /stats alone."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        await bench.edit({"kind": "cell", "cell": "E1", "value": "who knows"})
        for _ in range(2):
            with pytest.raises(SheetLayoutError):
                await bench.service.refresh(force=True)
        await asyncio.sleep(0.1)
        [(_, kind, data)] = await bench.notices()
        assert (Kind.ATTENTION, "columns: row 1 of the sheet has no column used_for") == (
            kind,
            data["matter"],
        )
