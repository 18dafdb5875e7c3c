"""How many updates a second a bot takes in, by a webhook and by polling, each bot in a process of its own.

`bare`: a handler of aiogram with nothing else. `typical`: three middlewares, and ten handlers with `F.text == "…"`
before the one that fits. `ours`: the whole bot, which stores each update durably and encrypted before it says 200.
The updates are plain text of 32 people, to which ours answers each of them once and the others nothing: enough of
them that a first contact with somebody weighs little. By webhook 32 connections bring one update after the other;
`acknowledged` is what they see, `handled` the whole until the last handler has ended. By polling the local Telegram
hears of them over as many connections, as fast as it takes them.
Rounds alternate; medians and ratios to `typical`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from bench.fronts import WAYS
from bench.page import command_line, publish
from bench.world import World, local_world, scattered

from sandbox.telegram.world import TOKEN

SECRET = "of-the-benchmark-alone"  # noqa: S105  # of a bot that lives for seconds
CONNECTIONS = 32
USERS = range(2_001, 2_001 + CONNECTIONS)
USUAL = "typical"
HEAD = (
    "mode",
    "way",
    "acknowledged/s",
    "p50",
    "p99",
    "handled/s",
    "× acknowledged/s",
    "× p99",
    "× handled/s",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians of all rounds; nothing is acknowledged one by one where updates are fetched."""

    mode: str
    way: str
    acknowledged_per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    handled_per_s: float


@dataclass(frozen=True, slots=True)
class Round:
    """One bot, from its first update to its last; `seconds` of each that was acknowledged one by one."""

    wall: float
    seconds: list[float]
    handled_in: float


def updates(first: int, count: int) -> list[dict[str, Any]]:
    """People who say something in their private chats, one after the other."""
    found = []
    for number in range(first, first + count):
        user = USERS[number % CONNECTIONS]
        chat = {"id": user, "first_name": f"User {user}", "type": "private"}
        person = {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}
        text = {
            "message_id": number,
            "from": person,
            "chat": chat,
            "date": int(time.time()),
            "text": "morning",
        }
        found.append({"update_id": number, "message": text})
    return found


async def by_webhook(world: World, way: str, count: int) -> Round:
    """Let 32 connections bring the updates."""
    port = _free_port()
    more = {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/updates",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_PORT": str(port),
    }
    facts = {"port": port, "secret": SECRET}
    async with _front(world, way, "webhook", count, facts, more) as process:
        bodies = iter([json.dumps(each).encode() for each in updates(1, count)])
        seconds: list[float] = []
        began = time.perf_counter()
        await asyncio.gather(*(_bring(port, bodies, seconds) for _ in range(CONNECTIONS)))
        wall = time.perf_counter() - began
        await _line(process)
        return Round(wall, seconds, time.perf_counter() - began)


async def by_polling(world: World, way: str, count: int) -> Round:
    """Let 32 connections tell the local Telegram of the updates, which the bot fetches."""
    async with aiohttp.ClientSession() as client:
        await client.post(f"{world.telegram}/bot{TOKEN}/deleteWebhook", json={"drop_pending_updates": True})
    async with _front(world, way, "polling", count, {}, {}) as process, aiohttp.ClientSession() as client:
        bodies = iter([{"message": each["message"]} for each in updates(1, count)])

        async def happen() -> None:
            for body in bodies:
                async with client.post(f"{world.telegram}/sandbox/raw", json=body) as answer:
                    answer.raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(happen() for _ in range(CONNECTIONS)))
        await _line(process)
        return Round(0.0, [], time.perf_counter() - began)


MODES = {"webhook": by_webhook, "polling": by_polling}


async def _bring(port: int, bodies: Iterable[bytes], seconds: list[float]) -> None:
    """One connection: the next update when the last one was acknowledged; what is turned away is brought again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        head = (
            "POST /updates HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        while True:
            writer.write(head.encode() + body)
            status = await _answer(reader)
            if status == 200:
                break
            assert status == 503, status
            await asyncio.sleep(0.01)
        seconds.append(time.perf_counter() - began)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next((line for line in head.split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    await reader.readexactly(int(length.split(b":")[1]))
    return int(head.split(b" ", 2)[1])


@asynccontextmanager
async def _front(
    world: World, way: str, mode: str, count: int, facts: dict[str, Any], more: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot in its process, ready."""
    with tempfile.TemporaryDirectory() as folder:
        environment = world.environment(
            Path(folder), ALLOWED_IDS=",".join(map(str, USERS)), REQUESTS_PER_MINUTE="600", **more
        )
        known = {"token": TOKEN, "url": world.telegram, "updates": count, "environment": environment}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.fronts", way, mode, json.dumps(known | facts)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        )
        try:
            await _line(process)
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise SystemExit("a bot has ended before its time")
    return line


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def measure(rounds: int, count: int) -> list[Figure]:
    """Every bot in turn, so that what else the machine does hits all alike."""
    found: dict[tuple[str, str], list[Round]] = {}
    async with local_world() as world, aiohttp.ClientSession() as client:
        await world.fill(scattered(100, 10, seed=1))
        for user in USERS:
            person = {"id": user, "first_name": f"User {user}"}
            async with client.post(f"{world.telegram}/sandbox/users", json=person) as answer:
                answer.raise_for_status()
            async with client.post(
                f"{world.telegram}/sandbox/send", json={"user": user, "text": "/start"}
            ) as answer:
                answer.raise_for_status()
        for _, mode, way in itertools.product(range(rounds), MODES, WAYS):
            found.setdefault((mode, way), []).append(await MODES[mode](world, way, count))
    return [_figure(mode, way, each, count) for (mode, way), each in found.items()]


def _figure(mode: str, way: str, found: Sequence[Round], count: int) -> Figure:
    handled = statistics.median(count / each.handled_in for each in found)
    if mode == "polling":
        return Figure(mode, way, None, None, None, handled)
    hundredths = [statistics.quantiles(each.seconds, n=100, method="inclusive") for each in found]
    p50, p99 = (statistics.median(each[index] for each in hundredths) * 1000 for index in (49, 98))
    return Figure(mode, way, statistics.median(count / each.wall for each in found), p50, p99, handled)


def lines(figures: Sequence[Figure]) -> list[list[str]]:
    """One for each; ratios to the typical bot."""
    found = []
    for one in figures:
        usual = next(each for each in figures if (each.mode, each.way) == (one.mode, USUAL))
        shown = [
            _shown(one.acknowledged_per_s, ",.0f"),
            _shown(one.p50_ms, ".1f", " ms"),
            _shown(one.p99_ms, ".1f", " ms"),
        ]
        ratios = [
            _ratio(one.acknowledged_per_s, usual.acknowledged_per_s),
            _ratio(one.p99_ms, usual.p99_ms),
            _ratio(one.handled_per_s, usual.handled_per_s),
        ]
        found.append([one.mode, one.way, *shown, f"{one.handled_per_s:,.0f}", *ratios])
    return found


def _shown(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else f"{value:{form}}{unit}"


def _ratio(one: float | None, other: float | None) -> str:
    return "" if one is None or other is None else f"{one / other:.2f}"


def main() -> None:
    """Measure, print a table, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of each bot (3)")
    parser.add_argument("--updates", type=int, default=4000, metavar="N", help="updates a round (4000)")
    options = parser.parse_args()
    figures = asyncio.run(measure(options.rounds, options.updates))
    publish(options, "intake", "Updates that come in", HEAD, lines(figures), [asdict(one) for one in figures])


if __name__ == "__main__":
    main()
