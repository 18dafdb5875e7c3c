"""The proxy desk over real HTTP against the sandbox's Sheets, for the tests beside this file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from bot.app import Desk, open_desk
from bot.resilience.clock import Clock
from bot.services.proxy_service import ProxyService
from bot.settings import Settings
from bot.settings.sections import LogSettings, PoolSettings, SheetSettings, StorageSettings, TelegramSettings
from sandbox.faults import Faults
from sandbox.sheets.app import RUNNER_OPTIONS, create_sheets_app
from sandbox.sheets.world import SheetsWorld

BOOK = "desk-book-of-the-tests"
TAB = "Pool"
HEADER = ["proxy", "country", "provider", "days_left", "used_for", "note", "issued"]
ISSUED = 6
USED_FOR = 4


def proxy_row(number: int, *, days: object = 30, used_for: str = "", issued: str = "") -> list[Any]:
    """A row whose proxy can be told by its number."""
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return [f"{host}:8080:user{number}:pass{number}", "NL", "acme", days, used_for, "", issued]


@dataclass
class DeskBench:
    """The desk, its sheet's world and the faults of the way there."""

    desk: Desk
    settings: Settings
    world: SheetsWorld
    faults: Faults
    url: str
    client: aiohttp.ClientSession
    _restarts: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def service(self) -> ProxyService:
        """The door the tests go through."""
        return self.desk.service

    def cells(self) -> list[list[Any]]:
        """The sheet as it stands, header first."""
        values: list[list[Any]] = self.world.books[BOOK].dump()["sheets"][0]["values"]
        return values

    def issued(self) -> dict[int, str]:
        """The `issued` text by row number, empty ones left out."""
        rows = enumerate(self.cells()[1:], start=2)
        return {number: row[ISSUED] for number, row in rows if len(row) > ISSUED and row[ISSUED]}

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call to the sandbox's control side."""
        async with self.client.request(method, f"{self.url}/sandbox/{path}", json=body) as response:
            answer = await response.json()
            assert response.status < 400, answer
            return answer

    async def edit(self, *edits: dict[str, Any]) -> None:
        """People edit the sheet."""
        await self.control("POST", f"spreadsheets/{BOOK}/edit", list(edits))

    async def calls(self) -> dict[str, int]:
        """Reads and writes that reached the sheet since the last zeroing."""
        counters = await self.control("GET", "counters")
        return {"reads": counters["reads"], "writes": counters["writes"]}

    async def zero(self) -> None:
        """Zero the counters."""
        await self.control("DELETE", "counters")


def desk_settings(url: str, folder: Path, key: dict[str, Any], **sheet: Any) -> Settings:
    """Settings for a desk in `folder` whose Google is at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "service-account.json"
    key_file.write_text(json.dumps(key))
    key_file.chmod(0o600)
    return Settings(
        telegram=TelegramSettings(token="123456:" + "A" * 35, admin_ids=[1]),
        sheet=SheetSettings(id=BOOK, service_account=key_file, api_url=url, **sheet),
        pool=PoolSettings(),
        storage=StorageSettings(data_dir=folder, database_url=f"sqlite+aiosqlite:///{folder}/desk.db"),
        log=LogSettings(),
    )


@asynccontextmanager
async def sheets_server(
    rows: Sequence[Sequence[Any]], *, quota: bool = True
) -> AsyncIterator[tuple[str, SheetsWorld, Faults]]:
    """The sandbox's Sheets with one book of these rows."""
    world, faults = SheetsWorld(), Faults()
    world.put_book(BOOK, {"title": BOOK, "sheets": [{"title": TAB, "values": [HEADER, *rows]}]})
    app = create_sheets_app(world, faults, quota=quota)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), world, faults


@asynccontextmanager
async def desk_bench(
    rows: Sequence[Sequence[Any]], folder: Path, *, clock: Clock | None = None, **sheet: Any
) -> AsyncIterator[DeskBench]:
    """A sheet of these rows and a desk that has read it."""
    async with sheets_server(rows, quota=False) as (url, world, faults), aiohttp.ClientSession() as client:
        settings = desk_settings(url, folder, world.make_service_account(f"{url}/token"), **sheet)
        async with open_desk(settings, clock) as desk:
            yield DeskBench(desk, settings, world, faults, url, client)
