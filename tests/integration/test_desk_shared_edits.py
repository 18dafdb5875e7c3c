"""People edit a sheet without `issued` while the desk writes into their column: right cell or no cell."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, WRITE, DeskBench, JumpingClock
from shared_bench import (
    SHARED_HEADER,
    lines,
    live,
    shared_bench,
    shared_row,
    shared_rows,
    sheet_is_right,
    used,
    used_by_proxy,
)

WIDE = ["id", *SHARED_HEADER, "price", ""]
OFFSET = 1
MOST_WRITES = 3
HORIZON = 60.0
APART = 61.0


def wide_rows() -> list[list[Any]]:
    """Eight proxies, the best first, each cell telling its row; people use every second one."""
    return [
        [
            f"id {number}",
            *shared_row(number, f"ozon{number}, Avito" if number % 2 else "", days=100 - number),
            f"price {number}",
            f"scribble {number}",
        ]
        for number in range(2, 10)
    ]


def cell(place: str, value: str) -> dict[str, Any]:
    return {"kind": "cell", "cell": place, "value": value}


def sort(until: str = "I9") -> dict[str, Any]:
    return {"kind": "sort", "range": f"A2:{until}", "column": "E"}


EDITS: dict[str, list[dict[str, Any]]] = {
    "sort": [sort()],
    "sort some rows": [sort("I5")],
    "insert rows above": [{"kind": "insert_rows", "at": 2, "count": 2}],
    "insert a row between": [{"kind": "insert_rows", "at": 3}],
    "delete a row above": [{"kind": "delete_rows", "at": 2}],
    "move the rows down": [{"kind": "move_rows", "from": 2, "count": 2, "to": 8}],
    "move a row up": [{"kind": "move_rows", "from": 8, "count": 1, "to": 2}],
    "insert a column before all": [{"kind": "insert_columns", "at": 1}],
    "insert a column before ours": [{"kind": "insert_columns", "at": "F"}],
    "insert a column behind ours": [{"kind": "insert_columns", "at": "G"}],
    "delete a column before ours": [{"kind": "delete_columns", "at": "D"}],
    "delete a column behind ours": [{"kind": "delete_columns", "at": "H"}],
    "move our column": [{"kind": "move_columns", "from": "F", "to": "B"}],
    "a column and the rows at once": [{"kind": "insert_columns", "at": "B"}, {**sort("J5"), "column": "F"}],
}


def named(bench: DeskBench) -> set[str]:
    """The proxy cells of the rows that are used for what we hand out."""
    return {proxy for proxy, text in used_by_proxy(bench).items() if "beboo" in text}


async def held_lines(bench: DeskBench, user: int) -> set[str]:
    return {each.proxy.endpoint.line for each in await bench.service.held_by(user)}


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_an_edit_between_read_and_write(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Three proxies are asked for and got, each word beside its own, everything else as people left it."""
    rows = wide_rows()
    async with shared_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.zero()
        await bench.edit_at(WRITE, *edits)
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert (3, ()) == (len(issued.proxies), issued.failures)
        assert set(lines(issued)) == named(bench)
        assert (await bench.calls())["writes"] <= MOST_WRITES
        await sheet_is_right(bench, rows, *edits, header=WIDE)


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_an_edit_between_while_giving_back(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Words leave the sheet wherever their rows have gone; nobody else's go with them."""
    rows = wide_rows()
    async with shared_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        await bench.service.issue("beboo", 2, 8)
        held = [each.allocation for each in await bench.service.held_by(7)]
        await bench.edit_at(WRITE, *edits)
        returned = await bench.service.give_back(held, 7)
        assert set(held) == set(returned.released)
        assert named(bench) == await held_lines(bench, 8)
        await sheet_is_right(bench, rows, *edits, header=WIDE)


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
async def test_exact_rows_after_an_edit_before_the_read(tmp_path: Path, edits: list[dict[str, Any]]) -> None:
    """Who asked for a row asked for the proxy that stood there: exactly that one is taken, in two calls."""
    rows = wide_rows()
    async with shared_bench(rows, tmp_path, header=WIDE) as bench:
        await bench.zero()
        await bench.edit_at(READ, *edits)
        taken, failed = await bench.service.take_proxies_batch([3, 5], "beboo", 7)
        asked = {rows[1][OFFSET], rows[3][OFFSET]}
        assert ([], asked) == (failed, {proxy.endpoint.line for proxy in taken})
        assert asked == named(bench)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        await sheet_is_right(bench, rows, *edits, header=WIDE)


async def test_everybodys_words_when_rows_change_places_under_a_crowd(tmp_path: Path) -> None:
    """Every free proxy is taken at once, and the rows are sorted under the write: all in the right cells."""
    rows = [shared_row(number, "", days=100 - number) for number in range(2, 8)]
    edit = {"kind": "sort", "range": "A2:F7", "column": "D"}
    async with shared_bench(rows, tmp_path) as bench:
        await bench.edit_at(WRITE, edit)
        takes = [bench.service.issue("beboo", 1, user, new_resource=True) for user in range(6)]
        answers = await asyncio.gather(*takes)
        assert {row[0] for row in rows} == {line for answer in answers for line in lines(answer)}
        await sheet_is_right(bench, rows, edit)


async def test_a_take_and_a_return_under_a_sort(tmp_path: Path) -> None:
    """One comes and one goes in the same commit, and the rows change places: neither meets the other's cell."""
    rows = [shared_row(number, "", days=100 - number) for number in range(2, 5)]
    edit = {"kind": "sort", "range": "A2:F4", "column": "D"}
    async with shared_bench(rows, tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        await bench.edit_at(WRITE, edit)
        issued, returned = await asyncio.gather(
            bench.service.take_proxies_batch([4], "beboo", 8), bench.service.give_back([held.allocation], 7)
        )
        assert [rows[2][0]] == [proxy.endpoint.line for proxy in issued[0]]
        assert (held.allocation,) == returned.released
        await sheet_is_right(bench, rows, edit)


async def test_a_row_nobody_has_seen_gets_its_words_back(tmp_path: Path) -> None:
    """A proxy that came since the last refresh, sorted under our write, keeps what people wrote beside it."""
    rows = [shared_row(number, "", days=100 - number) for number in range(2, 5)]
    added = zip("ABCDEF", shared_row(9, "Ozon by Boris", days=1), strict=True)
    new = [cell(f"{letter}5", value) for letter, value in added]
    edit = {"kind": "sort", "range": "A2:F5", "column": "D"}
    async with shared_bench(rows, tmp_path) as bench:
        await bench.edit(*new)
        await bench.edit_at(WRITE, edit)
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [rows[0][0]] == lines(issued)
        await sheet_is_right(bench, rows, *new, edit)


async def test_freed_by_hand(tmp_path: Path) -> None:
    """The word deleted in two readings a minute apart: the proxy is free, and nothing wrote it again meanwhile."""
    clock, rows = JumpingClock(), shared_rows("Ozon", "")
    async with shared_bench(rows, tmp_path, clock=clock, write_horizon=HORIZON) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        clock.jump(HORIZON + 1)
        await bench.edit(cell("E2", "Ozon"))
        await bench.service.issue("lentik", 1, 8, new_resource=True)
        assert {2: "Ozon, lentik", 3: "beboo"} == used(bench)
        for _ in range(3):
            clock.jump(APART)
            await bench.service.refresh(force=True)
        assert {rows[1][0]} == await held_lines(bench, 7)
        assert [rows[0][0]] == lines(await bench.service.issue("beboo", 1, 9))


async def test_freed_and_written_again(tmp_path: Path) -> None:
    """A word that comes back before the second reading was only on its way somewhere else."""
    clock, rows = JumpingClock(), shared_rows("Ozon")
    async with shared_bench(rows, tmp_path, clock=clock, write_horizon=HORIZON) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        for text in ("Ozon", "beboo; Ozon", "Ozon, BEBOO", "Ozon", "beboo"):
            clock.jump(HORIZON + 1)
            await bench.edit(cell("E2", text))
            await bench.service.refresh(force=True)
        assert {rows[0][0]} == await held_lines(bench, 7)


async def test_people_may_write_ours_in_their_own_way(tmp_path: Path) -> None:
    """Moved to the front and in capitals it is still ours; given back, their words alone remain."""
    async with shared_bench(shared_rows("ozon"), tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        await bench.edit(cell("E2", "BeBoo ; Ozon, avito"))
        [held] = await bench.service.held_by(7)
        await bench.service.give_back([held.allocation], 7)
        assert {2: "Ozon, avito"} == used(bench)


async def test_gone_from_the_sheet(tmp_path: Path) -> None:
    """A proxy whose row was deleted stays its holder's, and can be given back."""
    rows, edit = shared_rows("", "ozon"), {"kind": "delete_rows", "at": 2}
    async with shared_bench(rows, tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        await bench.edit(edit)
        [held] = await bench.service.held_by(7)
        assert (held.allocation,) == (await bench.service.give_back([held.allocation], 7)).released
        assert {2: "ozon"} == used(bench)


async def test_our_own_column_comes(tmp_path: Path) -> None:
    """An admin adds `issued`: what is out gets its entry there, and from now on people's column is left alone."""
    clock, rows = JumpingClock(), shared_rows("Ozon", "", "")
    async with shared_bench(rows, tmp_path, clock=clock, write_horizon=HORIZON) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        clock.jump(HORIZON + 1)
        await bench.edit(cell("G1", "issued"))
        await bench.service.refresh(force=True)
        await bench.called(writes=2)
        assert {2: "beboo", 3: "beboo"} == {
            number: text.split()[0] for number, text in bench.issued().items()
        }
        await bench.service.issue("lentik", 1, 8, new_resource=True)
        assert {2: "Ozon, beboo", 3: "beboo"} == used(bench)
        for _ in range(3):
            clock.jump(APART)
            await bench.service.refresh(force=True)
        assert 2 == len(await bench.service.held_by(7))
        assert 3 == len(await live(bench))


async def test_our_own_column_comes_while_the_desk_is_away(tmp_path: Path) -> None:
    """The next start finds the new column and writes what is out into it."""
    async with shared_bench(shared_rows("Ozon", ""), tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        await bench.stop()
        await bench.edit(cell("G1", "issued"))
        await bench.start()
        await bench.called(writes=2)
        assert [2] == list(bench.issued())


async def test_our_own_column_comes_between_read_and_write(tmp_path: Path) -> None:
    """The write that went into people's column is undone, and the entry stands in ours."""
    async with shared_bench(shared_rows("Ozon", ""), tmp_path) as bench:
        await bench.edit_at(WRITE, cell("G1", "issued"))
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert ({2: "Ozon"}, [each.row for each in issued.proxies]) == (used(bench), list(bench.issued()))
