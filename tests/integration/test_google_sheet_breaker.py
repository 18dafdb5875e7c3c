"""The gateway's breakers over real HTTP: when Google is left alone, for how long, and what one try may do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from desk_bench import BOOK, READ, WRITE, desk_settings, proxy_rows, sheets_server

from bot.errors import OutcomeUnknown, PeerError, PeerRefused, PeerUnavailable
from bot.gateways.google_sheet import GoogleSheet, SheetAddress
from bot.resilience.breaker import THRESHOLD
from bot.resilience.clock import ManualClock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth
from bot.services.outage import Outage
from sandbox.faults import Faults
from sandbox.sheets.world import SheetsWorld

DEADLINE = 0.8
CELL = {2: {6: "text"}}
ROWS_READ = f"{READ}(?!.*majorDimension)"


@dataclass
class Google:
    """What stands in front of the sandbox's sheet besides its faults: a count of calls, and a gate."""

    answered: int = 0
    garbage: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    held: str = "nothing is held"

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the calls that no fault has struck; hold those whose path contains `held`."""
        if not request.path.startswith("/v4/"):
            return await handler(request)
        if self.held in request.raw_path:
            await self.gate.wait()
        self.answered += 1
        return web.json_response({}) if self.garbage else await handler(request)


@dataclass
class Bench:
    """The gateway with its breakers, and the world behind it."""

    sheet: GoogleSheet
    outage: Outage
    clock: ManualClock
    world: SheetsWorld
    faults: Faults
    google: Google

    def strike(self, kind: str, path: str = "/v4/", **fields: Any) -> None:
        """From now on calls meet this fault, and no other."""
        self.faults.set({"rules": [{"kind": kind, "path": path, **fields}]})

    @property
    def struck(self) -> int:
        """Calls that met the fault."""
        return int(self.faults.snapshot()["rules"][0]["hits"])

    async def fail(self, times: int = THRESHOLD) -> None:
        """So many reads meet the fault."""
        for _ in range(times):
            with pytest.raises(PeerUnavailable):
                await self.sheet.read_rows([2])


@asynccontextmanager
async def bench_in(folder: Path) -> AsyncIterator[Bench]:
    """A gateway that has read once."""
    clock, google = ManualClock(), Google()
    outage = Outage(clock)
    pace = ReadWritePace(clock, reads_per_minute=6000, writes_per_minute=6000, burst=1000)
    async with sheets_server(proxy_rows(3), quota=False, middleware=google.middleware) as (
        url,
        world,
        faults,
    ):
        key = desk_settings(url, folder, world.make_service_account(f"{url}/token")).sheet.service_account
        reads = PeerHealth("Sheets reads", clock, outage.reads)
        writes = PeerHealth("Sheets writes", clock, outage.writes)
        sheet = GoogleSheet(SheetAddress(BOOK, "", key, url, DEADLINE), pace, reads, writes)
        try:
            await sheet.read_rows([2])
            google.answered = 0
            yield Bench(sheet, outage, clock, world, faults, google)
        finally:
            google.gate.set()
            await sheet.close()


async def outcomes(*calls: Awaitable[object]) -> list[str]:
    """What becomes of the calls, made at the same time."""
    ended = await asyncio.gather(*calls, return_exceptions=True)
    return sorted(end.detail if isinstance(end, PeerError) else "answered" for end in ended)


# -- opening ----------------------------------------------------------------------------------------------------


async def test_after_five_failures_google_is_left_alone_then_tried_once(tmp_path: Path) -> None:
    """No call for 60 s, then one, however many ask; a failed try is followed by another 60 s."""
    async with bench_in(tmp_path) as bench:
        bench.strike("status", status=503)
        await bench.fail()
        assert (5, True) == (bench.struck, bench.sheet.is_away)
        for _ in range(2):
            await bench.clock.tick(59.9)
            resting = await outcomes(
                bench.sheet.read_header(), *(bench.sheet.read_rows([2]) for _ in range(9))
            )
            assert ["resting after failures"] * 10 == resting
            before = bench.struck
            await bench.clock.tick(0.1)
            tried = await outcomes(bench.sheet.read_header(), *(bench.sheet.read_rows([2]) for _ in range(9)))
            assert ["answered 503", *["resting after failures"] * 9] == tried
            assert before + 1 == bench.struck
        assert 7 == bench.struck


async def test_a_try_that_is_answered_lets_everybody_in(tmp_path: Path) -> None:
    """At once, on both lines of calls."""
    async with bench_in(tmp_path) as bench:
        bench.strike("status", status=503)
        await bench.fail()
        bench.faults.clear()
        await bench.clock.tick(60)
        await bench.sheet.read_rows([2])
        assert (False, 1) == (bench.sheet.is_away, bench.google.answered)
        assert ["answered"] * 4 == await outcomes(
            bench.sheet.read_header(),
            bench.sheet.read_rows([2, 3]),
            bench.sheet.write_cells(CELL),
            bench.sheet.open(),
        )


async def test_who_is_refused_knows_when_to_come_again(tmp_path: Path) -> None:
    """The seconds until a try are data on the error."""
    async with bench_in(tmp_path) as bench:
        bench.strike("status", status=503)
        await bench.fail()
        await bench.clock.tick(20)
        with pytest.raises(PeerUnavailable) as refusal:
            await bench.sheet.read_rows([2])
        assert 40.0 == refusal.value.retry_after


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "retry_after": 3},
        {"kind": "hang", "seconds": 5},
        {"kind": "reset"},
        {"kind": "cut"},
        {"kind": "html"},
        {"kind": "lose_answer"},
    ],
    ids=str,
)
async def test_every_kind_of_failure_opens_it(tmp_path: Path, fault: dict[str, Any]) -> None:
    """At the fifth, not before."""
    async with bench_in(tmp_path) as bench:
        bench.strike(**fault)
        await bench.fail(THRESHOLD - 1)
        assert not bench.sheet.is_away
        await bench.fail(1)
        assert (5, True) == (bench.struck, bench.sheet.is_away)


async def test_answers_that_say_nothing_are_failures(tmp_path: Path) -> None:
    """A 200 whose body is not what was asked for is not an answer."""
    async with bench_in(tmp_path) as bench:
        bench.google.garbage = True
        await bench.fail()
        assert bench.sheet.is_away


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_our_own_faults_never_open_it(tmp_path: Path, status: int) -> None:
    """A refusal is an answer: Google is there. It also ends a row of failures."""
    async with bench_in(tmp_path) as bench:
        for _ in range(2):
            bench.strike("status", status=503)
            await bench.fail(THRESHOLD - 1)
            bench.strike("status", status=status)
            for _ in range(THRESHOLD + 1):
                with pytest.raises(PeerRefused):
                    await bench.sheet.read_rows([2])
                with pytest.raises(PeerRefused):
                    await bench.sheet.write_cells(CELL)
        assert not bench.sheet.is_away


async def test_a_renamed_tab_never_opens_it(tmp_path: Path) -> None:
    """It is a person's doing, although the caller is told to ask again."""
    async with bench_in(tmp_path) as bench:
        book = bench.world.books[BOOK]
        book.rename_sheet(book.sheets[0], "renamed")
        told = await outcomes(*(bench.sheet.read_rows([2]) for _ in range(THRESHOLD + 1)))
        assert ["the tab was renamed or removed"] * (THRESHOLD + 1) == told
        await bench.sheet.read_rows([2])
        assert not bench.sheet.is_away


