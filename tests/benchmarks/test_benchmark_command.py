"""The benchmark of handing out as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark_proxy_service.py"
FIELDS = [
    *("scenario", "mode", "users", "per_user", "reads", "writes", "wall_s", "wait_s", "taken"),
    *("proxies_per_s", "double_handouts", "projected", "latency_s", "p50_s", "p99_s"),
]
PNG = b"\x89PNG\r\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_quick_run_writes_what_it_shows(tmp_path: Path) -> None:
    """Figures, a picture and a table; nobody shares a proxy, and one commit serves all."""
    figures, picture = tmp_path / "figures.json", tmp_path / "picture.png"
    done = run("--quick", "--scenario", "5x5", "--cut", "20", "--json", str(figures), "--plot", str(picture))
    assert 0 == done.returncode, done.stderr
    rows = json.loads(figures.read_text())
    assert [FIELDS] * 3 == [list(row) for row in rows]
    calls = {row["mode"]: (row["reads"], row["writes"]) for row in rows}
    assert {"naive": (25, 25), "batch": (5, 5), "quartermaster": (1, 1)} == calls
    assert {(25, 0)} == {(row["taken"], row["double_handouts"]) for row in rows}
    assert picture.read_bytes().startswith(PNG)
    assert "quartermaster" in done.stdout


def test_a_run_that_is_cut_is_worked_out(tmp_path: Path) -> None:
    """It says so, and how long the whole would have taken."""
    figures = tmp_path / "figures.json"
    done = run("--quick", "--scenario", "1x50", "--mode", "naive", "--cut", "0.5", "--json", str(figures))
    [row] = json.loads(figures.read_text())
    assert (True, 50, 50, 5.0) == (row["projected"], row["reads"], row["writes"], row["wall_s"])
    assert "≈ 5.0 s" in done.stdout


def test_what_is_no_scenario_is_named() -> None:
    """One line says which there are."""
    done = run("--scenario", "2x2")
    assert 2 == done.returncode
    assert "invalid choice: '2x2' (choose from" in done.stderr
