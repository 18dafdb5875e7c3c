"""The benchmark of cached lookups: what it finds of ours and of others, and that it fails where a promise is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.cache_behaviour import Behaviour
from bench.cache_trace import CALL, TTLS, Event, Outcome, draw, ideal
from benchmark_cache import OURS, Figure, faults

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_cache.py"
GOOD = Behaviour(calls=1, lost=0, serves_old=False)


def test_a_quick_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Ours keeps all three promises, and nobody is misled after an order; what everybody writes first keeps none."""
    figures = tmp_path / "figures.json"
    quick = ["--rounds", "1", "--hits", "200", "--minutes", "2"]
    command = [sys.executable, str(SCRIPT), *quick, "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr
    found = json.loads(figures.read_text())
    behaviours = {row["way"]: row["behaviour"] for row in found["hits"] if row["behaviour"]}
    assert {"calls": 1, "lost": 0, "serves_old": False} == behaviours[OURS]
    assert {"calls": 1000, "lost": 0, "serves_old": True} == behaviours["TTLCache by hand"]
    assert {"async-lru", "aiocache", "cashews", "cashews, locked"} < behaviours.keys()
    assert all(row["ns"] > 0 and row["ratio"] > 0 for row in found["hits"])
    best, ours, by_hand = found["trace"]
    assert (best["requests"], 0) == (ours["requests"], ours["stale"])
    assert by_hand["stale"] > 0
    assert "waited along" in done.stdout


def test_an_ideal_cache_lets_nobody_wait_along() -> None:
    """A value is there from the first question on until its time after the call; an order drops it, but no price."""
    life = CALL + TTLS["ticker"]
    asked = [Event(at, 1, "ticker") for at in (0.0, 0.1, life - 0.1, life)]
    assert Outcome("ideal", 4, 2, 0, 2, 0) == ideal(asked)
    ordered = [
        Event(at, 1, kind)
        for at, kind in [(0, "balance"), (0, "ticker"), (1, ""), (2, "balance"), (2, "ticker")]
    ]
    assert Outcome("ideal", 4, 1, 0, 3, 0) == ideal(ordered)


def test_a_trace_is_the_same_for_the_same_seed() -> None:
    """About two requests a second, and an order every half minute but at the very end."""
    events = draw(7)
    assert draw(7) == events != draw(8)
    orders = [event.at for event in events if not event.kind]
    assert [30.0 * number for number in range(1, 20)] == orders
    assert 1100 < len(events) - 7 * len(orders) < 1300


def test_a_promise_that_is_not_kept_is_named() -> None:
    """A second call, a lost waiter, an old value, too few calls saved."""
    best = Outcome("ideal", 1000, 300, 0, 700, 0)
    mine, figure = replace(best, cache=OURS), Figure(OURS, 500.0, 1.1, GOOD)
    assert [] == faults([figure], [best, mine])
    for behaviour in (replace(GOOD, calls=2), replace(GOOD, lost=1), replace(GOOD, serves_old=True)):
        assert 1 == len(faults([replace(figure, behaviour=behaviour)], [best, mine]))
    assert ["98.7% of what the ideal saves"] == faults([figure], [best, replace(mine, calls=704)])
    assert ["1 old values after an order"] == faults([figure], [best, replace(mine, stale=1)])