# -- reads and writes apart -------------------------------------------------------------------------------------


async def test_writes_may_fail_alone(tmp_path: Path) -> None:
    """Reads go on meanwhile; the sheet is away until a write has been answered."""
    async with bench_in(tmp_path) as bench:
        bench.strike("status", WRITE, status=503)
        for _ in range(THRESHOLD):
            with pytest.raises(OutcomeUnknown):
                await bench.sheet.write_cells(CELL)
            await bench.sheet.read_rows([2])
        with pytest.raises(PeerUnavailable):
            await bench.sheet.write_cells(CELL)
        assert (5, True) == (bench.struck, bench.sheet.is_away)
        bench.faults.clear()
        await bench.clock.tick(60)
        await bench.sheet.read_rows([2])
        assert bench.sheet.is_away
        await bench.sheet.write_cells(CELL)
        assert not bench.sheet.is_away


async def test_a_write_that_was_refused_for_its_rest_was_certainly_not_made(tmp_path: Path) -> None:
    """It is not a write without an answer: nobody needs to look whether it has landed."""
    async with bench_in(tmp_path) as bench:
        bench.strike("reset", WRITE)
        for _ in range(THRESHOLD):
            with pytest.raises(OutcomeUnknown):
                await bench.sheet.write_cells(CELL)
        bench.faults.clear()
        before = bench.google.answered
        with pytest.raises(PeerUnavailable):
            await bench.sheet.write_cells(CELL)
        assert before == bench.google.answered


