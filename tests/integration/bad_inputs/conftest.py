"""A desk that many cases share, and the rule that nothing of them is an error to us."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bad_inputs.whole_desk import ANNA, BORIS, EVA, WholeDesk, pool_rows, whole_desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WholeDesk]:
    """One bot for all cases of a module; Boris holds three for `beboo` and one for `avito`, Anna and Eva play money."""
    newcomers = getattr(request.module, "NEWCOMERS", ())
    async with whole_desk(tmp_path_factory.mktemp("bad inputs"), pool_rows(), newcomers=newcomers) as desk:
        for resource, count in (("beboo", 3), ("avito", 1)):
            await desk.bench.service.issue(resource, count, BORIS, name="@boris", new_resource=True)
        for user in (ANNA, EVA):
            await desk.writes(user, "/balance")
        await desk.changes()
        yield desk


@pytest.fixture(autouse=True)
def nothing_unforeseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever comes in, nothing in the log is an error."""
    with capture_logs() as logs:
        yield
    assert [] == [entry for entry in logs if entry["log_level"] in ("error", "critical")]
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
