"""How long to wait before trying again: exponential, full jitter."""

from __future__ import annotations

import random


def backoff(attempt: int, jitter: random.Random, *, base: float = 0.5, ceiling: float = 30.0) -> float:
    """Seconds before try `attempt` (0, 1, 2 …): uniform between 0 and min(ceiling, base · 2^attempt).

    Full jitter as in "Exponential Backoff And Jitter" (M. Brooker, 2015): callers who failed together do not
    come back together.
    """
    return jitter.uniform(0, min(ceiling, base * 2 ** min(attempt, 16)))
