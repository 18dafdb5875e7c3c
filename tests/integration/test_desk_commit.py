"""One read and one write serve everybody who waits, and nobody gets what somebody else has."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from desk_bench import JumpingClock, desk_bench, proxy_row, proxy_rows
from desk_judge import left_alone, sheet_is_right

from bot.errors import NotEnough, UnknownResource
from bot.models.results import Issued, Reason

ONE_COMMIT = {"reads": 1, "writes": 1}


@pytest.mark.parametrize("count", [1, 5, 20, 50])
async def test_an_idle_desk_needs_one_read_and_one_write(tmp_path: Path, count: int) -> None:
    """Taking N proxies costs one read and one write, the verification included, and leaves the rest alone."""
    rows = proxy_rows(80)
    async with desk_bench(rows, tmp_path) as bench:
        await bench.zero()
        issued = await bench.service.issue("beboo", count, 7, new_resource=True)
        assert list(range(2, count + 2)) == [proxy.row for proxy in issued.proxies]
        assert (1, 1) == (issued.receipt.reads, issued.receipt.writes)
        assert await bench.calls() == ONE_COMMIT
        assert list(range(2, count + 2)) == list(bench.issued())
        await left_alone(bench, rows)
        await sheet_is_right(bench)


@pytest.mark.parametrize(("takers", "each"), [(100, 10), (1000, 5)])
async def test_a_crowd_rides_in_one_commit(tmp_path: Path, takers: int, each: int) -> None:
    """However many ask together, there is one read and one write, and no proxy goes out twice."""
    async with desk_bench(proxy_rows(takers * each), tmp_path) as bench:
        await bench.zero()
        issued = await asyncio.gather(
            *(bench.service.issue("beboo", each, user, new_resource=True) for user in range(1, takers + 1))
        )
        keys = [proxy.key for one in issued for proxy in one.proxies]
        assert takers * each == len(set(keys)) == len(keys)
        assert await bench.calls() == ONE_COMMIT
        await sheet_is_right(bench)


async def test_who_arrives_during_a_commit_rides_in_the_next(tmp_path: Path) -> None:
    """Twenty who come while Google is slow share the second commit."""
    async with desk_bench(proxy_rows(60), tmp_path) as bench:
        bench.faults.set({"latency": {"kind": "constant", "ms": 60}})
        await bench.zero()
        first = asyncio.create_task(bench.service.issue("beboo", 1, 1, new_resource=True))
        await asyncio.sleep(0.05)
        rest = [bench.service.issue("beboo", 2, user, new_resource=True) for user in range(2, 22)]
        await asyncio.gather(first, *rest)
        assert {"reads": 2, "writes": 2} == await bench.calls()
        await sheet_is_right(bench)


async def test_who_arrives_while_the_pace_makes_a_commit_wait_rides_along(tmp_path: Path) -> None:
    """The quota is used up: nobody is decided on, and nobody left behind, before a call may be made."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock) as bench:
        await bench.service.issue("beboo", 1, 1, new_resource=True)
        bench.desk.pace.slow_down(10.0)
        await bench.zero()
        asked = []
        for user in (2, 3, 4):
            asked.append(asyncio.ensure_future(bench.service.issue("beboo", 1, user)))
            clock.jump(2.0)
            await asyncio.sleep(0.02)
        for each in asked:
            await clock.hurry(each)
        assert await bench.calls() == ONE_COMMIT
        assert 4 == len(bench.issued())


async def test_the_last_proxy_goes_to_one_of_200(tmp_path: Path) -> None:
    """Of 200 who want the only proxy one gets it; 199 are told that none is free."""
    async with desk_bench([proxy_row(2)], tmp_path) as bench:
        answers = await asyncio.gather(
            *(bench.service.issue("beboo", 1, user, new_resource=True) for user in range(1, 201)),
            return_exceptions=True,
        )
        assert 1 == sum(isinstance(answer, Issued) for answer in answers)
        refusals = [answer for answer in answers if isinstance(answer, NotEnough)]
        assert [(1, 0)] * 199 == [(refusal.asked, refusal.available) for refusal in refusals]
        await sheet_is_right(bench)


async def test_one_row_goes_to_one_of_200(tmp_path: Path) -> None:
    """Of 200 who want exactly this row one gets it; 199 are told the row."""
    async with desk_bench(proxy_rows(3), tmp_path) as bench:
        answers = await asyncio.gather(
            *(bench.service.take_proxies_batch([3], "beboo", user) for user in range(1, 201))
        )
        assert 1 == sum(bool(taken) for taken, _ in answers)
        assert [[3]] * 199 == [failed for _, failed in answers if failed]
        await sheet_is_right(bench)


async def test_one_proxy_serves_many_resources_in_one_cell(tmp_path: Path) -> None:
    """Ten resources at once for the same proxy: one commit, ten entries, one text in one cell."""
    async with desk_bench([proxy_row(2)], tmp_path) as bench:
        await bench.zero()
        names = [f"site{number}" for number in range(10)]
        await asyncio.gather(*(bench.service.issue(name, 1, 7, new_resource=True) for name in names))
        assert await bench.calls() == ONE_COMMIT
        assert set(names) == {entry.split()[0] for entry in bench.issued()[2].split("; ")}
        await sheet_is_right(bench)