# -- a try that gets lost ---------------------------------------------------------------------------------------


async def test_a_try_whose_answer_gets_lost_has_failed(tmp_path: Path) -> None:
    """Although the write was done: Google is not there for us until it answers."""
    async with bench_in(tmp_path) as bench:
        bench.strike("lose_answer", WRITE)
        for _ in range(THRESHOLD):
            with pytest.raises(OutcomeUnknown):
                await bench.sheet.write_cells(CELL)
        await bench.clock.tick(60)
        with pytest.raises(OutcomeUnknown):
            await bench.sheet.write_cells(CELL)
        assert ["resting after failures"] == await outcomes(bench.sheet.write_cells(CELL))
        assert 6 == bench.struck


async def test_a_try_that_hangs_blocks_nobody_for_long(tmp_path: Path) -> None:
    """Others are refused while it hangs; its deadline ends it, and the next try comes 60 s after it was sent."""
    async with bench_in(tmp_path) as bench:
        bench.strike("hang", seconds=5)
        await bench.fail()
        await bench.clock.tick(60)
        attempt = asyncio.create_task(bench.sheet.read_rows([2]))
        await bench.clock.tick(10)
        assert ["resting after failures"] == await outcomes(bench.sheet.read_header())
        assert ["no answer (ReadTimeout)"] == await outcomes(attempt)
        bench.faults.clear()
        await bench.clock.tick(50)
        await bench.sheet.read_header()
        assert not bench.sheet.is_away


async def test_a_cancelled_try_is_the_next_ones(tmp_path: Path) -> None:
    """Whoever asks after it may try at once."""
    async with bench_in(tmp_path) as bench:
        bench.strike("status", status=503)
        await bench.fail()
        bench.strike("hang", seconds=5, times=1)
        await bench.clock.tick(60)
        attempt = asyncio.create_task(bench.sheet.read_rows([2]))
        while not bench.struck:
            await asyncio.sleep(0.005)
        attempt.cancel()
        await asyncio.wait([attempt])
        assert bench.sheet.is_away
        await bench.sheet.read_header()
        assert not bench.sheet.is_away


async def test_an_answer_from_before_the_opening_is_not_the_try(tmp_path: Path) -> None:
    """A slow read that was sent while all was well says nothing about now."""
    async with bench_in(tmp_path) as bench:
        bench.google.held = "majorDimension"
        slow = asyncio.create_task(bench.sheet.read_header())
        bench.strike("status", ROWS_READ, status=503)
        await bench.fail()
        bench.google.gate.set()
        assert ["proxy"] == (await slow)[:1]
        assert bench.sheet.is_away
        assert ["resting after failures"] == await outcomes(bench.sheet.read_rows([2]))
