"""The sandbox's Sheets in a process of its own, and desks on it."""

from __future__ import annotations

import io
import itertools
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import Desk, open_desk
from bot.resilience.memory import calm_collector
from bot.settings import load_settings
from sandbox.telegram.world import TOKEN

HEADER = ["proxy", "country", "provider", "days_left", "used_for", "note", "issued"]
TAB = "Proxies"
SERVES_AS_MANY = "100000"  # proxies that one user may hold


class World:
    """The sandbox's Sheets; each sheet that is put there is a book of its own, `book` the last one."""

    def __init__(self, urls: Mapping[str, str], folder: Path, client: aiohttp.ClientSession) -> None:
        self.url = urls["Sheets"]
        self.telegram = urls["Telegram"]
        self.prices = urls["Prices"]
        self.service_account = folder / "world" / "service-account.json"
        self._folder = folder
        self._client = client
        self._numbers = itertools.count(1)
        self._desks = itertools.count(1)
        self.book = ""

    async def fill(self, rows: Sequence[Sequence[Any]]) -> None:
        """Put these rows into a new sheet: what is still under way for the former one does not touch it.

        The former one is deleted: the sandbox saves its world from time to time, and nobody is served while
        it does so, for more than a second where the sheets of every run before are in it.
        """
        if self.book:
            async with self._client.delete(f"{self.url}/sandbox/spreadsheets/{self.book}") as answer:
                answer.raise_for_status()
        self.book = f"benchmark-book-of-proxies-{next(self._numbers)}"
        book = {"title": "Benchmark", "sheets": [{"title": TAB, "values": [HEADER, *rows]}]}
        await self._put(f"spreadsheets/{self.book}", book)

    async def edit(self, edit: Mapping[str, Any]) -> None:
        """Somebody edits the last sheet (see docs/sandbox.md)."""
        path = f"{self.url}/sandbox/spreadsheets/{self.book}/edit"
        async with self._client.post(path, json=edit) as answer:
            answer.raise_for_status()

    async def latency(self, milliseconds: float, at_most: float | None = None) -> None:
        """From now on each call takes that long; or, with `at_most`, any time between the two."""
        drawn = {"kind": "uniform", "min_ms": milliseconds, "max_ms": at_most}
        fixed = {"kind": "constant", "ms": milliseconds}
        await self._put("faults", {"latency": fixed if at_most is None else drawn})

    async def faults(self, *rules: Mapping[str, Any]) -> None:
        """From now on calls meet these faults and no others (see `sandbox.fault_rules.Rule`)."""
        await self._put("faults", {"rules": list(rules)})

    async def quota(self, *, on: bool) -> None:
        """Whether Google's sixty reads and sixty writes a minute are enforced."""
        await self._put("settings", {"quota": on})

    async def counters(self) -> dict[str, Any]:
        """Calls since the sandbox began, or were counted anew: reads, writes, by status."""
        async with self._client.get(f"{self.url}/sandbox/counters") as answer:
            counters: dict[str, Any] = await answer.json()
            return counters

    async def count_anew(self) -> None:
        """Zero the counters."""
        async with self._client.delete(f"{self.url}/sandbox/counters") as answer:
            answer.raise_for_status()

    async def rows(self) -> list[list[Any]]:
        """The last sheet as it stands, without its header; rows may be shorter than it."""
        async with self._client.get(f"{self.url}/sandbox/spreadsheets/{self.book}") as answer:
            values: list[list[Any]] = (await answer.json())["sheets"][0]["values"]
            return values[1:]

    @asynccontextmanager
    async def desk(self, **settings: str) -> AsyncIterator[Desk]:
        """A desk with an empty journal that has read the sheet; `settings` as the environment would hold them."""
        folder = self._folder / f"desk-{next(self._desks)}"
        async with open_desk(load_settings(self.environment(folder, **settings), None)) as desk:
            await desk.service.issue("warm-up", 1, 1, new_resource=True)
            calm_collector()
            yield desk

    def environment(self, folder: Path, **more: str) -> dict[str, str]:
        """The settings of a bot that keeps its data in the folder, as the environment would hold them."""
        return {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.telegram,
            "ADMIN_IDS": "1",
            "SHEET_ID": self.book,
            "GOOGLE_SERVICE_ACCOUNT": str(self.service_account),
            "SHEETS_API_URL": self.url,
            "PRICES_API_URL": self.prices,
            "SHEET_CACHE_TTL": "1h",
            "MAX_HELD": SERVES_AS_MANY,
            "DATA_DIR": str(folder),
        } | more

    async def _put(self, path: str, body: Any) -> None:
        data = io.BytesIO(json.dumps(body).encode())
        headers = {"Content-Type": "application/json"}
        async with self._client.put(f"{self.url}/sandbox/{path}", data=data, headers=headers) as answer:
            answer.raise_for_status()


@asynccontextmanager
async def local_world() -> AsyncIterator[World]:
    """The sandbox in a process of its own, for as long as the body runs."""
    with tempfile.TemporaryDirectory() as name, sandbox(Path(name)) as urls:
        async with aiohttp.ClientSession() as client:
            yield World(urls, Path(name), client)


def scattered(rows: int, best: int, seed: int) -> list[list[Any]]:
    """So many proxies, the `best` of which, and a fifth more, lie anywhere among them."""
    chosen = set(random.Random(seed).sample(range(rows), min(rows, best + best // 5 + 2)))
    return [
        [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}:8080:user{n}:pass{n}", "NL", "acme", days, "", "", ""]
        for n in range(rows)
        for days in [90 if n in chosen else 10]
    ]


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, str]]:
    """The local world in a process of its own, kept in `folder`/world; gives the addresses it prints, by name."""
    arguments = ["--no-bot", "--quota", "off", "--data-dir", str(folder / "world")]
    ports = [f"--{name}-port=0" for name in ("chat", "telegram", "sheets", "exchange", "prices")]
    command = [sys.executable, "-m", "sandbox", *arguments, *ports]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield _addresses(process)
    finally:
        process.terminate()
        process.communicate()


def _addresses(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    addresses = {}
    for line in process.stdout:
        if found := re.match(r"(\w[\w ]*?) +(http://\S+)", line):
            addresses[found[1]] = found[2]
        if line.startswith("Chat page"):
            return addresses
    raise SystemExit("the sandbox did not start")
