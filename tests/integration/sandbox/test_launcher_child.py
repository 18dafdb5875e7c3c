"""The bot as a child process: its environment, its end, and a sandbox that outlives it."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.child import BotProcess, child_environment

TELLS_ENVIRONMENT = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"
WAITS = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(60)"
TELLS_PID = (
    "import os, sys, time; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); time.sleep(60)"
)
KEEPS_A_BOT = f"""
import asyncio, sys
from sandbox.child import BotProcess

async def main():
    await BotProcess({{}}, print, command=[sys.executable, "-c", {TELLS_PID!r}, sys.argv[1]]).start()
    await asyncio.sleep(60)

asyncio.run(main())
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS


def unheard(_line: str) -> None:
    """For tests in which it does not matter what is told."""


def script(text: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", text, *map(str, arguments)]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; there is no event of ours to wait for."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def until_exists(path: Path) -> None:
    await until(path.exists)


async def until_ended(bot: BotProcess) -> None:
    await until(lambda: not bot.running)


def test_a_persons_settings_never_reach_the_child() -> None:
    """Of the surroundings only what any process needs is kept; no .env file is read."""
    surroundings = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "BOT_TOKEN": "real",
        "SHEET_TAB": "real",
        "HTTPS_PROXY": "x",
    }
    expected = {"PATH": "/bin", "LC_ALL": "C", "ENV_FILE": "", "BOT_TOKEN": "local"}
    assert child_environment({"BOT_TOKEN": "local"}, surroundings) == expected


async def test_the_child_gets_its_settings_as_environment(tmp_path: Path) -> None:
    """What the bot reads are the ordinary settings, and nothing of ours besides."""
    bot = BotProcess(
        {"SHEET_ID": "demo"},
        unheard,
        command=script(TELLS_ENVIRONMENT, tmp_path / "env"),
        surroundings={"ADMIN_IDS": "7"},
    )
    await bot.start()
    await until_ended(bot)
    environment = json.loads((tmp_path / "env").read_text())
    assert (environment["SHEET_ID"], environment["ENV_FILE"]) == ("demo", "")
    assert "ADMIN_IDS" not in environment


async def test_a_bot_that_ends_by_itself_is_told_once_and_not_started_again(tmp_path: Path) -> None:
    """One line with the exit code; a person can start it again."""
    lines: list[str] = []
    bot = BotProcess({}, lines.append, command=script("raise SystemExit(3)"))
    await bot.start()
    await until(lambda: bool(lines))
    await bot.stop()
    assert len(lines) == 1
    assert "exit code 3" in lines[0]
    assert bot.exit_code == 3


async def test_an_ended_bot_can_be_started_again(tmp_path: Path) -> None:
    """start after an end runs the command anew; start while it runs does nothing."""
    bot = BotProcess({}, unheard, command=script(WAITS, tmp_path / "up"))
    await bot.start()
    await bot.start()
    await until_exists(tmp_path / "up")
    bot.kill()
    await until_ended(bot)
    (tmp_path / "up").unlink()
    await bot.start()
    await until_exists(tmp_path / "up")
    assert bot.running
    await bot.stop()
    assert not bot.running


async def test_stop_asks_first(tmp_path: Path) -> None:
    """A bot that obeys SIGTERM ends without a word and without being killed."""
    lines: list[str] = []
    bot = BotProcess({}, lines.append, command=script(WAITS, tmp_path / "up"))
    await bot.start()
    await until_exists(tmp_path / "up")
    await bot.stop()
    assert (bot.exit_code, lines) == (-15, [])


async def test_a_bot_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """When patience is over the bot is killed, and that is told."""
    lines: list[str] = []
    bot = BotProcess({}, lines.append, command=script(DEAF, tmp_path / "up"))
    await bot.start()
    await until_exists(tmp_path / "up")
    await bot.stop(patience=0.05)
    assert bot.exit_code == -9
    assert "killed" in lines[0]


async def test_kill_cuts_the_waiting_short(tmp_path: Path) -> None:
    """A second signal kills the bot at once instead of waiting for the patience to end."""
    bot = BotProcess({}, unheard, command=script(DEAF, tmp_path / "up"))
    await bot.start()
    await until_exists(tmp_path / "up")
    stopping = asyncio.create_task(bot.stop(patience=60))
    await asyncio.sleep(0)
    bot.kill()
    async with asyncio.timeout(20):
        await stopping
    assert bot.exit_code == -9


async def test_nothing_starts_after_stop() -> None:
    """A bot asked for while the sandbox ends is not started."""
    bot = BotProcess({}, unheard, command=script("raise SystemExit(0)"))
    await bot.stop()
    await bot.start()
    assert not bot.running
    assert bot.exit_code is None


async def test_many_clicks_start_one_bot(tmp_path: Path) -> None:
    """Starts at the same moment lead to one process."""
    counts = "import os, sys, time; open(sys.argv[1] + str(os.getpid()), 'w').close(); time.sleep(60)"
    bot = BotProcess({}, unheard, command=script(counts, tmp_path / "up-"))
    await asyncio.gather(*(bot.start() for _ in range(5)))
    await until(lambda: names_in(tmp_path) != [])
    await bot.stop()
    assert len(names_in(tmp_path)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can promise this")
async def test_the_bot_does_not_outlive_a_killed_sandbox(tmp_path: Path) -> None:
    """When the sandbox itself is killed, its bot gets SIGTERM."""
    parent = await asyncio.create_subprocess_exec(*script(KEEPS_A_BOT, tmp_path / "pid"))
    await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"))
    child = int((tmp_path / "pid").read_text())
    assert is_alive(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(child))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"
