"""How long to wait before another try."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.resilience.retry import backoff


class Upper(random.Random):
    """Draws the upper bound."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_bound_doubles_up_to_the_ceiling() -> None:
    """0.5, 1, 2 … 30 seconds by default, and for as many tries as it takes."""
    assert [0.5, 1, 2, 4, 8, 16, 30, 30] == [backoff(attempt, Upper()) for attempt in range(8)]
    assert 30 == backoff(10_000, Upper())
    assert 3 == backoff(4, Upper(), base=1, ceiling=3)


@given(st.integers(0, 1_000), st.integers(), st.floats(0.01, 10), st.floats(0.01, 100))
def test_a_wait_lies_between_nothing_and_its_bound(
    attempt: int, seed: int, base: float, ceiling: float
) -> None:
    """Full jitter, so that those who failed together come back apart."""
    wait = backoff(attempt, random.Random(seed), base=base, ceiling=ceiling)
    assert 0 <= wait <= min(ceiling, base * 2.0**attempt)


def test_waits_spread_over_the_whole_range() -> None:
    """Neither end is left out."""
    jitter = random.Random(1)
    waits = [backoff(3, jitter) for _ in range(500)]
    assert min(waits) < 0.4
    assert max(waits) > 3.6
