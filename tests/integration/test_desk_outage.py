"""Life without Google: what the journal has decided is handed out, and the sheet catches up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from desk_bench import USED_FOR, WRITE, DeskBench, JumpingClock, desk_bench, proxy_row, proxy_rows, until

from bot.errors import PeerUnavailable, StillPending
from bot.models.allocation import State
from bot.models.notice import Kind
from bot.models.results import BadReason, Issued

ANNA, BORIS, ADMIN = 10, 20, 1
QUICK = {"call_timeout": 2.0}
REST = 60.0
CAUGHT_UP = REST + 5.0  # the hurried clock makes seconds of the milliseconds that two calls take


@asynccontextmanager
async def away(
    tmp_path: Path, rows: int = 6, **options: Any
) -> AsyncIterator[tuple[DeskBench, JumpingClock]]:
    """A desk whose Google has just gone away, so that the breaker has opened."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(rows), tmp_path, clock=clock, **QUICK, **options) as bench:
        bench.fault("status", "values", status=503)
        for _ in range(5):
            with pytest.raises(PeerUnavailable):
                await bench.service.refresh(force=True)
        yield bench, clock


def hosts(issued: Issued) -> list[str]:
    return [proxy.endpoint.host for proxy in issued.proxies]


async def back(bench: DeskBench, clock: JumpingClock) -> float:
    """Google answers again; returns the seconds until nothing waits for it any more."""
    bench.faults.clear()
    work = asyncio.ensure_future(bench.settled())
    return await clock.hurry(work, by=0.25)


async def test_while_google_is_away_the_journal_hands_out(tmp_path: Path) -> None:
    """At once, naming the mode; nobody else gets the same; the sheet shows it when Google is back."""
    async with away(tmp_path) as (bench, clock):
        first = await bench.service.issue("beboo", 2, ANNA, name="@anna", new_resource=True)
        second = await bench.service.issue("beboo", 2, BORIS, name="@boris", new_resource=True)
        assert (True, True) == (first.pending, second.pending)
        assert set() == set(hosts(first)) & set(hosts(second))
        assert {} == bench.issued()
        assert [True, True] == [held.pending for held in await bench.service.held_by(ANNA)]
        assert "queue" == (await bench.service.get_stats()).mode
        passed = await back(bench, clock)
        assert passed <= CAUGHT_UP
        assert "strict" == (await bench.service.get_stats()).mode
        assert {2: "@anna", 3: "@anna", 4: "@boris", 5: "@boris"} == {
            row: text.split()[1] for row, text in bench.issued().items()
        }
        assert [False, False] == [held.pending for held in await bench.service.held_by(ANNA)]


async def test_a_backlog_is_one_commit(tmp_path: Path) -> None:
    """However many were handed out meanwhile, the sheet learns of them together, within a minute."""
    async with away(tmp_path, rows=100) as (bench, clock):
        for user in range(100, 110):
            await bench.service.issue("beboo", 10, user, new_resource=True)
        await bench.zero()
        passed = await back(bench, clock)
        assert 100 == len(bench.issued())
        assert passed <= CAUGHT_UP
        calls = await bench.calls()
        assert (1, True) == (calls["writes"], calls["reads"] <= 3)


