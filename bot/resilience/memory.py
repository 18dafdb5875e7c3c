"""Python's collector and a large inventory: what stays need not be looked at again and again."""

from __future__ import annotations

import gc

YOUNG = 100_000
MIDDLE = 50
OLD = 100


def calm_collector() -> None:
    """Exempt what is there now from collections, and make them rarer.

    With the default thresholds a commit of thousands of rows sets off dozens of them, each of which walks over
    the whole inventory: up to a third of the commit's time. Our data hold no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
