"""The benchmark of the trade log as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_trades.py"


def test_a_small_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Each question by the indexes there are; already with few trades, doing without its own takes longer."""
    figures = tmp_path / "figures.json"
    small = ("--rows", "20000", "--rounds", "9")
    command = [sys.executable, str(SCRIPT), *small, "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert 0 == done.returncode, done.stderr
    found = json.loads(figures.read_text())
    ways = ["all indexes", "all but its own", "no index"]
    assert ways * 2 == [each["indexes"] for each in found]
    assert all(each["times"] > 2 for each in found if each["indexes"] == ways[1]), found
    assert "20,000 trades" in done.stdout
