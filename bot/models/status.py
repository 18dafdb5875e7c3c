"""What the bot tells of itself: figures for /stats, as frozen data. Times in seconds, moments since the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.models.results import PoolStats


@dataclass(frozen=True, slots=True)
class CommandFigures:
    """How often a command was asked, how often it failed by our fault, and how long the answers took."""

    name: str
    count: int
    errors: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One scheduled job; `misses` are runs that were due and did not happen."""

    id: str
    last_run_at: float | None
    last_duration_s: float | None
    misses: int
    errors: int
    next_run_at: float | None


class IntakeFigures(Protocol):
    """Counts of Telegram's updates since the start; `oldest_age` of those that wait, None where none does."""

    @property
    def received(self) -> int: ...
    @property
    def repeated(self) -> int: ...
    @property
    def handled(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def undecodable(self) -> int: ...
    @property
    def postponed(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest_age(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Everything /stats shows; `now` is when it was put together, `memory` is in bytes."""

    now: float
    pool: PoolStats
    intake: IntakeFigures
    commands: tuple[CommandFigures, ...]
    jobs: tuple[JobStatus, ...]
    uptime: float
    memory: int
