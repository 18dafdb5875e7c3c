"""Handing out as it is usually written: read the sheet, choose, write; one client of gspread-asyncio for all.

As favourable to it as can be: the set of what was chosen already is shared, so that nobody is given what another
is about to write, and calls wait for tokens instead of a fixed delay and of Google's refusals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.serving import Pace
from bench.world import TAB, World
from bot.gateways.sheets_client import SCOPES, HttpClient, Manager, ServiceAccount
from bot.resilience.clock import SystemClock
from bot.resilience.limiter import ReadWritePace

DEADLINE = 60.0
PROXY, USED_FOR = 0, 4
USED_COLUMN = "E"
READS = ("values_batch_get", "fetch_sheet_metadata")


class SharedClient(Manager):
    """gspread-asyncio's line of calls, one at a time for everybody; `pace` None means as fast as they go."""

    def __init__(self, url: str, service_account: Path) -> None:
        configured = type("ConfiguredHttpClient", (HttpClient,), {"base_url": url, "deadline": DEADLINE})

        def credentials() -> ServiceAccount:
            account: ServiceAccount = ServiceAccount.from_service_account_file(  # type: ignore[no-untyped-call]
                service_account, scopes=SCOPES
            )
            return account

        super().__init__(credentials, configured)
        self.pace: ReadWritePace | None = None

    async def before_gspread_call(self, method: Any, args: Any, kwargs: Any) -> None:
        """Wait for this kind of call's turn, inside the line as gspread-asyncio waits."""
        if self.pace is not None:
            bucket = self.pace.reads if method.__name__ in READS else self.pace.writes
            await bucket.acquire()


class Classic:
    """One read and one write for each proxy (`per_call` 1), or for all that a user wants (`per_call` None)."""

    def __init__(self, client: SharedClient, book: str, *, per_call: int | None) -> None:
        self.name = "batch" if per_call is None else "naive"
        self._client = client
        self._book = book
        self._per_call = per_call
        self._chosen: set[int] = set()
        self.told: dict[int, list[str]] = {}

    @property
    def waited(self) -> float:
        """Seconds spent waiting for the pace, one call after the other."""
        pace = self._client.pace
        return 0.0 if pace is None else pace.reads.waited + pace.writes.waited

    async def take(self, user: int, resource: str, count: int) -> None:
        """Hand out so many to the user; what they were given so far stands in `told`."""
        step = self._per_call or count
        for _ in range(0, count, step):
            rows = await self._read()
            numbers = self._choose(rows, resource, step)
            await self._write({number: _marked(rows[number], resource) for number in numbers})
            self.told.setdefault(user, []).extend(host_of(rows[number]) for number in numbers)

    async def _read(self) -> list[list[Any]]:
        ranges = [f"{TAB}!A2:{USED_COLUMN}"]
        answer = await self._client.call("values_batch_get", self._book, ranges)
        rows: list[list[Any]] = answer["valueRanges"][0].get("values", [])
        return rows

    def _choose(self, rows: Sequence[Sequence[Any]], resource: str, count: int) -> list[int]:
        """The first ones that nobody has for the resource, by index."""
        free = (
            index
            for index, row in enumerate(rows)
            if index not in self._chosen and resource not in "".join(row[USED_FOR : USED_FOR + 1])
        )
        numbers = [index for index, _ in zip(free, range(count), strict=False)]
        self._chosen.update(numbers)
        return numbers

    async def _write(self, texts: dict[int, str]) -> None:
        data = [
            {"range": f"{TAB}!{USED_COLUMN}{index + 2}", "values": [[text]]} for index, text in texts.items()
        ]
        body = {"valueInputOption": "RAW", "data": data}
        await self._client.call("values_batch_update", self._book, body)


async def opened(world: World, pace: Pace | None) -> SharedClient:
    """A client that has its token, and from now on keeps the pace."""
    client = SharedClient(world.url, world.service_account)
    await client.call("fetch_sheet_metadata", world.book)
    if pace is not None:
        each = {"reads_per_minute": pace.per_minute, "writes_per_minute": pace.per_minute}
        client.pace = ReadWritePace(SystemClock(), **each, burst=pace.burst)
    return client


def host_of(row: Sequence[Any]) -> str:
    """The proxy's host, which tells it from all others here."""
    host: str = row[PROXY].partition(":")[0]
    return host


def marked_hosts(rows: Sequence[Sequence[Any]], resource: str) -> list[str]:
    """The hosts that the sheet shows as used for the resource, as this way of handing out writes it."""
    return [host_of(row) for row in rows if resource in "".join(row[USED_FOR : USED_FOR + 1])]


def _marked(row: Sequence[Any], resource: str) -> str:
    return ", ".join(filter(None, ["".join(row[USED_FOR : USED_FOR + 1]), resource]))