async def test_who_waits_when_google_goes_is_served_by_the_journal(tmp_path: Path) -> None:
    """A take under way when the breaker opens need not come to the end of its patience."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(4), tmp_path, clock=clock, **QUICK) as bench:
        bench.fault("status", "values", status=503)
        taking = asyncio.ensure_future(bench.service.issue("beboo", 2, ANNA, new_resource=True))
        assert await clock.hurry(taking) < 30.0
        assert taking.result().pending
        await back(bench, clock)
        assert 2 == len(bench.issued())


async def test_the_same_request_again_gets_the_same_answer(tmp_path: Path) -> None:
    """Before and after the sheet has caught up."""
    async with away(tmp_path) as (bench, clock):
        ask = {"request_key": "tap", "new_resource": True}
        first = await bench.service.issue("beboo", 2, ANNA, **ask)
        again = await bench.service.issue("beboo", 2, ANNA, **ask)
        await back(bench, clock)
        late = await bench.service.issue("beboo", 2, ANNA, **ask)
        assert hosts(first) == hosts(again) == hosts(late)
        assert 2 == len(bench.issued())


async def test_a_person_wins_and_the_holder_gets_another(tmp_path: Path) -> None:
    """A resource that somebody adds by hand meanwhile: a replacement, a notice, and the answer says the new one."""
    async with away(tmp_path) as (bench, clock):
        issued = await bench.service.issue("beboo", 1, ANNA, request_key="tap", new_resource=True)
        await bench.edit({"kind": "cell", "cell": "E2", "value": "beboo"})
        await back(bench, clock)
        held = [one.proxy.endpoint.host for one in await bench.service.held_by(ANNA)]
        assert (hosts(issued), ["10.0.0.3"]) == (["10.0.0.2"], held)
        told = [(user, data) for user, kind, data in await bench.notices() if kind is Kind.REPLACED]
        assert [(ANNA, "10.0.0.2:8080", "10.0.0.3:8080")] == [(u, d["old"], d["new"]) for u, d in told]
        again = await bench.service.issue("beboo", 1, ANNA, request_key="tap", new_resource=True)
        assert ["10.0.0.3"] == hosts(again)
        assert {3} == bench.issued().keys()


async def test_where_there_is_no_other_the_holder_is_told(tmp_path: Path) -> None:
    """Nothing is kept quiet: it is not theirs any more."""
    async with away(tmp_path, rows=1) as (bench, clock):
        await bench.service.issue("beboo", 1, ANNA, new_resource=True)
        await bench.edit({"kind": "cell", "cell": "E2", "value": "beboo"})
        await back(bench, clock)
        assert [] == await bench.service.held_by(ANNA)
        assert [ANNA] == [user for user, kind, _ in await bench.notices() if kind is Kind.LOST]


async def test_a_crash_meanwhile_loses_nothing(tmp_path: Path) -> None:
    """What was handed out is projected by the next process, though nobody asks for it again."""
    async with away(tmp_path) as (bench, clock):
        await bench.service.issue("beboo", 2, ANNA, new_resource=True)
        await bench.kill()
        await bench.start()
        await bench.service.settle_orphans()
        assert 2 == len(await bench.service.held_by(ANNA))
        await back(bench, clock)
        assert 2 == len(bench.issued())
        assert [True, True] == [held.settled for held in await bench.service.held_by(ANNA)]


async def test_refusing_hands_out_nothing(tmp_path: Path) -> None:
    """SHEET_OUTAGE=refuse: told at once that nothing was done."""
    async with away(tmp_path, pool={"outage": "refuse"}) as (bench, clock):
        with pytest.raises(PeerUnavailable):
            await bench.service.issue("beboo", 2, ANNA, new_resource=True)
        await back(bench, clock)
        assert {} == bench.issued()
        assert [] == await bench.service.held_by(ANNA)


async def test_fast_never_waits_for_the_sheet(tmp_path: Path) -> None:
    """TAKE_MODE=fast: handed out while the write is still under way, and says so."""
    async with desk_bench(proxy_rows(4), tmp_path, pool={"take_mode": "fast"}) as bench:
        bench.faults.set({"latency": {"kind": "constant", "ms": 300}})
        issued = await bench.service.issue("beboo", 2, ANNA, new_resource=True)
        assert issued.pending
        assert {} == bench.issued()
        await bench.settled()
        assert 2 == len(bench.issued())


async def test_admins_hear_of_an_outage_twice(tmp_path: Path) -> None:
    """Once when it begins, once when it ends, however often it is tried in between."""
    async with away(tmp_path) as (bench, clock):
        await bench.service.issue("beboo", 1, ANNA, new_resource=True)
        for _ in range(3):
            clock.jump(REST + 1)
            await asyncio.sleep(0.05)
        await back(bench, clock)

        async def both() -> bool:
            told.extend(data["began"] for user, kind, data in await bench.notices() if kind is Kind.OUTAGE)
            return len(told) >= 2

        told: list[bool] = []
        await until(both)
        assert [True, False] == told


async def test_a_restart_during_an_outage_is_no_second_one(tmp_path: Path) -> None:
    """Admins hear neither of another beginning nor of no end, whichever process sees it."""
    async with away(tmp_path) as (bench, _):
        assert [True] == await outages(bench)
        await bench.kill()
        await bench.start()
        for _ in range(5):
            with pytest.raises(PeerUnavailable):
                await bench.service.refresh(force=True)
        assert [] == await outages(bench)
        await bench.kill()
        bench.faults.clear()
        await bench.start()
        assert [False] == await outages(bench)


async def outages(bench: DeskBench) -> list[bool]:
    """What admins were told since the last look: True where one began."""
    await asyncio.sleep(0.1)
    return [data["began"] for _, kind, data in await bench.notices() if kind is Kind.OUTAGE]


async def test_an_outage_of_writes_ends_when_nothing_is_left_to_write(tmp_path: Path) -> None:
    """Lost answers whose writes were found: nobody writes any more, and reading shows that Google is there."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(9), tmp_path, clock=clock, **QUICK) as bench:
        bench.fault("lose_answer", WRITE, seconds=0)
        for _ in range(5):
            await clock.hurry(asyncio.ensure_future(bench.service.issue("beboo", 1, ANNA, new_resource=True)))
        assert [True] == await outages(bench)
        bench.faults.clear()
        await bench.settled()
        clock.jump(REST)
        await bench.service.refresh(force=True)
        assert [False] == await outages(bench)


