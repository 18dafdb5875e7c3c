"""Python's collector and a large inventory, its threads and a busy loop: who is held up by whom, and for how long."""

from __future__ import annotations

import gc
import sys

YOUNG = 10_000  # a collection holds everybody up for as long as it takes to walk over so many objects
MIDDLE = 500
OLD = 100
TURN = 0.0005  # seconds after which a thread that works lets the others go on; Python's own are ten times as many


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


def shorten_turns() -> None:
    """Let the loop go on soon although the database's thread has work: a sixth more updates a second, measured."""
    sys.setswitchinterval(TURN)
