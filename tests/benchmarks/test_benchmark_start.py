"""The benchmark of starting as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_start.py"


def test_a_quick_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Figures for each bot; the whole bot needs less memory than a bare one, and more without its lean import."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(SCRIPT), "--quick", "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert 0 == done.returncode, done.stderr
    bare, whole, plain = json.loads(figures.read_text()).values()
    assert ["wall_s", "cpu_s", "idle_mb"] == list(bare) == list(whole) == list(plain)
    assert whole["idle_mb"] < 0.9 * bare["idle_mb"] < plain["idle_mb"]
    assert whole["cpu_s"] < plain["cpu_s"]
    assert "whole bot" in done.stdout
