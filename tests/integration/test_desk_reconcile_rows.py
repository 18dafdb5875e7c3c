"""Entries that people carry beside other proxies, and passwords that they change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from desk_bench import READ, WRITE, proxy_row, proxy_rows
from desk_judge import rows_of, sheet_is_right
from reconcile_bench import ANNA, APART, BORIS, HORIZON, Reconciling, in_cell, reconciling

from bot.models.audit import THE_BOT, Act
from bot.models.notice import Kind
from bot.models.results import Reason


def address(row: int) -> str:
    return f"10.0.0.{row}:8080"


def line(row: int, password: str) -> str:
    return f"{address(row)}:user{row}:{password}"


def renewal(row: int, password: str = "fresh", at: int | None = None) -> dict[str, Any]:
    """The edit that gives the proxy of that number another password, in row `at` if it has moved."""
    return in_cell(at or row, line(row, password), 0)


async def passwords(desk: Reconciling, user: int) -> list[str]:
    return [held.proxy.endpoint.password for held in await desk.held(user)]


async def nothing_released(desk: Reconciling, *holds: int) -> None:
    """Whatever readings come: Anna holds these, nobody is told of anything, the sheet is right."""
    for after in (0.0, APART, HORIZON, APART):
        await desk.look(after)
    assert sorted(map(address, holds)) == sorted(await desk.holds(ANNA))
    assert [] == await desk.told()
    await sheet_is_right(desk.bench)


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """No allocation can be changed."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON allocations BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
        connection.commit()
        yield
        connection.execute("DROP TRIGGER full")
        connection.commit()


# -- misalignment ----------------------------------------------------------------------------------------------


async def test_the_issued_column_sorted_alone(tmp_path: Path) -> None:
    """Each entry stands beside its proxy again at the next commit, people's text stays, nothing is released."""
    rows = proxy_rows(5)
    async with reconciling(rows, tmp_path) as desk:
        await desk.take(ANNA, 2, 4, 5)
        await desk.write(6, "office Vera")
        await desk.look()
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit({"kind": "sort", "range": "G2:G6", "column": "G", "descending": True})
        moved = desk.bench.issued()
        assert former != moved
        await desk.look()
        stayed = {row: text for row, text in moved.items() if "Vera" in text}
        await desk.shows({row: former.get(row, "") for row in (2, 4, 5)} | _behind(stayed, former))
        await nothing_released(desk, 2, 4, 5)


def _behind(people: dict[int, str], former: dict[int, str]) -> dict[int, str]:
    """People's text, with our entry behind it where one belongs."""
    ours = {row: text for row, text in former.items() if "Vera" not in text}
    return {row: "; ".join(filter(None, [text, ours.get(row)])) for row, text in people.items()}


async def test_an_entry_pasted_over_another(tmp_path: Path) -> None:
    """Cut from its cell and pasted into one that held an entry: both stand in their places again."""
    async with reconciling(proxy_rows(3), tmp_path) as desk:
        await desk.take(ANNA, 2, 3)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit(in_cell(2, ""), in_cell(3, former[2]))
        await desk.look()
        await desk.shows(former)
        await nothing_released(desk, 2, 3)


async def test_an_entry_that_was_cut_before_it_was_pasted(tmp_path: Path) -> None:
    """Missing at one reading, beside another proxy at the next, long after: it is put right, not freed."""
    async with reconciling(proxy_rows(3), tmp_path) as desk:
        await desk.take(ANNA, 2)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.delete(2)
        await desk.look()
        await desk.write(4, former[2])
        await desk.look(APART)
        await desk.shows(former)
        await nothing_released(desk, 2)


async def test_a_row_cut_and_pasted_elsewhere(tmp_path: Path) -> None:
    """Between the two the proxy is not in the sheet: it is held all the time."""
    rows = proxy_rows(3)
    async with reconciling(rows, tmp_path) as desk:
        await desk.take(ANNA, 3)
        await desk.grown_old()
        row = desk.bench.cells()[2]
        await desk.bench.edit(*(in_cell(3, "", column) for column in range(7)))
        await desk.look()
        await desk.look(APART)
        await desk.bench.edit(*(in_cell(9, value, column) for column, value in enumerate(row)))
        await nothing_released(desk, 3)
        assert {9: row[6]} == desk.bench.issued()


async def test_an_entry_in_a_row_without_a_readable_proxy(tmp_path: Path) -> None:
    """Where its own cell is half typed, nothing happens; where it was carried there, it goes home."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2, 3)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit(in_cell(2, "10.0.0.2:", 0), in_cell(3, ""), in_cell(9, former[3]))
        for after in (0.0, APART, APART):
            await desk.look(after)
        await desk.shows(former)
        await desk.bench.edit(in_cell(2, line(2, "pass2"), 0))
        await nothing_released(desk, 2, 3)


async def test_what_is_given_back_while_it_stands_beside_another_proxy(tmp_path: Path) -> None:
    """Its proxy has gone from the sheet: the entry goes with it, and marks nothing."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.bench.edit(in_cell(2, line(7, "pass7"), 0))
        [held] = await desk.held(ANNA)
        returned = await desk.bench.service.give_back([held.allocation], ANNA)
        assert (held.allocation,) == returned.released
        await desk.shows({})


