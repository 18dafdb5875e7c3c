"""The benchmark of large sheets as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_large_sheets.py"
SLACK = 3.0  # for a machine that has other things to do


def test_a_quick_run_keeps_what_is_promised(tmp_path: Path) -> None:
    """Ten thousand proxies: bytes for each as promised, and the loop held no longer than a busy machine explains."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(SCRIPT), "--quick", "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert 0 == done.returncode, done.stderr
    [found] = json.loads(figures.read_text())
    assert 10_000 == found["rows"]
    assert found["record_bytes"] <= 400
    assert found["indexed_bytes"] <= 700
    assert found["work_ms"] <= 20 * SLACK
    assert "10,000" in done.stdout
