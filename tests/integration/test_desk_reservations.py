"""Previews: kept for one user for a while, taken by rows, and free again by themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from desk_bench import READ, DeskBench, JumpingClock, desk_bench, proxy_row, proxy_rows, until
from desk_judge import sheet_is_right

from bot.errors import NotEnough
from bot.models.results import Reason

TTL = 300.0


def failed(failures: object) -> list[tuple[int, Reason]]:
    return [(one.row, one.reason) for one in failures]  # type: ignore[attr-defined]


async def pending(bench: DeskBench) -> int:
    return (await bench.service.get_stats()).pending_reservations


async def is_claimed(bench: DeskBench) -> bool:
    """Nothing is merely reserved any more."""
    return await pending(bench) == 0


async def test_what_is_reserved_is_taken_by_its_rows(tmp_path: Path) -> None:
    """Reserving touches no sheet; taking the rows afterwards gives exactly those proxies."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.zero()
        reserved = await bench.service.reserve_proxies([2, 4], "beboo", 7)
        assert ([2, 4], ()) == ([proxy.row for proxy in reserved.proxies], reserved.failures)
        assert {"reads": 0, "writes": 0} == await bench.calls()
        taken, lost = await bench.service.take_proxies_batch([2, 4], "beboo", 7)
        assert (list(reserved.proxies), []) == (taken, lost)
        assert ([2, 4], 0) == (sorted(bench.issued()), await pending(bench))
        await sheet_is_right(bench)


async def test_a_reservation_is_exclusive(tmp_path: Path) -> None:
    """While it lasts nobody else gets the proxy for that resource; for another one everybody may."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        await bench.service.reserve_proxies([2], "beboo", 7)
        other = await bench.service.reserve_proxies([2, 3], "beboo", 8)
        assert [(2, Reason.ALREADY_TAKEN)] == failed(other.failures)
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 9)
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 9, new_resource=True)
        taken, _ = await bench.service.take_proxies_batch([2], "ozon", 9)
        assert 1 == len(taken)
        await sheet_is_right(bench)


async def test_two_who_reserve_at_once(tmp_path: Path) -> None:
    """Of many who want the same row at the same moment one has it."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        answers = await asyncio.gather(
            *(bench.service.reserve_proxies([2], "beboo", user) for user in range(1, 51))
        )
        assert 1 == sum(len(answer.proxies) for answer in answers)
        assert 49 == sum(len(answer.failures) for answer in answers)


async def test_a_reservation_that_lapsed_is_free_for_others(tmp_path: Path) -> None:
    """When its time is over anybody may have the proxy, before any clean-up ran."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        await bench.service.reserve_proxies([2, 3], "beboo", 7)
        clock.jump(TTL - 5)
        with pytest.raises(NotEnough):
            await bench.service.issue("beboo", 1, 8, new_resource=True)
        clock.jump(10)
        issued = await bench.service.issue("beboo", 1, 8)
        assert [2] == [proxy.row for proxy in issued.proxies]
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 7)
        await sheet_is_right(bench)


async def test_a_lapsed_reservation_can_still_be_taken_where_nobody_was_faster(tmp_path: Path) -> None:
    """Who comes too late for his own reservation gets the proxy like anybody else while it is free."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        await bench.service.reserve_proxies([2], "beboo", 7)
        clock.jump(TTL + 5)
        taken, lost = await bench.service.take_proxies_batch([2], "beboo", 7)
        assert ([2], []) == ([proxy.row for proxy in taken], lost)
        await sheet_is_right(bench)


async def test_a_take_in_time_does_not_lapse_while_it_waits(tmp_path: Path) -> None:
    """Tapped in time: however long Google makes it wait, the reservation does not run out under it."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        await bench.service.reserve_proxies([2], "beboo", 7)
        clock.jump(TTL - 1)
        bench.fault("reset", READ, times=3)
        taking = asyncio.create_task(bench.service.take_proxies_batch([2], "beboo", 7))
        await until(lambda: is_claimed(bench))
        clock.jump(20)
        assert 0 == await bench.service.cleanup_expired_reservations()
        await clock.hurry(taking)
        assert [2] == [proxy.row for proxy in taking.result()[0]]
        await sheet_is_right(bench)


async def test_clean_up_touches_reservations_only(tmp_path: Path) -> None:
    """What is taken stays taken however old it is; what is reserved ends when its time is over, once."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(5), tmp_path, clock=clock) as bench:
        await bench.service.issue("beboo", 2, 7, new_resource=True)
        await bench.service.reserve_proxies([4, 5], "beboo", 7)
        assert 0 == await bench.service.cleanup_expired_reservations()
        clock.jump(TTL + 5)
        assert [2, 0] == [await bench.service.cleanup_expired_reservations() for _ in range(2)]
        assert (2, 0) == (len(await bench.service.held_by(7)), await pending(bench))
        await sheet_is_right(bench)