async def test_an_entry_that_comes_back_after_its_release_is_peoples_text(tmp_path: Path) -> None:
    """Nobody knows it any more: it stays, and the proxy counts as used for what it says."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        former = await desk.delete(2)
        await desk.look()
        await desk.look(APART)
        await desk.write(2, former[2])
        await desk.look(APART)
        assert [address(3)] == await desk.free()
        assert former == desk.bench.issued()


async def test_a_commit_puts_right_what_it_takes_from_beside_another_proxy(tmp_path: Path) -> None:
    """Somebody takes the row where an entry of another one lies, before any reading has seen that."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit(in_cell(2, ""), in_cell(3, former[2]))
        await desk.take(BORIS, 3, resource="lentik")
        [boris] = await desk.held(BORIS)
        await desk.shows({**former, 3: f"lentik @boris {boris.issued_on} #{boris.allocation}"})
        await nothing_released(desk, 2)


async def test_what_is_given_back_while_it_lies_beside_another_proxy(tmp_path: Path) -> None:
    """The next reading finds the entry and takes it out; it marks nothing."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit(in_cell(2, ""), in_cell(3, former[2]))
        [held] = await desk.held(ANNA)
        await desk.bench.service.give_back([held.allocation], ANNA)
        await desk.look()
        await desk.shows({})
        await desk.look(APART)
        assert 2 == len(await desk.free())


async def test_people_keep_their_text_when_a_password_changes_under_a_write(tmp_path: Path) -> None:
    """What stood beside the old one stands beside the new one."""
    async with reconciling([proxy_row(2, issued="office Vera"), proxy_row(3)], tmp_path) as desk:
        await desk.bench.edit_at(WRITE, renewal(2))
        assert [address(3)] == await desk.gets(ANNA)
        assert "office Vera" == desk.bench.issued()[2]


# -- rotated passwords -----------------------------------------------------------------------------------------


async def test_a_rotated_password(tmp_path: Path) -> None:
    """Whoever holds it keeps it with the new login and is told once; nobody else gets it for the same thing."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        entry = desk.bench.issued()
        await desk.bench.edit(renewal(2), in_cell(2, "n", 5))
        await desk.look(APART)
        assert ["fresh"] == await passwords(desk, ANNA)
        [held] = await desk.held(ANNA)
        data = {
            "proxies": [{"resource": "beboo", "address": address(2)}],
            "allocation": held.allocation,
        }
        assert [(ANNA, Kind.ROTATED, data)] == await desk.told()
        act = Act(THE_BOT, "the sheet", "rotate", address(2), "", "beboo")
        assert [act] == await desk.acts("rotate")
        assert address(2) not in await desk.free()
        assert [address(2)] == await desk.gets(BORIS, "lentik")
        assert ["fresh"] == await passwords(desk, BORIS)
        await desk.look(APART)
        assert [] == await desk.told()
        assert entry[2] == desk.bench.issued()[2].split("; ")[0]
        await sheet_is_right(desk.bench)


