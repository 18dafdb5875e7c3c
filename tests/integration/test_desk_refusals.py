"""Google is busy, broken, or says no: retried where that helps, told where it does not, nothing half done."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from desk_bench import (
    HEADER,
    READ,
    WRITE,
    DeskBench,
    JumpingClock,
    desk_bench,
    proxy_row,
    proxy_rows,
)
from desk_judge import left_alone, sheet_is_right

from bot.models.results import Issued, Reason

QUICK: dict[str, Any] = {"call_timeout": 0.4, "write_horizon": 60.0}
PATIENCE = 30.0
API = "/v4/"


def lines(issued: Issued) -> list[str]:
    return [proxy.endpoint.line for proxy in issued.proxies]


def reasons(issued: Issued) -> list[tuple[int, Reason]]:
    return [(failure.row, failure.reason) for failure in issued.failures]


async def matters(bench: DeskBench) -> tuple[str, ...]:
    """What an admin is asked to look at."""
    return (await bench.service.get_stats()).needs_attention


REFUSE = {"outage": "refuse"}
REST = 61.0


async def hurried(
    clock: JumpingClock, bench: DeskBench, count: int = 1, *, user: int = 7, by: float = 0.5
) -> tuple[Issued, float]:
    """The answer of a take, and how long it took on the desk's clock."""
    taking = asyncio.create_task(bench.service.issue("beboo", count, user, new_resource=True))
    passed = await clock.hurry(taking, by=by)
    return taking.result(), passed


# -- busy, and broken for a moment ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [READ, WRITE])
@pytest.mark.parametrize("retry_after", [None, 7])
async def test_too_many_calls(tmp_path: Path, path: str, retry_after: int | None) -> None:
    """A 429 is waited out, at least as long as Google asks; then everything goes its way, once."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock) as bench:
        await bench.zero()
        bench.fault("status", path, times=2, status=429, retry_after=retry_after)
        issued, passed = await hurried(clock, bench, 2)
        assert (2, ()) == (len(issued.proxies), issued.failures)
        assert passed >= 2 * (retry_after or 1)
        assert 1 == (await bench.calls())["writes"]
        await sheet_is_right(bench)


@pytest.mark.parametrize("kind", ["status", "html", "cut", "reset", "hang", "drip"])
async def test_a_read_that_fails_is_repeated(tmp_path: Path, kind: str) -> None:
    """Whatever becomes of a read, the next one brings the proxies; nothing is written in between."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, **QUICK) as bench:
        await bench.zero()
        bench.fault(kind, READ, times=2, status=500, seconds=5, bytes_per_second=50)
        issued, _ = await hurried(clock, bench, 2, by=0.02)
        assert (2, ()) == (len(issued.proxies), issued.failures)
        assert 1 == (await bench.calls())["writes"]
        await sheet_is_right(bench)


@pytest.mark.parametrize("kind", ["reset", "status", "html"])
async def test_an_outage_is_told_after_the_patience(tmp_path: Path, kind: str) -> None:
    """Google away for longer than the patience: the request fails, nothing was taken, the next one works."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, pool=REFUSE, **QUICK) as bench:
        bench.fault(kind, READ, status=503)
        issued, passed = await hurried(clock, bench, 2)
        assert ([], [(2, Reason.SHEET_UNAVAILABLE), (3, Reason.SHEET_UNAVAILABLE)]) == (
            lines(issued),
            reasons(issued),
        )
        assert PATIENCE <= passed <= PATIENCE + 5
        assert ({}, []) == (bench.issued(), await bench.service.held_by(7))
        bench.faults.clear()
        clock.jump(REST)
        again, _ = await hurried(clock, bench, 2, user=8)
        assert [2, 3] == [proxy.row for proxy in again.proxies]
        await sheet_is_right(bench)


async def test_who_comes_after_an_outage_does_not_wait(tmp_path: Path) -> None:
    """When everybody has been answered, the next one is tried at once, not after the last one's pause."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, pool=REFUSE, **QUICK) as bench:
        bench.fault("reset", READ)
        await hurried(clock, bench)
        bench.faults.clear()
        clock.jump(REST)
        issued = await asyncio.wait_for(bench.service.issue("beboo", 1, 8, new_resource=True), 2)
        assert [2] == [proxy.row for proxy in issued.proxies]


