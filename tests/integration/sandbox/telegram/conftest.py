"""Fixtures of the Telegram tests."""

from collections.abc import AsyncIterator

import pytest
from telegram_harness import Harness, running


@pytest.fixture
async def telegram() -> AsyncIterator[Harness]:
    """A running server, see `running`."""
    async with running() as harness:
        yield harness
