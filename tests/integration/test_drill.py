"""Drills over the wire: what a price source's callers meet in the local world."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import PeerRefused, PeerUnavailable
from bot.gateways.drill import LocalFaults
from bot.gateways.http_client import HttpClient, HttpFailure
from bot.models.drill import Fault
from bot.resilience.tasks import Supervisor
from sandbox.faults import Faults

SLOW = 0.05


@dataclass
class Bench:
    """Sources that all answer, behind faults, and somebody who calls them."""

    http: HttpClient
    faults: Faults
    url: str

    @property
    def local(self) -> LocalFaults:
        return LocalFaults(self.http, self.url, slow=SLOW)

    async def call(self, path: str) -> int | None:
        """The status; None where there is no answer."""
        try:
            return (await self.http.request("GET", self.url + path)).status
        except HttpFailure:
            return None


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    faults, supervisor = Faults(), Supervisor()
    app = web.Application(middlewares=[faults.middleware])

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="{}")

    app.add_routes([*faults.routes(), web.get("/{path:.*}", answer)])
    app.on_shutdown.append(faults.close)
    http = HttpClient(supervisor, timeout=5.0)
    async with TestServer(app) as server:
        yield Bench(http, faults, str(server.make_url("")).rstrip("/"))
        await http.close()
    await supervisor.close()


@pytest.mark.parametrize(("fault", "met"), [(Fault.STORM, 429), (Fault.OUTAGE, None), (Fault.SLOW, 200)])
async def test_one_source_fails_and_the_others_do_not(bench: Bench, fault: Fault, met: int | None) -> None:
    """Until it is healed; its namesakes in other paths are left alone."""
    await bench.local.strike("gold-api", fault, 300)
    began = time.perf_counter()
    assert met == await bench.call("/gold-api/price/XAU")
    assert (fault is Fault.SLOW) == (time.perf_counter() - began >= SLOW)
    assert [200, 200] == [await bench.call(path) for path in ("/yahoo/gold-api/x", "/kraken/0")]
    await bench.local.heal("gold-api")
    assert (200, []) == (await bench.call("/gold-api/price/XAU"), bench.faults.snapshot()["rules"])


async def test_a_new_fault_takes_the_place_of_the_old(bench: Bench) -> None:
    """One a source; another source's stays. PAXG is asked of Kraken."""
    await bench.local.strike("paxg", Fault.STORM, 300)
    await bench.local.strike("yahoo", Fault.STORM, 300)
    await bench.local.strike("paxg", Fault.OUTAGE, 300)
    assert [None, 429] == [await bench.call("/kraken/0/public/Ticker"), await bench.call("/yahoo/v8")]


async def test_a_drill_ends_by_itself(bench: Bench) -> None:
    """The local world forgets it, whatever becomes of the bot."""
    await bench.local.strike("yahoo", Fault.STORM, 0.0)
    assert 200 == await bench.call("/yahoo/v8")


async def test_a_world_that_is_not_there_is_said_so(bench: Bench) -> None:
    """No answer, or a server that knows no faults."""
    nowhere = LocalFaults(bench.http, "http://127.0.0.1:9", slow=SLOW)
    with pytest.raises(PeerUnavailable, match="local world"):
        await nowhere.heal("yahoo")
    other = LocalFaults(bench.http, f"{bench.url}/elsewhere", slow=SLOW)
    with pytest.raises(PeerRefused, match="405"):
        await other.strike("yahoo", Fault.STORM, 300)
