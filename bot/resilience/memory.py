"""Python's collector and a large inventory: what stays need not be looked at again and again."""

from __future__ import annotations

import gc

YOUNG = 10_000  # a collection holds everybody up for as long as it takes to walk over so many objects
MIDDLE = 500
OLD = 100


def calm_collector() -> None:
    """Exempt what is there now from collections, and make them rarer."""
    gc.collect()
    gc.freeze()
    make_collections_rare()


def make_collections_rare() -> None:
    """Have the collector look for cycles less often.

    With the default thresholds the imports of a start set off hundreds of collections, and a commit of thousands
    of rows dozens, each of which walks over the whole inventory: up to a third of the commit's time. Modules stay,
    and our data hold no cycles.
    """
    gc.set_threshold(YOUNG, MIDDLE, OLD)
