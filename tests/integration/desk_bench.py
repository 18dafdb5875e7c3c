"""The proxy desk over real HTTP against the sandbox's Sheets, for the tests beside this file."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
import new_schema
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Middleware
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.app import Desk, open_desk
from bot.models.delivery import Outcome
from bot.models.notice import Kind
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
READ = "values:batchGet"
WRITE = "values:batchUpdate"
PATIENT = 8.0


def proxy_row(
    number: int, *, days: object = 30, used_for: str = "", note: str = "", issued: str = ""
) -> list[Any]:
    """A row whose proxy can be told by its number."""
    host = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return [f"{host}:8080:user{number}:pass{number}", "NL", "acme", days, used_for, note, issued]


def proxy_rows(count: int) -> list[list[Any]]:
    """The rows 2 to `count` + 1 of a sheet, the best proxies first."""
    return [proxy_row(number, days=9000 - number, note=f"note {number}") for number in range(2, count + 2)]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when the condition holds; TimeoutError when it never does."""
    async with asyncio.timeout(PATIENT):
        while not await condition():
            await asyncio.sleep(0.005)


class JumpingClock:
    """The machine's clock, which a test can put forward; whoever is due by then wakes."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._jumped = asyncio.Event()

    def time(self) -> float:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Sleep from the call on: a jump before the first step of a task that awaits it counts too."""
        return self._sleep_until(self.monotonic() + seconds)

    async def _sleep_until(self, moment: float) -> None:
        await asyncio.sleep(0)
        while (left := moment - self.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._jumped.wait()

    def jump(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead += seconds
        former, self._jumped = self._jumped, asyncio.Event()
        former.set()

    async def hurry(self, work: asyncio.Future[Any], *, by: float = 0.5) -> float:
        """Let time fly until the work is done; returns the seconds that have passed on this clock."""
        begun = self.monotonic()
        async with asyncio.timeout(PATIENT):
            while not work.done():
                self.jump(by)
                await asyncio.wait([work], timeout=0.005)
        return self.monotonic() - begun


@dataclass
class DeskBench:
    """The desk, its sheet's world and the faults of the way there."""

    settings: Settings
    world: SheetsWorld
    faults: Faults
    url: str
    client: aiohttp.ClientSession
    clock: Clock | None = None
    running: AsyncExitStack = field(default_factory=AsyncExitStack)
    _desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The desk that was started last."""
        assert self._desk is not None
        return self._desk

    @property
    def service(self) -> ProxyService:
        """The door the tests go through."""
        return self.desk.service

    async def start(self) -> None:
        """Open a desk on the folder, as a new process would."""
        self._desk = await self.running.enter_async_context(open_desk(self.settings, self.clock))

    async def stop(self) -> None:
        """End the desk as a deployment does: what is under way comes to its end."""
        await self.running.aclose()

    async def kill(self) -> None:
        """End the desk in the middle of whatever it does: nothing more is sent or settled."""
        await self.desk.supervisor.close()
        await self.stop()

    async def settled(self) -> None:
        """Return when nothing is open any more."""

        async def nothing_open() -> bool:
            return (await self.service.get_stats()).being_checked == 0

        await until(nothing_open)

    def fault(self, kind: str, path: str = "", **fields: Any) -> None:
        """From now on calls meet this fault (see `sandbox.fault_rules.Rule`)."""
        self.faults.add({"kind": kind, "path": path, **fields})

    async def struck(self, hits: int = 1) -> None:
        """Return when the fault that was set last has met so many calls."""

        async def met() -> bool:
            return bool(self.faults.snapshot()["rules"][-1]["hits"] >= hits)

        await until(met)

    def cells(self) -> list[list[Any]]:
        """The sheet as it stands, header first."""
        values: list[list[Any]] = self.world.books[BOOK].dump()["sheets"][0]["values"]
        return values

    def issued(self) -> dict[int, str]:
        """The `issued` text by row number, empty ones left out."""
        header, *rows = self.cells()
        column = header.index("issued")
        cells = ((number, row[column]) for number, row in enumerate(rows, start=2) if len(row) > column)
        return {number: text for number, text in cells if text}

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call to the sandbox's control side."""
        async with self.client.request(method, f"{self.url}/sandbox/{path}", json=body) as response:
            answer = await response.json()
            assert response.status < 400, answer
            return answer

    async def edit(self, *edits: dict[str, Any]) -> None:
        """People edit the sheet."""
        await self.control("POST", f"spreadsheets/{BOOK}/edit", list(edits))

    async def edit_at(self, on: str, *edits: dict[str, Any], when: str = "before", **hook: Any) -> None:
        """People edit the sheet at the very moment `when` the next call of the method `on` is carried out."""
        hook |= {"on": on.replace(":", "."), "spreadsheet": BOOK, "when": when, "edit": list(edits)}
        await self.control("POST", "hooks", hook)

    async def notices(self) -> list[tuple[int, Kind, dict[str, Any]]]:
        """Whom the bot wants to tell what, oldest first."""
        found = []
        after = self.desk.clock.time() + 1
        while parcels := await self.desk.letters.due(after, 100):
            for parcel in parcels:
                found.append((parcel.notice.to, parcel.notice.kind, dict(parcel.notice.data)))
                await self.desk.letters.done(parcel.number, Outcome.DELIVERED, after)
        return found

    async def calls(self) -> dict[str, int]:
        """Reads and writes that reached the sheet since the last zeroing."""
        counters = await self.control("GET", "counters")
        return {"reads": counters["reads"], "writes": counters["writes"]}

    async def called(self, *, reads: int = 0, writes: int = 0) -> None:
        """Return when so many calls have reached the sheet since the last zeroing."""

        async def reached() -> bool:
            calls = await self.calls()
            return calls["reads"] >= reads and calls["writes"] >= writes

        await until(reached)

    async def zero(self) -> None:
        """Zero the counters."""
        await self.control("DELETE", "counters")

    async def writes(self) -> list[dict[str, Any]]:
        """The bodies of the writes that reached the sheet, oldest first."""
        calls = (await self.control("GET", "log"))["calls"]
        return [call["body"] for call in calls if call["method"] == WRITE.replace(":", ".")]


def desk_settings(
    url: str, folder: Path, key: dict[str, Any], pool: dict[str, Any] | None = None, **sheet: Any
) -> Settings:
    """Settings for a desk in `folder` whose Google is at `url`; `pool`: those of the pool, by attribute."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "service-account.json"
    key_file.write_text(json.dumps(key))
    key_file.chmod(0o600)
    if not (file := folder / "desk.db").exists():
        new_schema.put(file)
    return Settings(
        telegram=TelegramSettings(token="123456:" + "A" * 35, admin_ids=[1]),
        sheet=SheetSettings(id=BOOK, service_account=key_file, api_url=url, **sheet),
        pool=PoolSettings(**(pool or {})),
        storage=StorageSettings(data_dir=folder, database_url=f"sqlite+aiosqlite:///{folder}/desk.db"),
        log=LogSettings(),
    )


@lru_cache
def _empty_world() -> dict[str, Any]:
    # An RSA key takes a moment to make, and to check whenever it is read: all share one, of the shortest kind.
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    text = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
    return SheetsWorld().dump() | {"key": text}


@asynccontextmanager
async def sheets_server(
    rows: Sequence[Sequence[Any]],
    *,
    quota: bool = True,
    header: Sequence[str] = HEADER,
    size: tuple[int, int] = (1000, 26),
    middleware: Middleware | None = None,
) -> AsyncIterator[tuple[str, SheetsWorld, Faults]]:
    """The sandbox's Sheets with one book of these rows; `size` of its grid in rows and columns."""
    world, faults = SheetsWorld.load(_empty_world()), Faults()
    sheet = {"title": TAB, "values": [header, *rows], "rowCount": size[0], "columnCount": size[1]}
    world.put_book(BOOK, {"title": BOOK, "sheets": [sheet]})
    app = create_sheets_app(world, faults, quota=quota)
    if middleware is not None:
        app.middlewares.append(middleware)
    server = TestServer(app)
    await server.start_server(**RUNNER_OPTIONS)
    try:
        yield str(server.make_url("")).rstrip("/"), world, faults
    finally:
        await server.close()


@asynccontextmanager
async def desk_bench(
    rows: Sequence[Sequence[Any]],
    folder: Path,
    *,
    clock: Clock | None = None,
    header: Sequence[str] = HEADER,
    size: tuple[int, int] = (1000, 26),
    middleware: Middleware | None = None,
    pool: dict[str, Any] | None = None,
    **sheet: Any,
) -> AsyncIterator[DeskBench]:
    """A sheet of these rows and a desk that has read it."""
    server = sheets_server(rows, quota=False, header=header, size=size, middleware=middleware)
    async with server as (url, world, faults), aiohttp.ClientSession() as client:
        settings = desk_settings(url, folder, world.make_service_account(f"{url}/token"), pool, **sheet)
        bench = DeskBench(settings, world, faults, url, client, clock)
        async with bench.running:
            await bench.start()
            yield bench
