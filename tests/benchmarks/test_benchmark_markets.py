"""The benchmark of the market desk: a quick run says all that is promised, with figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_markets.py"


def test_a_quick_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Pictures, lists and alerts, each with its promise; the first picture takes longer than the next ones."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(SCRIPT), "--rounds", "1", "--rows", "200", "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr
    first, following, merging, showing, looking, deciding = json.loads(figures.read_text())
    assert first["wall_ms"] > following["wall_ms"] > 0
    assert ["50 ms of CPU", "10 ms", "100 ms of CPU"] == [
        each["promised"] for each in (merging, showing, looking)
    ]
    assert looking["cpu_ms"] > deciding["cpu_ms"] > 0
