"""How soon the whole bot asks for its first updates, and what it takes of memory: against a bare echo bot.

All of them are started anew, in turns, against the sandbox in a process of its own, over real HTTP. A start is timed
from the beginning of the process until it waits for updates; a first start of each, which makes the database and
compiles, is not counted. Memory is the proportional set (PSS) some seconds later, with nothing to do. The bare bot
imports aiogram as it comes; `LEAN_START=off` shows the whole bot without its lean import.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from bench.page import command_line, publish
from bench.world import sandbox

from sandbox.child import BOT_COMMAND, child_environment
from sandbox.demo import SPREADSHEET_ID
from sandbox.telegram.world import TOKEN

ECHO_BOT = Path(__file__).parent / "bench" / "echo_bot.py"
BARE, WHOLE, PLAIN = "bare echo bot", "whole bot", "whole bot, LEAN_START=off"
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"  # with it the bot's modules would be compiled at each start
PATIENCE = 60.0
LOOK_EVERY = 0.02
IDLE = 4.0
QUICK_IDLE = 2.0


@dataclass(frozen=True, slots=True)
class Bot:
    """How to start one."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until it waited for updates, those of them on a processor, and megabytes when idle."""

    wall_s: float
    cpu_s: float
    idle_mb: float


FIELDS = tuple(Start.__dataclass_fields__)


def main() -> None:
    """Measure, print a table, and write files where asked."""
    options = _arguments()
    with tempfile.TemporaryDirectory() as name, sandbox(Path(name)) as addresses:
        bots = _bots(Path(name), addresses)
        if not options.quick:
            measure(bots, addresses["Telegram"], 1, 0.0)
        runs, idle = (1, QUICK_IDLE) if options.quick else (options.runs, IDLE)
        starts = measure(bots, addresses["Telegram"], runs, idle)
    medians = {name: _median(found) for name, found in starts.items()}
    title = f"From the start to the first updates (median of {runs})"
    figures = {name: {field: getattr(one, field) for field in FIELDS} for name, one in medians.items()}
    publish(options, "start", title, HEAD, _lines(medians), figures)


def measure(bots: Sequence[Bot], telegram: str, runs: int, idle: float) -> dict[str, list[Start]]:
    """So many starts of each, in turns, the order changing from round to round."""
    starts: dict[str, list[Start]] = {bot.name: [] for bot in bots}
    for number in range(runs):
        for bot in bots if number % 2 else reversed(bots):
            starts[bot.name].append(start(bot, telegram, idle))
    return starts


def start(bot: Bot, telegram: str, idle: float) -> Start:
    """Start one, look at it when it has been idle for so many seconds, and end it."""
    begun = time.perf_counter()
    with _running(bot) as process:
        _wait_until(lambda: _is_polling(telegram), process)
        wall, cpu = time.perf_counter() - begun, _processor_seconds(process.pid)
        time.sleep(idle)
        memory = _proportional_megabytes(process.pid)
    _wait_until(lambda: not _is_polling(telegram))
    return Start(wall, cpu, memory)


def _bots(folder: Path, addresses: Mapping[str, str]) -> list[Bot]:
    settings = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": addresses["Telegram"],
        "ADMIN_IDS": "1001",
        "SHEET_ID": SPREADSHEET_ID,
        "GOOGLE_SERVICE_ACCOUNT": str(folder / "world" / "service-account.json"),
        "SHEETS_API_URL": addresses["Sheets"],
        "PRICES_API_URL": addresses["Prices"],
        "DATA_DIR": str(folder / "bot"),
    }
    off = {**settings, "LEAN_START": "off", "DATA_DIR": str(folder / "plain-bot")}
    surroundings = {name: value for name, value in os.environ.items() if name != UNCOMPILED}
    bare = [sys.executable, str(ECHO_BOT), TOKEN, addresses["Telegram"]]
    return [
        Bot(BARE, bare, child_environment({}, surroundings)),
        Bot(WHOLE, BOT_COMMAND, child_environment(settings, surroundings)),
        Bot(PLAIN, BOT_COMMAND, child_environment(off, surroundings)),
    ]


@contextmanager
def _running(bot: Bot) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            bot.command, env=dict(bot.environment), stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            yield process
        except TimeoutError:
            errors.seek(0)
            raise SystemExit(f"the {bot.name} did not start:\n{errors.read().decode()}") from None
        finally:
            process.terminate()
            process.wait()


def _wait_until(look: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise TimeoutError
        time.sleep(LOOK_EVERY)


def _is_polling(telegram: str) -> bool:
    with urlopen(f"{telegram}/sandbox/state") as answer:  # noqa: S310  # our own server
        return bool(json.load(answer)["polling"])


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _proportional_megabytes(pid: int) -> float:
    [kilobytes] = re.findall(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(kilobytes) / 1024


def _median(starts: Sequence[Start]) -> Start:
    return Start(*(statistics.median(getattr(one, field) for one in starts) for field in FIELDS))


HEAD = ("bot", "start", "×", "on a processor", "×", "idle memory", "×")


def _lines(medians: Mapping[str, Start]) -> list[list[str]]:
    """One for each bot; ratios to the bare one."""
    bare, found = medians[BARE], []
    for name, one in medians.items():
        cells = (
            (f"{one.wall_s:.2f} s", one.wall_s / bare.wall_s),
            (f"{one.cpu_s:.2f} s", one.cpu_s / bare.cpu_s),
            (f"{one.idle_mb:.0f} MB", one.idle_mb / bare.idle_mb),
        )
        found.append([name, *(text for figure, ratio in cells for text in (figure, f"{ratio:.2f}"))])
    return found


def _arguments() -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="starts of each (default: 5)")
    parser.add_argument("--quick", action="store_true", help="the first start of each alone, for a look")
    return parser.parse_args()


if __name__ == "__main__":
    main()
