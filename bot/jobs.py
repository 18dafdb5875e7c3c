"""What runs by the clock: the table of jobs, and how each of them is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.errors import QuartermasterError
from bot.models.status import JobStatus
from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)


FIRST_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is called every `every` seconds; a run that is `grace` seconds late is dropped and counted.

    `at_once`: for the first time when the table starts; others within a minute.
    """

    id: str
    every: float
    grace: float
    run: Callable[[], Awaitable[object]]
    at_once: bool = False

    @property
    def first(self) -> float:
        """Seconds from the start to the first run."""
        return 0.0 if self.at_once else min(self.every, FIRST_WITHIN)


@dataclass(slots=True)
class _Record:
    last_run_at: float | None = None
    last_duration_s: float | None = None
    misses: int = 0
    errors: int = 0


class JobTable:
    """Runs the jobs, one instance of each at a time, and keeps account of them."""

    def __init__(self, jobs: Iterable[Job], clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._records: dict[str, _Record] = {}
        for job in jobs:
            self._records[job.id] = _Record()
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=job.every,
                args=[job],
                id=job.id,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=max(1, int(job.grace)),
                next_run_time=datetime.now(UTC) + timedelta(seconds=job.first),
            )
        self._scheduler.add_listener(self._missed, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin; each job runs for the first time within a minute: a bot that often restarts does all of them."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no job any more; one that runs is cancelled."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def status(self) -> list[JobStatus]:
        """How each job is doing, in the table's order."""
        return [self._status(job_id, record) for job_id, record in self._records.items()]

    def _status(self, job_id: str, record: _Record) -> JobStatus:
        scheduled = self._scheduler.get_job(job_id)
        next_run = getattr(scheduled, "next_run_time", None)
        return JobStatus(
            id=job_id,
            last_run_at=record.last_run_at,
            last_duration_s=record.last_duration_s,
            misses=record.misses,
            errors=record.errors,
            next_run_at=next_run.timestamp() if next_run else None,
        )

    async def _run(self, job: Job) -> None:
        record, began = self._records[job.id], self._clock.monotonic()
        record.last_run_at = self._clock.time()
        try:
            await job.run()
        except QuartermasterError as error:
            record.errors += 1
            log.info("job failed", job=job.id, error=str(error))
        except Exception:
            record.errors += 1
            log.exception("job failed", job=job.id)
        except asyncio.CancelledError:
            if self._scheduler.running:
                raise  # the scheduler calls it an error, and at the end of all jobs it is none
        finally:
            record.last_duration_s = self._clock.monotonic() - began

    def _missed(self, event: JobExecutionEvent) -> None:
        self._records[event.job_id].misses += 1
