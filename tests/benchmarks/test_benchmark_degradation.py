"""The benchmark of quotas and outages: what a quick run finds, and that it fails where a promise is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bench.outage import Outage, Sources, outage
from bench.quotas import OURS, PEERS, PLAIN, STRICT, AnyMinute, Bucket, ClockMinute, Kept, Peer
from benchmark_degradation import faults

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_degradation.py"
KEPT = Kept("over the last 60 s", OURS, 1, 40_000, 0.011, 0.87)
DEAD = Outage(50, 5, 14, 1060.0, 870.0, 570.0, 1500.0)
WAITS = Sources(hanging=5.0, resting=0.0002, answer=1.0, three=1.01)


def test_a_quick_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Every quota is kept by both paces; and the page has both tables afterwards."""
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    page.write_text("".join(f"<!-- figures: {name} -->\n<!-- end of figures: {name} -->\n" for name in MARKS))
    quick = ["--seeds", "1", "--hours", "3", "--answer", "0.2"]
    command = [sys.executable, str(SCRIPT), *quick, "--json", str(figures), "--page", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert 0 == done.returncode, done.stderr
    found = json.loads(figures.read_text())
    assert {(peer, pace) for peer in PEERS for pace in (OURS, PLAIN)} == {
        (row["peer"], row["pace"]) for row in found["pace"]
    }
    assert (5, 5.0) == (found["outage"]["time_outs"], found["sources"]["hanging"])
    assert all(peer in page.read_text() for peer in PEERS)
    assert "time-outs before it is left alone" in page.read_text()


MARKS = ("pace", "outage")


async def test_an_outage_costs_five_time_outs_and_a_try_a_minute() -> None:
    """However many call: of 50, the others learn at once that there is no answer."""
    found = await outage()
    assert (50, 5, 1500.0) == (found.calls, found.time_outs, found.unguarded)
    assert found.waited == 30.0 * (found.time_outs + found.tries)
    assert found.open_for / 60 - 1 <= found.tries <= found.open_for / 60 + 1


@pytest.mark.parametrize(
    ("peer", "asked", "answered"),
    [
        (ClockMinute(), [50, 51, 52, 60, 61, 62], [50, 51, 60, 61]),
        (AnyMinute(), [50, 51, 52, 60, 110, 110.5, 111], [50, 51, 110, 111]),
        (Bucket(2), [0, 0, 0, 29, 30, 31, 90, 90, 90], [0, 0, 30, 90, 90]),
        (Bucket(1), [0, 1, 29, 30, 31, 120, 120], [0, 30, 120]),
    ],
)
def test_peers_count_in_their_own_ways(peer: Peer, asked: list[float], answered: list[float]) -> None:
    """With a quota of two a minute."""
    assert answered == [at for at in asked if peer.accepts(at, 2)]


def test_a_promise_that_is_not_kept_is_named() -> None:
    """Too many refused, too little used, too many tries, too long a wait; the plain rule has promised nothing."""
    assert [] == faults([KEPT, replace(KEPT, pace=PLAIN, used=0.3)], DEAD, WAITS)
    for broken in (replace(KEPT, refused=0.016), replace(KEPT, used=0.84)):
        assert 1 == len(faults([broken], DEAD, WAITS))
    assert [] == faults([replace(KEPT, peer=STRICT, used=0.77)], DEAD, WAITS)
    for dead in (replace(DEAD, time_outs=6), replace(DEAD, tries=16)):
        assert 1 == len(faults([KEPT], dead, WAITS))
    for waits in (
        replace(WAITS, hanging=10.0),
        replace(WAITS, resting=0.006),
        replace(WAITS, three=1.3),
    ):
        assert 1 == len(faults([KEPT], DEAD, waits))
