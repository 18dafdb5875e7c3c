"""`make run`: what starts, with which settings, and what it says when it can't."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
SAYS_ITS_NAME = "import sys; print(sys.argv[0].split('/')[-2], *sys.argv[1:])"

Launch = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """Runs the script in a folder whose `bot` and `sandbox` only say that they were started."""
    for package in ("bot", "sandbox"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__main__.py").write_text(SAYS_ITS_NAME)

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "scripts" / "run.py"), *arguments]
        clean = {"PATH": os.environ["PATH"], **environ}
        return subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)

    return run


def test_without_token_the_local_world_starts(launch: Launch) -> None:
    """A first `make run`, nothing set, starts the local world with the arguments given."""
    done = launch("--fresh", "--latency", "20")
    expected = "No BOT_TOKEN is set: starting the local world.\nsandbox --fresh --latency 20\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_example_copied_unchanged_starts_the_local_world(launch: Launch, tmp_path: Path) -> None:
    """An .env that isn't filled in yet is no mistake here."""
    (tmp_path / ".env").write_bytes((ROOT / ".env.example").read_bytes())
    assert launch().stdout.endswith("\nsandbox\n")


@pytest.mark.parametrize("written", ["environment", "file"])
def test_with_token_the_bot_starts(launch: Launch, tmp_path: Path, written: str) -> None:
    """A token, wherever it is set, starts the bot, which tells what else is missing."""
    if written == "file":
        (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\n")
        assert launch().stdout == "bot run\n"
    else:
        assert launch(BOT_TOKEN=TOKEN).stdout == "bot run\n"


def test_wrong_token_does_not_start_the_local_world(launch: Launch) -> None:
    """Who set a token wants the bot, and has it say what is wrong with it."""
    assert launch(BOT_TOKEN="soon").stdout == "bot run\n"


def test_mistakes_are_told(launch: Launch, tmp_path: Path) -> None:
    """A misspelt name is told instead of starting something else; what is merely missing is not."""
    (tmp_path / ".env").write_text(f"BOT_TOKNE={TOKEN}\nLOG_FORMAT=xml\n")
    done = launch()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "2 settings need attention (in .env or the environment):",
        "  LOG_FORMAT  is none of the 2 choices (got xml); expected one of console, json",
        "  BOT_TOKNE   is not a setting; did you mean BOT_TOKEN?",
    ]


def test_env_file_can_be_turned_off(launch: Launch, tmp_path: Path) -> None:
    """An empty ENV_FILE leaves `.env` unread."""
    (tmp_path / ".env").write_text(json.dumps({"not": "settings"}))
    assert launch(ENV_FILE="").stdout.endswith("\nsandbox\n")


def test_help(launch: Launch) -> None:
    """--help says what would start and where the other options are explained."""
    done = launch("--help")
    assert done.returncode == 0
    assert "python -m sandbox --help" in done.stdout
