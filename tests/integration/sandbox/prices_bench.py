"""Running price sources, for the tests beside this file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from yarl import URL

from sandbox.faults import Faults
from sandbox.prices.app import create_prices_app, prices_error_body
from sandbox.prices.world import PricesWorld

NOW = 1_795_000_000.0
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


@dataclass
class Clock:
    """A clock ticked by hand."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """The sources, their world and clock, and a client."""

    client: aiohttp.ClientSession
    url: str
    world: PricesWorld
    faults: Faults
    clock: Clock = field(default_factory=Clock)

    async def ask(self, path: str, **headers: str) -> tuple[int, Any]:
        """Status and JSON (or text) of a GET."""
        url = URL(self.url + path, encoded=True)
        async with self.client.get(url, headers=BROWSER | headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())

    async def get(self, path: str, **headers: str) -> Any:
        """What a GET that must succeed says."""
        status, body = await self.ask(path, **headers)
        assert status == 200, body
        return body

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A control request."""
        async with self.client.request(method, f"{self.url}/sandbox/{path}", json=body) as response:
            return response.status, await response.json()


@asynccontextmanager
async def running_prices(seed: int = 0) -> AsyncIterator[Bench]:
    """Sources at a clock that stands still."""
    clock, faults = Clock(), Faults(error_body=prices_error_body)
    world = PricesWorld(seed=seed, clock=clock)
    server = TestServer(create_prices_app(world, faults))
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as client:
            yield Bench(client, str(server.make_url("")).rstrip("/"), world, faults, clock)
    finally:
        await server.close()