@pytest.mark.parametrize("way", ["give back", "use up", "report", "hand over", "replace"])
async def test_what_the_sheet_does_not_show_yet_stays_as_it_is(tmp_path: Path, way: str) -> None:
    """Refused with its reason, nothing is marked or handed out; the same button works when the sheet shows it."""
    async with away(tmp_path, pool={"max_held": 1}) as (bench, clock):
        await bench.service.issue("beboo", 1, ANNA, name="@anna", new_resource=True)
        [mine] = [held.allocation for held in await bench.service.held_by(ANNA)]
        service = bench.service
        act = {
            "give back": lambda: service.give_back([mine], ANNA, request_key="k"),
            "use up": lambda: service.spend([mine], ANNA, request_key="k"),
            "report": lambda: service.mark_bad([mine], ANNA, BadReason.DEAD, request_key="k"),
            "hand over": lambda: service.transfer(mine, ANNA, BORIS, "@boris", request_key="k"),
            "replace": lambda: service.replace(mine, ANNA, BadReason.DEAD, name="@anna", request_key="k"),
        }[way]
        with pytest.raises(StillPending):
            await act()
        await back(bench, clock)
        assert [mine] == [held.allocation for held in await service.held_by(ANNA)]
        await act()
        assert mine not in [held.allocation for held in await service.held_by(ANNA)]


async def test_who_was_given_another_is_told_over_a_crash(tmp_path: Path) -> None:
    """What they were shown went to a person; the process died while it wrote the other one."""
    clock = JumpingClock()
    options = {"pool": {"take_mode": "fast"}, "write_horizon": 60.0, **QUICK}
    async with desk_bench(proxy_rows(6), tmp_path, clock=clock, **options) as bench:
        await bench.edit({"kind": "cell", "cell": "E2", "value": "beboo"})
        bench.fault("hang", WRITE, seconds=30)
        issued = await bench.service.issue("beboo", 1, ANNA, request_key="k", new_resource=True)
        assert ["10.0.0.2"] == hosts(issued)
        await bench.struck()
        await bench.kill()
        bench.faults.clear()
        await bench.start()
        await clock.hurry(asyncio.ensure_future(bench.settled()))
        clock.jump(70)
        await bench.settled()
        assert ["10.0.0.3"] == [held.proxy.endpoint.host for held in await bench.service.held_by(ANNA)]
        told = [(to, data["old"]) for to, kind, data in await bench.notices() if kind is Kind.REPLACED]
        assert [(ANNA, "10.0.0.2:8080")] == told


async def test_what_is_given_back_meanwhile_stays_held(tmp_path: Path) -> None:
    """Giving back needs the sheet: it is tried, then said that it is still theirs."""
    clock = JumpingClock()
    rows = [proxy_row(2), proxy_row(3, used_for="other")]
    async with desk_bench(rows, tmp_path, clock=clock, **QUICK) as bench:
        await bench.service.issue("beboo", 1, ANNA, new_resource=True)
        bench.fault("status", "values", status=503)
        mine = [one.allocation for one in await bench.service.held_by(ANNA)]
        giving = asyncio.ensure_future(bench.service.give_back(mine, ANNA))
        await clock.hurry(giving)
        assert 1 == len(giving.result().failures)
        states = [one.state for one in bench.desk.pool.ledger.of_user(ANNA)]
        assert [State.TAKEN] == states
        assert "other" == bench.cells()[2][USED_FOR]