async def test_taking_and_giving_back_share_a_commit(tmp_path: Path) -> None:
    """Who gives back and who takes at the same moment ride together, on the same row too."""
    async with desk_bench([proxy_row(2), proxy_row(3)], tmp_path) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        held = [each.allocation for each in await bench.service.held_by(7)]
        await bench.zero()
        returned, issued = await asyncio.gather(
            bench.service.give_back(held, 7), bench.service.issue("ozon", 2, 8, new_resource=True)
        )
        assert set(held) == set(returned.released)
        assert 2 == len(issued.proxies)
        assert await bench.calls() == ONE_COMMIT
        assert ["ozon", "ozon"] == [text.split()[0] for text in bench.issued().values()]
        await sheet_is_right(bench)


async def test_what_was_given_back_can_be_taken_again(tmp_path: Path) -> None:
    """A proxy that was given back is free for the same resource at once."""
    async with desk_bench([proxy_row(2)], tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        await bench.service.give_back([held.allocation], 7)
        issued = await bench.service.issue("beboo", 1, 8)
        assert [2] == [proxy.row for proxy in issued.proxies]
        await sheet_is_right(bench)


async def test_a_name_nobody_uses_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt resource takes nothing."""
    async with desk_bench([proxy_row(2, used_for="beboo"), proxy_row(3)], tmp_path) as bench:
        await bench.zero()
        with pytest.raises(UnknownResource) as refusal:
            await bench.service.issue("bebo", 1, 7)
        assert ("beboo",) == refusal.value.nearest
        assert {"reads": 0, "writes": 0} == await bench.calls()


# -- what stands in the cells ---------------------------------------------------------------------------------


async def test_rows_of_one_proxy_are_one_proxy(tmp_path: Path) -> None:
    """The same proxy in two rows goes out once, and carries one entry."""
    async with desk_bench([proxy_row(9), proxy_row(5), proxy_row(9)], tmp_path) as bench:
        issued = await bench.service.issue("beboo", 2, 7, new_resource=True)
        assert 2 == len({proxy.key for proxy in issued.proxies})
        assert [2, 3] == list(bench.issued())
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 8)
        await sheet_is_right(bench)


async def test_a_proxy_used_in_one_of_its_rows_is_used(tmp_path: Path) -> None:
    """What people use any row of a proxy for, it is used for."""
    async with desk_bench([proxy_row(9), proxy_row(9, used_for="beboo")], tmp_path) as bench:
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 7)


async def test_what_people_wrote_in_our_column_stays(tmp_path: Path) -> None:
    """Entries without an id of ours are kept to the letter, and count as use."""
    foreign = "ozon Boris, since May; #notanid;  avito #zzzzzzzz (old bot)"
    async with desk_bench([proxy_row(2, issued=foreign)], tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, name="@anna", new_resource=True)
        kept = "ozon Boris, since May; #notanid; avito #zzzzzzzz (old bot); beboo @anna"
        assert bench.issued()[2].startswith(kept)
        with pytest.raises(NotEnough):
            await bench.service.issue("ozon", 1, 7)
        [held] = await bench.service.held_by(7)
        await bench.service.give_back([held.allocation], 7)
        assert "ozon Boris, since May; #notanid; avito #zzzzzzzz (old bot)" == bench.issued()[2]


async def test_a_full_cell_is_told(tmp_path: Path) -> None:
    """Where 50,000 characters leave no room for an entry, the row fails with its reason, nothing is written."""
    rows = [proxy_row(2, days=90, issued="x" * 49_990), proxy_row(3)]
    async with desk_bench(rows, tmp_path) as bench:
        await bench.zero()
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 7)
        issued = await bench.service.issue("beboo", 1, 7)
        assert [3] == [proxy.row for proxy in issued.proxies]
        assert "x" * 49_990 == bench.issued()[2]
        await sheet_is_right(bench)


async def test_a_full_cell_has_its_reason(tmp_path: Path) -> None:
    """The failure says that the cell is full."""
    async with desk_bench([proxy_row(2, issued="x" * 49_990)], tmp_path) as bench:
        issued = await bench.service.issue("beboo", 1, 7, new_resource=True)
        assert [(2, Reason.CELL_FULL)] == [(one.row, one.reason) for one in issued.failures]


@pytest.mark.parametrize("name", ["=1+1", "+7", "Ёлка 🌲 <b>&amp</b>", "@'quoted'", "-anna"])
async def test_names_are_text(tmp_path: Path, name: str) -> None:
    """Whatever a name looks like, the sheet holds it as text: writes are RAW."""
    async with desk_bench([proxy_row(2)], tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, name=name, new_resource=True)
        assert f"beboo {name} " in bench.issued()[2]
        assert ["RAW"] == [body["valueInputOption"] for body in await bench.writes()]
        await sheet_is_right(bench)


async def test_only_our_cells_are_filled(tmp_path: Path) -> None:
    """On the wire every cell but `issued` is null, which the API skips; row 1 has none at all."""
    async with desk_bench(proxy_rows(4), tmp_path) as bench:
        await bench.service.take_proxies_batch([3, 5], "beboo", 7)
        [body] = await bench.writes()
        assert ["'Pool'!1:1", "'Pool'!3:5"] == [part["range"] for part in body["data"]]
        filled = [[cell is not None for cell in row] for part in body["data"] for row in part["values"]]
        assert [[False], [*[False] * 6, True], [], [*[False] * 6, True]] == filled
