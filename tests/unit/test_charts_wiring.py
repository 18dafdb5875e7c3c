"""The charts put together as at a start: from what is noted to a picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from chart_support import Records
from lookup_support import LookupBench
from new_schema import upgrade

from bot.app.charts import ChartsDesk, open_charts
from bot.models.chart import Span
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.storage.database import Database

BORIS = 7


class Started:
    """A trading desk in memory, a database, and the charts over them."""

    def __init__(self, database: Database) -> None:
        self.bench = LookupBench()
        self.bench.accounts.active = [BORIS]
        clock, supervisor = self.bench.clock, self.bench.supervisor
        self.pool = Pool(Ledger([]), resources={"beboo"})
        self.desk = SimpleNamespace(clock=clock, supervisor=supervisor, database=database, pool=self.pool)
        service = SimpleNamespace(accounts=self.bench.accounts, lookups=self.bench.lookups)
        self.trading = SimpleNamespace(service=service, have_room=lambda: True)
        self.settings = SimpleNamespace(pool=SimpleNamespace(timezone=ZoneInfo("Europe/Berlin")))
        self.charts: ChartsDesk

    async def run(self, name: str) -> object:
        """A job, however long it takes."""
        [job] = [job for job in self.charts.jobs if job.id == name]
        task = asyncio.ensure_future(job.run())
        while not task.done():
            await self.bench.clock.tick(1)
            await asyncio.sleep(0.001)
        return task.result()


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Started]:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    it = Started(database)
    async with open_charts(it.settings, it.desk, it.trading, [], Records()) as it.charts:
        yield it
    await database.close()


async def test_what_a_job_has_noted_is_drawn(started: Started) -> None:
    """A portfolio of one value; its picture is forgotten a week after it was sent."""
    assert 1 == await started.run("portfolio values")
    shown = await started.charts.service.portfolio(BORIS, Span.WEEK)
    assert b"\x89PNG" == (await started.charts.service.paint(shown.chart))[:4]

    await started.charts.pictures.keep(shown.key, "AgAC1", started.bench.clock.time())
    assert "AgAC1" == (await started.charts.service.portfolio(BORIS, Span.WEEK)).file_id
    await started.bench.clock.tick(8 * 86_400)
    await started.run("sent pictures")
    assert await started.charts.pictures.file_id(shown.key) is None


async def test_a_pool_that_was_never_read_is_not_empty(started: Started) -> None:
    """Nothing is noted of it."""
    assert 0 == await started.run("pool usage")
    assert (await started.charts.service.pool()).chart.is_empty