async def test_a_release_that_cannot_be_written_is_kept(tmp_path: Path) -> None:
    """What could not be given back is still held, and can be given back later."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, **QUICK) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        [held] = await bench.service.held_by(7)
        bench.fault("reset", READ)
        returning = asyncio.create_task(bench.service.give_back([held.allocation], 7))
        await clock.hurry(returning)
        assert () == returning.result().released
        assert [Reason.SHEET_UNAVAILABLE] == [one.reason for one in returning.result().failures]
        assert [held] == await bench.service.held_by(7)
        bench.faults.clear()
        clock.jump(REST)
        assert (held.allocation,) == (await bench.service.give_back([held.allocation], 7)).released
        await sheet_is_right(bench)


async def test_a_repair_that_is_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    """Sorted between read and write, then Google fails: strangers' cells are put right when it is back."""
    rows = [proxy_row(number, days=100 - number, issued=f"ozon {number}") for number in range(2, 8)]
    sort = {"kind": "sort", "range": "A2:G7", "column": "D"}
    clock = JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock) as bench:
        await bench.edit_at(WRITE, sort)
        bench.fault("reset", READ, skip=1, times=3)
        issued, _ = await hurried(clock, bench, 2)
        assert 2 == len(issued.proxies)
        await left_alone(bench, rows, sort)
        await sheet_is_right(bench)


async def test_a_column_that_came_is_put_right_after_a_failure(tmp_path: Path) -> None:
    """A column inserted between read and write, then Google fails: the cells we hit get back what was theirs."""
    rows, insert = proxy_rows(5), {"kind": "insert_columns", "at": "B"}
    clock = JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock) as bench:
        await bench.edit_at(WRITE, insert)
        bench.fault("reset", READ, skip=1, times=3)
        issued, _ = await hurried(clock, bench, 2)
        assert 2 == len(issued.proxies)
        await left_alone(bench, rows, insert)
        await sheet_is_right(bench)


async def test_a_column_inserted_before_a_lost_write(tmp_path: Path) -> None:
    """A column inserted before a write whose answer is lost: the cells it hit get back what was theirs."""
    rows, insert = proxy_rows(5), {"kind": "insert_columns", "at": "B"}
    clock = JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock, **QUICK) as bench:
        await bench.edit_at(WRITE, insert)
        bench.fault("lose_answer", WRITE, times=1)
        issued, _ = await hurried(clock, bench, 2)
        assert 2 == len(issued.proxies)
        await bench.zero()
        clock.jump(61)
        await bench.called(reads=1)
        await left_alone(bench, rows, insert)
        await sheet_is_right(bench)


@pytest.mark.parametrize("values", [[7], 7, ["text"], {"a": 1}])
async def test_an_answer_of_another_shape_is_no_answer(tmp_path: Path, values: Any) -> None:
    """A 200 whose rows are no rows is asked for again, never half understood."""
    wrong = [values]

    @web.middleware
    async def odd(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if asking and READ in request.path and wrong and isinstance(response, web.Response):
            body = json.loads(response.body)  # type: ignore[arg-type]
            body["valueRanges"][-1]["values"] = wrong.pop()
            return web.json_response(body)
        return response

    clock, asking = JumpingClock(), False
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock, middleware=odd) as bench:
        asking = True
        issued, _ = await hurried(clock, bench, 2)
        assert (2, []) == (len(issued.proxies), wrong)
        await sheet_is_right(bench)


