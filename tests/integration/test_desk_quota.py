"""Google's quota, sixty reads and sixty writes a minute, is never used up, whatever people and the sheet do."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from desk_bench import DeskBench, JumpingClock, desk_bench, proxy_rows

from bot.errors import PeerUnavailable

ANNA = 10
QUOTA, MINUTE = 60, 60.0
QUICK = {"call_timeout": 2.0}


class Meter:
    """Notes when each read and each write arrives, on the desk's clock."""

    def __init__(self, clock: JumpingClock) -> None:
        self._clock = clock
        self.reads: list[float] = []
        self.writes: list[float] = []

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the call through; what is not Google's part of the sandbox is not counted."""
        if request.path.startswith("/v4/"):
            (self.reads if request.method == "GET" else self.writes).append(self._clock.monotonic())
        return await handler(request)

    def most(self) -> tuple[int, int]:
        """The most reads, and the most writes, within any minute."""
        return _most_within_a_minute(self.reads), _most_within_a_minute(self.writes)


def _most_within_a_minute(calls: list[float]) -> int:
    return max((bisect_right(calls, at + MINUTE) - index for index, at in enumerate(calls)), default=0)


@asynccontextmanager
async def metered(tmp_path: Path, rows: int, **options: object) -> AsyncIterator[tuple[DeskBench, Meter]]:
    """A desk whose calls are counted from its start."""
    clock = JumpingClock()
    meter = Meter(clock)
    async with desk_bench(
        proxy_rows(rows), tmp_path, clock=clock, middleware=meter.middleware, **QUICK, **options
    ) as bench:
        yield bench, meter


async def hurried(bench: DeskBench, work: asyncio.Future[object]) -> None:
    """Let time fly, no faster than calls travel, until the work is done."""
    assert isinstance(bench.clock, JumpingClock)
    await bench.clock.hurry(work, by=0.1)
    work.result()


async def test_one_after_another_for_minutes(tmp_path: Path) -> None:
    """People who never wait for each other's commit are served at Google's pace, and none is refused by it."""
    async with metered(tmp_path, 90) as (bench, meter):
        for number in range(90):
            ask = bench.service.issue("beboo", 1, number + 1, new_resource=True)
            await hurried(bench, asyncio.ensure_future(ask))
        assert 90 == len(bench.issued())
        reads, writes = meter.most()
        assert (True, True) == (50 < reads <= QUOTA, 50 < writes <= QUOTA)


async def test_a_backlog(tmp_path: Path) -> None:
    """Written when Google is back, among those who ask then."""
    async with metered(tmp_path, 100) as (bench, meter):
        bench.fault("status", "values", status=503)
        for _ in range(5):
            with pytest.raises(PeerUnavailable):
                await bench.service.refresh(force=True)
        for user in range(1, 61):
            await bench.service.issue("beboo", 1, user, new_resource=True)
        bench.faults.clear()
        await hurried(bench, asyncio.ensure_future(bench.settled()))
        for user in range(61, 101):
            await hurried(bench, asyncio.ensure_future(bench.service.issue("beboo", 1, user)))
        assert 100 == len(bench.issued())
        assert max(meter.most()) <= QUOTA


async def test_every_call_has_its_token(tmp_path: Path) -> None:
    """Those too that only a sheet cause which is changed by hand: a renamed tab, rows and a grid that end."""
    async with metered(tmp_path, 8, size=(25_001, 26)) as (bench, meter):
        await bench.edit({"kind": "rename_sheet", "title": "Other"})
        with pytest.raises(PeerUnavailable):
            await bench.service.refresh(force=True)
        await bench.service.refresh(force=True)
        await bench.edit({"kind": "delete_rows", "at": 10, "count": 24_992})
        await bench.edit({"kind": "delete_rows", "at": 2})
        issued = await bench.service.issue("beboo", 8, ANNA, new_resource=True)
        assert 7 == len(issued.proxies) == len(bench.issued())
        assert len(meter.reads) <= bench.desk.pace.reads.granted
        assert len(meter.writes) <= bench.desk.pace.writes.granted