async def test_cancelling_drops_the_users_own_reservations_only(tmp_path: Path) -> None:
    """Neither what he has taken nor what others have reserved."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.service.issue("beboo", 1, 7, new_resource=True)
        await bench.service.reserve_proxies([3, 4], "beboo", 7)
        await bench.service.reserve_proxies([5], "beboo", 8)
        assert [2, 0] == [await bench.service.cancel_all_reservations(7) for _ in range(2)]
        assert (1, 1) == (await pending(bench), len(await bench.service.held_by(7)))
        issued = await bench.service.issue("beboo", 3, 9)
        assert [3, 4, 6] == [proxy.row for proxy in issued.proxies]
        await sheet_is_right(bench)


async def test_a_reservation_outlives_a_restart(tmp_path: Path) -> None:
    """It is in the journal: the next process keeps it, and lets it lapse."""
    clock = JumpingClock()
    async with desk_bench(proxy_rows(2), tmp_path, clock=clock) as bench:
        await bench.service.reserve_proxies([2], "beboo", 7)
        await bench.kill()
        await bench.start()
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 8)
        taken, _ = await bench.service.take_proxies_batch([2], "beboo", 7)
        assert [2] == [proxy.row for proxy in taken]
        await sheet_is_right(bench)


async def test_rows_that_changed_places_since_fail(tmp_path: Path) -> None:
    """Another proxy stands in the row now: without a reservation the row fails instead of giving a stranger."""
    async with desk_bench(proxy_rows(6), tmp_path) as bench:
        await bench.edit({"kind": "move_rows", "from": 2, "count": 1, "to": 8})
        await bench.service.refresh(force=True)
        refused = await bench.service.reserve_proxies([2, 7], "beboo", 7)
        assert [(2, Reason.MOVED), (7, Reason.MOVED)] == failed(refused.failures)
        assert ([], [2]) == await bench.service.take_proxies_batch([2], "beboo", 7)


async def test_a_reserved_row_that_moved_is_the_reserved_proxy(tmp_path: Path) -> None:
    """A reservation is for the proxy: the row it had when it was shown still names it."""
    rows = proxy_rows(6)
    async with desk_bench(rows, tmp_path) as bench:
        await bench.service.reserve_proxies([2], "beboo", 7)
        await bench.edit({"kind": "move_rows", "from": 2, "count": 1, "to": 8})
        await bench.service.refresh(force=True)
        taken, lost = await bench.service.take_proxies_batch([2], "beboo", 7)
        assert ([rows[0][0]], []) == ([proxy.endpoint.line for proxy in taken], lost)
        assert [7] == list(bench.issued())
        await sheet_is_right(bench)


async def test_rows_without_a_usable_proxy(tmp_path: Path) -> None:
    """Expired, unreadable, used and missing rows fail, each with its reason."""
    rows = [
        proxy_row(2, days=-1),
        ["no proxy at all"],
        proxy_row(4, used_for="Beboo"),
        proxy_row(5, days="soon"),
    ]
    async with desk_bench(rows, tmp_path) as bench:
        reserved = await bench.service.reserve_proxies([2, 3, 4, 5, 99], "beboo", 7)
        assert [5] == [proxy.row for proxy in reserved.proxies]
        assert [
            (2, Reason.EXPIRED),
            (3, Reason.UNREADABLE),
            (4, Reason.ALREADY_TAKEN),
            (99, Reason.UNREADABLE),
        ] == failed(reserved.failures)


async def test_try_take_proxy(tmp_path: Path) -> None:
    """One row: the proxy, or None where it could not be had."""
    async with desk_bench(proxy_rows(2), tmp_path) as bench:
        first = await bench.service.try_take_proxy(2, "beboo", 7)
        assert first is not None
        assert 2 == first.row
        assert await bench.service.try_take_proxy(2, "beboo", 8) is None
