"""The command line: `quartermaster run`, `migrate`, `doctor`, `screen`; the same as `python -m bot`.

Settings are checked before anything heavy is imported, so that a mistake in them is told at once.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import math
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import __version__
from bot.errors import PeerError, QuartermasterError
from bot.settings import (
    Settings,
    SettingsError,
    SheetSettings,
    TelegramSettings,
    env_file_named_by,
    load_settings,
)

if TYPE_CHECKING:
    from bot.models.screen_query import Query
    from bot.models.screening import Screen
    from bot.services.doctor import Doctor
    from bot.settings.partial import PriceSettings
    from bot.views.doctor import Finding

    Tell = Callable[[Finding], None]

WRONG_SETTINGS = 2
CANNOT_START = 1
NEEDS_WORK = 1
STOP_WITHIN = 24.0
PATIENCE = 7.0
CALLS_AT_ONCE = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        return _doctor(options)
    if options.command == "screen":
        return _screen(options)
    try:
        settings = load_settings(os.environ, env_file_named_by(os.environ))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log yet
        return WRONG_SETTINGS
    return _carry_out(_run(settings) if options.command == "run" else _migrate(settings), settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quartermaster", description="A Telegram bot for shared proxies.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="start the bot; SIGTERM or Ctrl-C ends it, losing nothing")
    commands.add_parser("migrate", help="bring the database to the newest schema, and end (run does it too)")
    doctor = commands.add_parser(
        "doctor",
        help="check settings, token and sheet; needs no running bot",
        description="Check settings, token and sheet. The exit code is 1 when something must be done, else 0.",
    )
    doctor.add_argument("--add-issued", action="store_true", help="add the bot's own column to the sheet")
    doctor.add_argument("--protect", action="store_true", help="warn people before they edit that column")
    doctor.add_argument(
        "--timeout",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long to wait for Telegram and Google (default: %(default)g)",
    )
    screen = commands.add_parser(
        "screen",
        help="list coins by cap, change or volume; needs no running bot",
        description="List coins. The exit code is 1 when no source of prices answers, 2 for wrong words or settings.",
    )
    screen.add_argument(
        "words", nargs="*", metavar="WORD", help="top, movers or volume, a number, 'vol>10m' …"
    )
    screen.add_argument(
        "--force-refresh", action="store_true", help="ask the sources, however young the list is"
    )
    screen.add_argument("--json", action="store_true", help="write it for programs")
    return parser


def _carry_out(work: Coroutine[Any, Any, None], settings: Settings) -> int:
    import structlog

    from bot.logs import configure_logging

    configure_logging(settings.log.level, settings.log.format, settings.log.file, secrets=settings.secrets())
    log = structlog.get_logger("bot")
    for warning in settings.warnings():
        log.warning(warning)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(work)
    except QuartermasterError as error:
        from bot.views.startup import start_failure

        log.error(start_failure(error, settings.sheet.service_account))  # noqa: TRY400 - a trace tells nothing more
        return CANNOT_START
    except Exception:
        log.exception("the bot ended unexpectedly")
        return CANNOT_START
    return 0


def loop_factory() -> Any:
    """uvloop where it runs: it is a quarter faster."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _doctor(options: argparse.Namespace) -> int:
    """Check step by step and tell each step; returns the exit code."""
    if not 0 < options.timeout < math.inf:
        from bot.views.doctor import WRONG_TIMEOUT

        print(WRONG_TIMEOUT, file=sys.stderr)  # noqa: T201 - the answer to the person who asked
        return WRONG_SETTINGS
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without a check mark still shows the rest
    begun = time.monotonic()
    runner = asyncio.Runner()
    code = 0 if runner.run(_examine(options)) else NEEDS_WORK
    if time.monotonic() - begun >= options.timeout:
        # A call that hangs in a thread cannot be cancelled, and would hold the process back.
        sys.stdout.flush()
        os._exit(code)
    runner.close()
    return code


async def _examine(options: argparse.Namespace) -> bool:
    """Settings, token and sheet, as far as the settings go; returns whether nothing must be done."""
    from bot.settings.partial import load_section

    env_file = env_file_named_by(os.environ)
    telegram = load_section(TelegramSettings, "telegram", os.environ, env_file)
    sheet = load_section(SheetSettings, "sheet", os.environ, env_file)
    found: list[Finding] = []
    visit = asyncio.create_task(_check_sheet(sheet, options, found.append))
    well = [_tell(_check_settings(env_file)), _tell(await _check_token(telegram, options.timeout))]
    await visit
    return all([*well, *map(_tell, found)])


def _tell(finding: Finding) -> bool:
    """Print a finding; returns whether it may stay as it is."""
    from bot.models.checkup import Verdict
    from bot.views.doctor import terminal

    print(terminal(finding), flush=True)  # noqa: T201 - the answer to the person who asked
    return finding.verdict is not Verdict.BAD


def _check_settings(env_file: Path | None) -> Finding:
    from bot.views import doctor as views

    try:
        return views.settings((), load_settings(os.environ, env_file).warnings())
    except SettingsError as error:
        return views.settings([str(problem) for problem in error.problems], ())


