"""A running Sheets server with a client for it, for the tests beside this file."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.test_utils import TestServer

from sandbox.faults import Faults
from sandbox.sheets.app import RUNNER_OPTIONS, create_sheets_app
from sandbox.sheets.world import SheetsWorld

JSON = dict[str, Any]
BOOK = "book-1"
NOW = 1_795_000_000.0
GRID = [["a", "", "c"], [], ["d"]]


class Clock:
    """A clock ticked by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@lru_cache
def _keyed_world() -> JSON:
    # An RSA key takes a moment: all tests of a process share one.
    return SheetsWorld().dump()


def new_world() -> SheetsWorld:
    """An empty world."""
    return SheetsWorld.load(_keyed_world())


@dataclass
class Bench:
    """The server, its world and clock, and a client that speaks JSON."""

    client: aiohttp.ClientSession
    url: str
    world: SheetsWorld
    clock: Clock
    faults: Faults
    headers: dict[str, str]

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, JSON]:
        """One request below the server's root."""
        options.setdefault("headers", self.headers)
        async with self.client.request(method, self.url + path, **options) as response:
            return response.status, await response.json()

    async def api(self, method: str, path: str, **options: Any) -> tuple[int, JSON]:
        """One request about the book."""
        return await self.call(method, f"/v4/spreadsheets/{BOOK}{path}", **options)

    async def ok(self, method: str, path: str, **options: Any) -> JSON:
        """The answer of a request about the book that must succeed."""
        status, body = await self.api(method, path, **options)
        assert status == 200, body
        return body

    async def refused(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """Code, status and message of a request about the book that must fail."""
        status, body = await self.api(method, path, **options)
        assert body["error"]["code"] == status
        return status, body["error"]["status"], body["error"]["message"]

    async def control(self, method: str, path: str, body: Any = None) -> JSON:
        """A control request that must succeed."""
        status, answer = await self.call(method, "/sandbox" + path, json=body)
        assert status == 200, answer
        return answer

    async def put_book(self, *sheets: JSON, book: str = BOOK, **more: Any) -> None:
        """Create or replace a book."""
        body = json.dumps({"title": "Desk", "sheets": list(sheets), **more}).encode()
        status, answer = await self.call("PUT", f"/sandbox/spreadsheets/{book}", data=io.BytesIO(body))
        assert status == 200, answer

    async def edit(self, *edits: JSON) -> int:
        """Let people edit the book; the new revision."""
        answer = await self.control("POST", f"/spreadsheets/{BOOK}/edit", list(edits))
        return int(answer["revision"])

    async def get(self, text: str, **params: str) -> JSON:
        """values.get."""
        return await self.ok("GET", f"/values/{quote(text, safe='')}", params=params)

    async def put(self, text: str, values: Any, **params: str) -> JSON:
        """values.update, RAW unless told otherwise."""
        params = {"valueInputOption": "RAW"} | params
        return await self.ok("PUT", f"/values/{quote(text, safe='')}", params=params, json={"values": values})

    async def batch(self, *data: JSON, **more: Any) -> JSON:
        """values:batchUpdate, RAW."""
        body = {"valueInputOption": "RAW", "data": list(data), **more}
        return await self.ok("POST", "/values:batchUpdate", json=body)


@asynccontextmanager
async def running_sheets(world: SheetsWorld | None = None, **options: Any) -> AsyncIterator[Bench]:
    """A server without quotas and tokens unless `quota` or `auth` say so, holding a book of one `Pool` sheet."""
    world, clock, faults = world or new_world(), Clock(), Faults()
    options = {"clock": clock, "quota": False, "auth": False} | options
    server = TestServer(create_sheets_app(world, faults, **options))
    await server.start_server(**RUNNER_OPTIONS)
    try:
        async with aiohttp.ClientSession() as client:
            bench = Bench(client, str(server.make_url("")).rstrip("/"), world, clock, faults, {})
            if BOOK not in world.books:
                await bench.put_book({"title": "Pool", "values": GRID})
            yield bench
    finally:
        await server.close()
