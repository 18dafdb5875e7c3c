"""Local worlds and desks for the tests beside this file.

A sandbox has one bot token, and a token one poller: the desk that many tests share has a sandbox of its own,
those that are started and killed at will have another.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_world import World, local_world
from process_desk import SCARCE, ProcessDesk, process_desk, proxy_rows


@pytest.fixture(scope="session")
def quiet_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of the desks that a test starts itself."""
    with local_world(tmp_path_factory.mktemp("quiet") / "world") as world:
        yield world


@pytest.fixture
def desk(quiet_world: World, tmp_path: Path) -> Iterator[ProcessDesk]:
    """A fresh desk of forty proxies, whose bot is not started yet."""
    with process_desk(quiet_world, tmp_path, proxy_rows(40)) as desk:
        yield desk


@pytest.fixture(scope="session")
def long_running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessDesk]:
    """One desk with a running bot for all tests that let it live; one proxy is free for SCARCE."""
    folder = tmp_path_factory.mktemp("running")
    rows = [*proxy_rows(1), *proxy_rows(40, used_for=SCARCE)[1:]]
    with local_world(folder / "world") as world, process_desk(world, folder / "desk", rows) as desk:
        desk.start()
        yield desk


@pytest.fixture
def running(long_running_desk: ProcessDesk) -> Iterator[ProcessDesk]:
    """The running desk, without the faults of other tests."""
    yield long_running_desk
    long_running_desk.world.sheets.forget()
    long_running_desk.telegram.heal()
    assert long_running_desk.bot.running