async def test_rotated_back(tmp_path: Path) -> None:
    """The old password is new again: still held, told again, and given back in the end."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        for password in ("fresh", "pass2", "fresh"):
            await desk.bench.edit(renewal(2, password))
            await desk.look(APART)
            assert [password] == await passwords(desk, ANNA)
        assert [Kind.ROTATED] * 3 == [kind for _, kind, _ in await desk.told()]
        [held] = await desk.held(ANNA)
        await desk.bench.service.give_back([held.allocation], ANNA)
        assert {} == desk.bench.issued()


async def test_a_rotated_row_that_was_sorted_away(tmp_path: Path) -> None:
    """The row may be anywhere by then."""
    async with reconciling(proxy_rows(4), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.bench.edit(
            renewal(2), {"kind": "sort", "range": "A2:G5", "column": "A", "descending": True}
        )
        await desk.look(APART)
        assert ["fresh"] == await passwords(desk, ANNA)
        await sheet_is_right(desk.bench)


DOUBLED = [proxy_row(2), proxy_row(3), proxy_row(2)]
TWINS = [proxy_row(2), proxy_row(3), [line(2, "other"), *proxy_row(2)[1:]]]


@pytest.mark.parametrize(
    ("rows", "edits"),
    [
        (DOUBLED, [renewal(2), renewal(2, at=4)]),
        (TWINS, [renewal(2), renewal(2, "another", at=4)]),
        (proxy_rows(3), [renewal(2), in_cell(4, line(2, "another"), 0)]),
    ],
    ids=["two rows before", "two vanished", "two appeared"],
)
async def test_anything_else_is_one_removed_and_one_new(
    tmp_path: Path, rows: list[list[Any]], edits: list[dict[str, Any]]
) -> None:
    """Its holder keeps what has left the sheet and is told nothing; the new one is free."""
    async with reconciling(rows, tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.grown_old()
        await desk.bench.edit(*edits)
        await desk.look(APART)
        assert (["pass2"], [True]) == (
            await passwords(desk, ANNA),
            [held.gone for held in await desk.held(ANNA)],
        )
        assert [] == await desk.told()
        await desk.shows({})
        assert address(2) in await desk.free()
        await nothing_released(desk, 2)


async def test_an_unrecognised_one_that_comes_back_is_still_held(tmp_path: Path) -> None:
    """Two had appeared, so that its entry went from the new one; with the old password it stands there again."""
    async with reconciling(proxy_rows(3), tmp_path) as desk:
        await desk.take(ANNA, 2)
        former = desk.bench.issued()
        await desk.grown_old()
        await desk.bench.edit(renewal(2), in_cell(4, line(2, "another"), 0))
        await desk.look()
        await desk.shows({})
        await desk.bench.edit(renewal(2, "pass2"), in_cell(4, "", 0))
        await desk.look(APART)
        await desk.shows(former)
        await nothing_released(desk, 2)


async def test_rotated_while_the_bot_was_away(tmp_path: Path) -> None:
    """No reading came before: the entry beside the only row of that login tells whose it is."""
    async with reconciling(proxy_rows(2), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.bench.stop()
        await desk.bench.edit(renewal(2))
        await desk.bench.start()
        assert ["fresh"] == await passwords(desk, ANNA)
        assert [Kind.ROTATED] == [kind for _, kind, _ in await desk.told()]
        assert address(2) not in await desk.free()
        await sheet_is_right(desk.bench)


async def test_rotated_while_it_is_given_back(tmp_path: Path) -> None:
    """Between our read and our write the password is changed: it is free, and the new one carries no dead entry."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        [held] = await desk.held(ANNA)
        await desk.bench.edit_at(WRITE, renewal(2))
        await desk.bench.service.give_back([held.allocation], ANNA)
        await desk.shows({})
        await desk.look(APART)
        assert [address(2)] == await desk.gets(BORIS)
        await sheet_is_right(desk.bench)


@pytest.mark.parametrize("moment", [READ, WRITE])
async def test_rotated_while_it_is_taken(tmp_path: Path, moment: str) -> None:
    """The proxy that was asked for is there no more; the new one is free, and nothing of ours stands beside it."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.bench.edit_at(moment, renewal(2))
        issued = await desk.bench.service.issue("beboo", 1, ANNA, new_resource=True)
        assert ((), [Reason.GONE]) == (issued.proxies, [failure.reason for failure in issued.failures])
        await desk.shows({})
        await desk.look(APART)
        assert [address(2)] == await desk.gets(BORIS)
        await sheet_is_right(desk.bench)


async def test_rotated_right_after_it_was_taken(tmp_path: Path) -> None:
    """The write has landed, the password is changed, the sheet is read, and only then does the answer come."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        desk.bench.fault("drip", WRITE, times=1, bytes_per_second=1000)
        taking = asyncio.create_task(desk.take(ANNA, 2))
        await desk.bench.struck()
        while not desk.bench.issued():
            await asyncio.sleep(0.01)
        await desk.bench.edit(renewal(2))
        await desk.look()
        assert not taking.done()
        assert [] == await desk.free()
        assert [address(2)] == await taking
        await desk.look(APART)
        assert ["fresh"] == await passwords(desk, ANNA)
        assert [Kind.ROTATED] == [kind for _, kind, _ in await desk.told()]
        assert address(2) not in await desk.free()
        await desk.look(HORIZON)
        await desk.look(APART)
        assert [address(2)] == await desk.holds(ANNA)
        await sheet_is_right(desk.bench)


async def test_rotated_although_the_journal_could_not_be_written(tmp_path: Path) -> None:
    """It is not forgotten: nobody gets the new one, and its holder has it after the next reading."""
    async with reconciling(proxy_rows(1), tmp_path) as desk:
        await desk.take(ANNA, 2)
        await desk.bench.edit(renewal(2))
        with full_disk(desk.bench.desk.database.path):
            await desk.look(APART)
            assert [] == await desk.free()
        await desk.look(APART)
        assert ["fresh"] == await passwords(desk, ANNA)
        assert rows_of(desk.bench.cells())[2]["proxy"] == line(2, "fresh")
