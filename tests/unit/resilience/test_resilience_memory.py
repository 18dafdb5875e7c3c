"""The collector leaves alone what is there to stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot.resilience.memory import calm_collector


@pytest.fixture
def collector() -> Iterator[None]:
    """Python's own settings come back."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("collector")
def test_what_is_there_is_exempt_and_collections_become_rarer() -> None:
    """Garbage is collected before, so that it is not kept."""
    before = gc.get_threshold()
    calm_collector()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > before[0]
