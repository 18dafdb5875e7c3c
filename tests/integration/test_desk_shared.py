"""A sheet without `issued`: what is handed out stands among people's words in `used_for`, and those stay theirs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from desk_bench import desk_bench, proxy_row, proxy_rows
from shared_bench import lines, live, shared_bench, shared_row, shared_rows, sheet_is_right, used

from bot.errors import NotEnough
from bot.models.results import Issued, Reason

CROWD = 200


async def test_a_take_costs_one_read_and_one_write(tmp_path: Path) -> None:
    """The best free ones are the user's, and their resource stands in `used_for`."""
    rows = shared_rows("", "", "", "")
    async with shared_bench(rows, tmp_path) as bench:
        await bench.zero()
        issued = await bench.service.issue("beboo", 3, 7, new_resource=True)
        assert ([row[0] for row in rows[:3]], ()) == (lines(issued), issued.failures)
        assert {2: "beboo", 3: "beboo", 4: "beboo"} == used(bench)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        await sheet_is_right(bench, rows)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ozon", "ozon, beboo"),
        ("Ozon, AVITO", "Ozon, AVITO, beboo"),
        ("ozon; avito", "ozon; avito; beboo"),
        ("ozon,avito,", "ozon,avito,beboo,"),
        ("ozon\navito", "ozon\navito\nbeboo"),
        ("  ozon ,, avito ; ", "  ozon ,, avito, beboo ; "),
        ("=IMPORTXML(A1)", "=IMPORTXML(A1), beboo"),
        ("'ozon", "'ozon, beboo"),
        ("+7 Boris <b>", "+7 Boris <b>, beboo"),
        (2024, "2024, beboo"),
    ],
)
async def test_people_find_their_words_again(tmp_path: Path, before: object, after: str) -> None:
    """Separators, order, case and trailing commas stay to the letter, taken and given back."""
    rows = [shared_row(2, str(before))]
    rows[0][4] = before
    async with shared_bench(rows, tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert {2: after} == used(bench)
        [held] = await bench.service.held_by(7)
        returned = await bench.service.give_back([held.allocation], 7)
        assert ((held.allocation,), ()) == (returned.released, returned.failures)
        assert {2: str(before)} == used(bench)


async def test_given_back_it_is_free_again(tmp_path: Path) -> None:
    """The resource leaves the cell, and the next one gets the proxy."""
    rows = shared_rows("ozon")
    async with shared_bench(rows, tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        await bench.zero()
        await bench.service.give_back([held.allocation], 7)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        assert [rows[0][0]] == lines(await bench.service.issue("beboo", 1, 8))
        await sheet_is_right(bench, rows)


async def test_one_proxy_serves_many_resources(tmp_path: Path) -> None:
    """Each taker's word is added, however many come at once; each goes by itself."""
    rows = shared_rows("Ozon")
    async with shared_bench(rows, tmp_path) as bench:
        names = ["beboo", "lentik", "mamba", "avito"]
        takes = [bench.service.issue(name, 1, user, new_resource=True) for user, name in enumerate(names)]
        await asyncio.gather(*takes)
        assert {"Ozon", *names} == set(used(bench)[2].split(", "))
        [held] = await bench.service.held_by(names.index("mamba"))
        await bench.service.give_back([held.allocation], names.index("mamba"))
        assert {"Ozon", *names} - {"mamba"} == set(used(bench)[2].split(", "))


async def test_what_people_use_is_not_handed_out(tmp_path: Path) -> None:
    """A resource in `used_for`, in any case, is taken; other resources are not."""
    async with shared_bench(shared_rows("BEBOO", "ozon"), tmp_path) as bench:
        assert [3] == [proxy.row for proxy in (await bench.service.issue("beboo", 1, 7)).proxies]
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 8)
        assert {2: "BEBOO", 3: "ozon, beboo"} == used(bench)


async def test_the_last_one_goes_to_one_of_a_crowd(tmp_path: Path) -> None:
    """Two hundred want the last one: one has it, and the cell says so once."""
    rows = shared_rows("beboo", "ozon", "beboo")
    async with shared_bench(rows, tmp_path) as bench:
        takes = [bench.service.issue("beboo", 1, user) for user in range(CROWD)]
        answers = await asyncio.gather(*takes, return_exceptions=True)
        won = [answer for answer in answers if isinstance(answer, Issued) and answer.proxies]
        assert [rows[1][0]] == [line for answer in won for line in lines(answer)]
        assert {2: "beboo", 3: "ozon, beboo", 4: "beboo"} == used(bench)
        await sheet_is_right(bench, rows)


async def test_a_crowd_rides_in_few_commits(tmp_path: Path) -> None:
    """Two hundred take one each: nobody doubled, all in the cells, in a handful of commits."""
    rows = shared_rows(*[""] * (CROWD + 50))
    async with shared_bench(rows, tmp_path) as bench:
        await bench.zero()
        takes = [bench.service.issue("beboo", 1, user, new_resource=True) for user in range(CROWD)]
        answers = await asyncio.gather(*takes)
        assert CROWD == len({line for answer in answers for line in lines(answer)}) == len(used(bench))
        assert (await bench.calls())["writes"] <= 3
        await sheet_is_right(bench, rows)


async def test_the_desk_says_its_mode(tmp_path: Path) -> None:
    """The figures tell admins that there is no column of our own."""
    async with shared_bench(shared_rows(""), tmp_path) as bench:
        assert (await bench.service.get_stats()).shared
    async with desk_bench(proxy_rows(1), tmp_path / "other") as bench:
        assert not (await bench.service.get_stats()).shared


async def test_a_cell_without_room_is_refused(tmp_path: Path) -> None:
    """A text at the sheet's limit stays as it is; the next best is handed out."""
    full = "x" * 49_994
    rows = shared_rows(full, "")
    async with shared_bench(rows, tmp_path) as bench:
        taken, failed = await bench.service.take_proxies_batch([2], "beboo", 7)
        assert ([], [2]) == (taken, failed)
        assert [rows[1][0]] == lines(await bench.service.issue("beboo", 1, 8, new_resource=True))
        assert full == used(bench)[2]


async def test_one_proxy_in_two_rows(tmp_path: Path) -> None:
    """It is taken once, stands in one of them, and leaves without a trace."""
    rows = [shared_row(2, "ozon"), shared_row(2, "avito")]
    async with shared_bench(rows, tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert {2: "ozon, beboo", 3: "avito"} == used(bench)
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 8)
        [held] = await bench.service.held_by(7)
        await bench.service.give_back([held.allocation], 7)
        assert {2: "ozon", 3: "avito"} == used(bench)


async def test_a_spare_takes_the_place_of_what_a_person_took(tmp_path: Path) -> None:
    """Marked since the last look: the next best in the same commit, and the person's word stays."""
    rows = shared_rows("", "", "")
    mark = {"kind": "cell", "cell": "E2", "value": "Beboo"}
    async with shared_bench(rows, tmp_path) as bench:
        await bench.edit(mark)
        await bench.zero()
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [rows[1][0]] == lines(issued)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        assert {2: "Beboo", 3: "beboo"} == used(bench)


async def test_exactly_this_one_is_lost_to_a_person(tmp_path: Path) -> None:
    """Who asked for a row that a person has marked gets a reason, and the mark stays."""
    async with shared_bench(shared_rows("", ""), tmp_path) as bench:
        await bench.edit({"kind": "cell", "cell": "E3", "value": "beboo "})
        kept = await bench.service.reserve_proxies([3], "beboo", 7)
        assert 1 == len(kept.proxies)
        taken, failed = await bench.service.take_proxies_batch([3], "beboo", 7)
        assert ([], [3]) == (taken, failed)
        assert {3: "beboo "} == used(bench)
        assert [] == await live(bench)


async def test_google_refuses_a_row(tmp_path: Path) -> None:
    """A protected cell fails alone, the others of the request are taken."""
    rows = shared_rows("", "", "")
    async with shared_bench(rows, tmp_path) as bench:
        await bench.edit({"kind": "protect", "range": "E2"})
        taken, failed = await bench.service.take_proxies_batch([2, 3], "beboo", 7)
        assert ([rows[1][0]], [2]) == ([proxy.endpoint.line for proxy in taken], failed)
        assert {3: "beboo"} == used(bench)


async def test_a_desk_with_its_own_column_does_not_lose_it_unnoticed(tmp_path: Path) -> None:
    """The header is renamed: nothing is written into people's column, be it for a take or for a look."""
    async with desk_bench([proxy_row(2), proxy_row(3)], tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        await bench.edit({"kind": "cell", "cell": "G1", "value": "handed out"})
        issued = await bench.service.issue("beboo", 1, 8)
        assert [Reason.SHEET_REFUSED] == [failure.reason for failure in issued.failures]
        await asyncio.gather(bench.service.refresh(force=True), return_exceptions=True)
        assert [1] == [len(await bench.service.held_by(7))]
        assert not (await bench.service.get_stats()).shared
        assert {} == used(bench)