async def _check_token(telegram: TelegramSettings | None, timeout: float) -> Finding:
    from bot.gateways.telegram_account import account_name
    from bot.views import doctor as views

    if telegram is None:
        return views.not_checked("Telegram")
    try:
        async with asyncio.timeout(timeout):
            name = await account_name(telegram.token, telegram.api_url, timeout)
    except TimeoutError:
        return views.silent("Telegram", timeout)
    except PeerError as error:
        return views.telegram_failed(error)
    return views.telegram(name)


async def _check_sheet(sheet: SheetSettings | None, options: argparse.Namespace, tell: Tell) -> None:
    from bot.gateways.sheet_doctor import account_address
    from bot.views import doctor as views

    if sheet is None:
        return tell(views.not_checked("Sheet"))
    address = account_address(sheet.service_account)
    tell(views.account(address))
    try:
        async with asyncio.timeout(options.timeout), _doctor_for(sheet, address, options.timeout) as doctor:
            await _treat(doctor, options, tell)
    except TimeoutError:
        tell(views.silent("Sheet", options.timeout))
    except PeerError as error:
        tell(views.sheet_failed(error, address))


@asynccontextmanager
async def _doctor_for(sheet: SheetSettings, address: str, timeout: float) -> AsyncIterator[Doctor]:
    from bot.gateways.google_sheet import SheetAddress
    from bot.gateways.sheet_doctor import SheetDoctor
    from bot.resilience.clock import SystemClock
    from bot.resilience.limiter import ReadWritePace
    from bot.services.doctor import Doctor

    place = SheetAddress(sheet.id, sheet.tab or "", sheet.service_account, sheet.api_url, timeout)
    pace = ReadWritePace(
        SystemClock(),
        reads_per_minute=sheet.reads_per_minute,
        writes_per_minute=sheet.writes_per_minute,
        burst=CALLS_AT_ONCE,
    )
    surgeon = SheetDoctor(place, pace)
    try:
        yield Doctor(surgeon, sheet.columns, address)
    finally:
        await surgeon.close()


async def _treat(doctor: Doctor, options: argparse.Namespace, tell: Tell) -> None:
    """First what was asked to be mended, then the whole check."""
    from bot.views import doctor as views

    if options.add_issued:
        tell(views.mended(await doctor.add_issued(), "The bot uses it from its next look at the sheet on."))
    if options.protect:
        tell(views.mended(await doctor.protect_issued(), ""))
    add = "To add the column: quartermaster doctor --add-issued"
    protect = "To have people warned before they edit it: quartermaster doctor --protect"
    for finding in views.findings(await doctor.check(), doctor.address, add=add, protect=protect):
        tell(finding)


def _screen(options: argparse.Namespace) -> int:
    """Print the list of coins; returns the exit code. The database is left alone: a running bot may have it open."""
    from bot.logs import configure_logging
    from bot.models.screen_query import BadQuery, read_query
    from bot.settings.partial import load_markets
    from bot.views import screen_usage, screener

    try:
        query = read_query(" ".join(options.words))
        settings = load_markets(os.environ, env_file_named_by(os.environ))
    except (BadQuery, SettingsError) as error:
        print(screen_usage.in_terminal(error) if isinstance(error, BadQuery) else error, file=sys.stderr)  # noqa: T201
        return WRONG_SETTINGS
    configure_logging("CRITICAL", "console", None, secrets=())
    begun = time.monotonic()
    runner = asyncio.Runner()
    try:
        found = runner.run(_look(settings, replace(query, refresh=query.refresh or options.force_refresh)))
    except PeerError:
        found = None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if found is None:
        print(screener.NO_ANSWER, file=sys.stderr)  # noqa: T201
    else:
        print((screener.as_json if options.json else screener.terminal)(found, query, time.time()))  # noqa: T201
    code = CANNOT_START if found is None or found.stale else 0
    if time.monotonic() - begun >= settings.markets.source_timeout:
        sys.stdout.flush()
        os._exit(code)  # as for the doctor: a look-up of a name that hangs would hold the process back
    runner.close()
    return code


async def _look(settings: PriceSettings, query: Query) -> Screen:
    import random

    from bot.gateways.market_sources import make_sources
    from bot.resilience.adaptive_pace import AdaptivePace
    from bot.resilience.clock import SystemClock
    from bot.resilience.tasks import Supervisor
    from bot.services.screener_service import Screener, patience
    from bot.storage.screener_file import ScreenerFile

    clock, supervisor, markets = SystemClock(), Supervisor(), settings.markets
    new_pace = partial(AdaptivePace, clock, random.Random())  # noqa: S311 - jitter, not a secret
    sources = make_sources(markets, settings.trading.bybit_url, clock, supervisor, new_pace)
    file, wait = ScreenerFile(settings.storage.data_dir), patience(markets.source_timeout)
    screener = Screener(
        sources.coins, file, clock, supervisor, ttl=markets.screener_ttl, patience=wait, lately=0.0
    )
    try:
        return await screener.top(query.order, query.count, query.limits, query.refresh)
    finally:
        await sources.close()
        await supervisor.close()


async def _run(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stopping)
    from bot.resilience.memory import make_collections_rare

    make_collections_rare()
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
