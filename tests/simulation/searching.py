"""How hypothesis searches: the same cases each time, or with `SIMULATION_EXAMPLES=2000` as many others."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("SIMULATION_EXAMPLES", "0"))


def search(examples: int, steps: int) -> settings:
    """So many runs, unless the environment says how many, each of at most so many steps."""
    return settings(
        max_examples=EXAMPLES or examples,
        stateful_step_count=steps,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
