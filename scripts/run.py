"""Starts the bot, or, where no BOT_TOKEN is set, the local world with the bot in it."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.settings import SettingProblem, SettingsError, env_file_named_by, load_settings


def main() -> None:
    """Never returns: the process becomes the bot or the local world, or exits with 2 on wrong settings."""
    world_arguments = _arguments()
    problems = _problems(os.environ, env_file_named_by(os.environ))
    if not any(problem.name == "BOT_TOKEN" and problem.missing for problem in problems):
        _become("bot", "run")
    if wrong := [problem for problem in problems if not problem.missing]:
        sys.exit(_complain(wrong))
    print("No BOT_TOKEN is set: starting the local world.", flush=True)
    _become("sandbox", *world_arguments)


def _arguments() -> list[str]:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="All other options go to the local world; see `python -m sandbox --help`. "
        "To use Telegram and Google instead, copy .env.example to .env and fill it in.",
    )
    return parser.parse_known_args()[1]


def _problems(environ: Mapping[str, str], env_file: Path | None) -> tuple[SettingProblem, ...]:
    try:
        load_settings(environ, env_file)
    except SettingsError as error:
        return error.problems
    return ()


def _complain(problems: list[SettingProblem]) -> int:
    print(SettingsError(problems), file=sys.stderr)
    return 2


def _become(module: str, *arguments: str) -> None:
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 (no shell wanted)


if __name__ == "__main__":
    main()
