"""What the desk stands on besides the clock: the sheet, the database, ids. A simulation brings its own."""

from __future__ import annotations

import base64
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.gateways.google_sheet import PEER, GoogleSheet, SheetAddress
from bot.models.sheet import Known
from bot.models.view import Reading
from bot.resilience.clock import Clock
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth
from bot.resilience.timings import Timings
from bot.services.commit_run import Sheet
from bot.services.outage import Outage
from bot.services.sheet_refresh import ColumnSource
from bot.settings import Settings
from bot.storage.cipher import load_or_make_key
from bot.storage.database import Database

BURST = 10


class DeskSheet(Sheet, ColumnSource, Protocol):
    """The sheet as the whole desk needs it."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the desk touches besides the clock; a simulation puts its own in place of each."""

    make_sheet: Callable[[ReadWritePace, Outage], DeskSheet]
    database: Database
    new_id: Callable[[], str]
    jitter: random.Random


def real_parts(settings: Settings, clock: Clock, timings: Timings) -> Parts:
    """Google's sheet and the database that the settings name."""
    return Parts(
        make_sheet=lambda pace, outage: GoogleSheet(
            sheet_address(settings),
            pace,
            PeerHealth(f"{PEER} (reads)", clock, outage.reads, timings),
            PeerHealth(f"{PEER} (writes)", clock, outage.writes, timings),
        ),
        database=Database(settings.storage.database_url),
        new_id=new_id,
        jitter=random.Random(),  # noqa: S311 - jitter, not a secret
    )


def new_id() -> str:
    """Eight characters that nobody has had: 2^40 of them, and the journal refuses a second use."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()


def sheet_address(settings: Settings) -> SheetAddress:
    """Which sheet, and how to get there."""
    return SheetAddress(
        spreadsheet=settings.sheet.id,
        tab=settings.sheet.tab or "",
        service_account=settings.sheet.service_account,
        api_url=settings.sheet.api_url,
        deadline=settings.sheet.call_timeout,
    )


def sheet_pace(settings: Settings, clock: Clock) -> ReadWritePace:
    """How often Google may be asked, by everybody together."""
    return ReadWritePace(
        clock,
        reads_per_minute=settings.sheet.reads_per_minute,
        writes_per_minute=settings.sheet.writes_per_minute,
        burst=BURST,
    )


def reading_of(settings: Settings, salt: bytes, clock: Clock) -> Callable[[], Reading]:
    """How rows are to be read today."""
    aliases, zone, known = settings.sheet.columns, settings.pool.timezone, Known()
    return lambda: Reading(aliases, salt, datetime.fromtimestamp(clock.time(), zone).date(), known)


def secret_keys(settings: Settings) -> list[str]:
    """The keys that stored secrets are encrypted with, the current one first."""
    given = [key.get_secret_value() for key in settings.storage.secret_keys]
    return given or [load_or_make_key(settings.storage.data_dir / "secret.key")]