# -- Google says no ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_read_is_told_at_once(tmp_path: Path, status: int) -> None:
    """No access, no book: nobody waits, an admin is asked to look, and it is over when it is over."""
    async with desk_bench(proxy_rows(5), tmp_path) as bench:
        bench.fault("status", READ, status=status)
        issued = await asyncio.wait_for(bench.service.issue("beboo", 1, 7, new_resource=True), 2)
        assert ([], [(2, Reason.SHEET_REFUSED)]) == (lines(issued), reasons(issued))
        assert [True] == [matter.startswith("sheet: ") for matter in await matters(bench)]
        bench.faults.clear()
        again = await asyncio.wait_for(bench.service.issue("beboo", 1, 8, new_resource=True), 2)
        assert 1 == len(again.proxies)
        assert () == await matters(bench)
        await sheet_is_right(bench)


async def test_a_book_that_may_only_be_read(tmp_path: Path) -> None:
    """A 403 for the write as a whole is nobody's row: all fail after one try, not row by row."""
    async with desk_bench(proxy_rows(9), tmp_path) as bench:
        bench.fault("status", WRITE, status=403)
        issued = await asyncio.wait_for(bench.service.issue("beboo", 5, 7, new_resource=True), 2)
        assert ([], [Reason.SHEET_REFUSED] * 5) == (lines(issued), [reason for _, reason in reasons(issued)])
        assert 1 == bench.faults.snapshot()["rules"][0]["hits"]
        assert [] == await bench.service.held_by(7)


@web.middleware
async def nameless(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of writes that do not say which range is meant."""
    response = await handler(request)
    if WRITE in request.path and response.status == 400 and isinstance(response, web.Response):
        body = json.loads(response.body)  # type: ignore[arg-type]
        body["error"]["message"] = body["error"]["message"].partition(": ")[2]
        return web.json_response(body, status=400)
    return response


@web.middleware
async def forbidding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of writes as 403."""
    response = await nameless(request, handler)
    if response.status == 400 and isinstance(response, web.Response):
        return web.json_response(json.loads(response.body), status=403)  # type: ignore[arg-type]
    return response


@pytest.mark.parametrize("middleware", [None, nameless, forbidding], ids=["named", "nameless", "forbidden"])
@pytest.mark.parametrize("protected", [(4,), (2, 11)])
async def test_another_takes_the_place_of_a_protected_row(
    tmp_path: Path, protected: tuple[int, ...], middleware: Any
) -> None:
    """Nothing is lost to whoever asks; the row's number is told to an admin, and it is not tried again soon."""
    rows, clock = proxy_rows(12), JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock, middleware=middleware) as bench:
        await bench.edit(*({"kind": "protect", "range": f"A{row}:G{row}"} for row in protected))
        issued, _ = await hurried(clock, bench, 10)
        given = sorted(set(range(2, 12 + len(protected))) - set(protected))
        assert (given, []) == (sorted(bench.issued()), reasons(issued))
        [matter] = await matters(bench)
        assert str(protected[-1]) in matter
        await bench.zero()
        await bench.service.issue("tinder", 3, 7, new_resource=True)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        await left_alone(bench, rows)
        await sheet_is_right(bench)


async def test_a_protected_row_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """Of two who are served together only the one whose row is protected fails."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.edit({"kind": "protect", "range": "G3"})
        answers = await asyncio.gather(
            *(bench.service.take_proxies_batch([row], "beboo", 7) for row in (2, 3, 4, 5))
        )
        assert [[], [3], [], []] == [failed for _, failed in answers]
        assert [2, 4, 5] == sorted(bench.issued())


async def test_a_protected_entry_stays_held(tmp_path: Path) -> None:
    """An entry that cannot be taken out stays its user's; the other one is given back."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        held = {each.proxy.row: each for each in await bench.service.held_by(7)}
        await bench.edit({"kind": "protect", "range": "G2"})
        returned = await bench.service.give_back([each.allocation for each in held.values()], 7)
        assert (held[3].allocation,) == returned.released
        assert [(2, Reason.SHEET_REFUSED)] == [(one.row, one.reason) for one in returned.failures]
        assert [held[2]] == await bench.service.held_by(7)
        await sheet_is_right(bench)


