"""The command line: `quartermaster run`, `quartermaster migrate`; the same as `python -m bot`.

Settings are checked before anything heavy is imported, so that a mistake in them is told at once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

from bot import __version__
from bot.errors import QuartermasterError
from bot.settings import Settings, SettingsError, env_file_named_by, load_settings

WRONG_SETTINGS = 2
CANNOT_START = 1
STOP_WITHIN = 24.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code."""
    command = _parser().parse_args(arguments).command
    try:
        settings = load_settings(os.environ, env_file_named_by(os.environ))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log yet
        return WRONG_SETTINGS
    return _carry_out(_run(settings) if command == "run" else _migrate(settings), settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quartermaster", description="A Telegram bot for shared proxies.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="start the bot; SIGTERM or Ctrl-C ends it, losing nothing")
    commands.add_parser("migrate", help="bring the database to the newest schema, and end (run does it too)")
    return parser


def _carry_out(work: Coroutine[Any, Any, None], settings: Settings) -> int:
    import structlog

    from bot.logs import configure_logging

    configure_logging(settings.log.level, settings.log.format, settings.log.file, secrets=settings.secrets())
    log = structlog.get_logger("bot")
    for warning in settings.warnings():
        log.warning(warning)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(work)
    except QuartermasterError as error:
        from bot.views.startup import start_failure

        log.error(start_failure(error, settings.sheet.service_account))  # noqa: TRY400 - a trace tells nothing more
        return CANNOT_START
    except Exception:
        log.exception("the bot ended unexpectedly")
        return CANNOT_START
    return 0


def _loop_factory() -> Any:
    """uvloop where it runs: it is a quarter faster."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopping)
    from bot.app import run_bot

    await run_bot(settings, stopping)


def _stop(stopping: asyncio.Event) -> None:
    """The first signal ends the bot in good order, a second one at once, as does patience that is over.

    What is open then is replayed by the next start.
    """
    if stopping.is_set():
        os._exit(0)
    stopping.set()
    # A call that hangs in a thread cannot be cancelled, and would hold the process back.
    asyncio.get_running_loop().call_later(STOP_WITHIN, os._exit, 0)


async def _migrate(settings: Settings) -> None:
    from bot.storage.database import Database
    from bot.storage.migrate import upgrade

    database = Database(settings.storage.database_url)
    await database.start()
    try:
        await database.migrate(upgrade)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