# -- the layout changes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "name"), [("G1", "issued"), ("E1", "used_for"), ("A1", "proxy")])
async def test_a_header_is_renamed(tmp_path: Path, place: str, name: str) -> None:
    """Without a needed column nothing is written and an admin reads which it is; restored, all is well."""
    rows = proxy_rows(5)
    async with desk_bench(rows, tmp_path) as bench:
        await bench.zero()
        await bench.edit({"kind": "cell", "cell": place, "value": "something else"})
        issued = await asyncio.wait_for(bench.service.issue("beboo", 2, 7, new_resource=True), 2)
        assert ([], [Reason.SHEET_REFUSED] * 2) == (lines(issued), [reason for _, reason in reasons(issued)])
        assert 0 == (await bench.calls())["writes"]
        assert [True] == [name in matter for matter in await matters(bench)]
        await bench.edit({"kind": "cell", "cell": place, "value": name.upper()})
        again = await asyncio.wait_for(bench.service.issue("beboo", 2, 8, new_resource=True), 2)
        assert 2 == len(again.proxies)
        assert () == await matters(bench)


async def test_our_column_goes_between_read_and_write(tmp_path: Path) -> None:
    """The column is deleted under our hands: nobody is told "taken" until it is back and shows the entries."""
    rows = proxy_rows(5)
    clock = JumpingClock()
    async with desk_bench(rows, tmp_path, clock=clock) as bench:
        await bench.edit_at(WRITE, {"kind": "delete_columns", "at": "G"})
        taking = asyncio.create_task(bench.service.issue("beboo", 2, 7, new_resource=True))
        await bench.called(writes=1)
        await asyncio.wait([taking], timeout=0.2)
        assert not taking.done()
        assert [True] == ["issued" in matter for matter in await matters(bench)]
        await bench.edit({"kind": "cell", "cell": "G1", "value": "issued"})
        await clock.hurry(taking)
        assert 2 == len(taking.result().proxies)
        assert () == await matters(bench)
        await left_alone(bench, rows)
        await sheet_is_right(bench)


async def test_the_tab_is_renamed(tmp_path: Path) -> None:
    """The tab is found again by its id, whatever it is called now, before the read or before the write."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock) as bench:
        await bench.edit({"kind": "rename_sheet", "title": "It's: new"})
        first, _ = await hurried(clock, bench)
        await bench.edit_at(WRITE, {"kind": "rename_sheet", "title": "Newer"})
        second, _ = await hurried(clock, bench, user=8)
        assert [2, 3] == [proxy.row for one in (first, second) for proxy in one.proxies]
        await bench.service.refresh(force=True)
        await sheet_is_right(bench)


async def test_columns_change_places_before_the_read(tmp_path: Path) -> None:
    """Columns are found by their headers at every read; one read and one write are enough."""
    rows, move = proxy_rows(5), {"kind": "move_columns", "from": "G", "to": "A"}
    async with desk_bench(rows, tmp_path) as bench:
        await bench.edit(move)
        await bench.zero()
        issued = await bench.service.issue("beboo", 2, 7, new_resource=True)
        assert 2 == len(issued.proxies)
        assert {"reads": 1, "writes": 1} == await bench.calls()
        await left_alone(bench, rows, move)
        await bench.service.refresh(force=True)
        assert "issued" == bench.cells()[0][0]


async def test_a_refresh_finds_columns_that_went_past_the_grid(tmp_path: Path) -> None:
    """A column is deleted from a grid without a spare one: the desk goes on reading the sheet."""
    async with desk_bench(proxy_rows(5), tmp_path, size=(20, len(HEADER))) as bench:
        await bench.edit({"kind": "delete_columns", "at": "C"})
        await asyncio.gather(bench.service.refresh(force=True), return_exceptions=True)
        stats = await bench.service.refresh(force=True)
        assert 5 == stats.total_proxies
        assert 2 == len((await bench.service.issue("beboo", 2, 7, new_resource=True)).proxies)


async def test_a_sheet_of_headers_alone(tmp_path: Path) -> None:
    """A grid that ends with its header row is an empty pool, not an error."""
    async with desk_bench([], tmp_path, size=(1, len(HEADER))) as bench:
        assert 0 == (await bench.service.get_stats()).total_proxies
