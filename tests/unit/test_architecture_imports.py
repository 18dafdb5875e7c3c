"""Who imports whom, and what an import does: nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("architecture_probe.py")
LINT = Path(sys.executable).with_name("lint-imports")

# For each contract a line that breaks it, and the file that the line is added to.
BREACHES = [
    ("floors", "bot/services/tickets.py", "import bot.handlers.once"),
    ("floors", "bot/a_module_that_has_no_floor.py", ""),
    ("wiring", "bot/handlers/once.py", "import bot.storage.offers"),
    ("wiring", "bot/jobs.py", "import bot.gateways.google_sheet"),
    ("texts", "bot/services/tickets.py", "import bot.views.text"),
    ("texts", "bot/jobs.py", "import bot.views.text"),
    ("ports", "bot/storage/offers.py", "import bot.services.tickets"),
    ("ports", "bot/storage/offers.py", "import bot.services.intake"),
    ("services", "bot/services/intake/lanes.py", "import aiogram"),
    ("services", "bot/services/tickets.py", "from sqlalchemy import select"),
    ("models", "bot/models/role.py", "import structlog"),
    ("models", "bot/models/role.py", "import bot.resilience.clock"),
    ("resilience", "bot/resilience/retry.py", "import bot.errors"),
    ("views", "bot/views/text.py", "from aiogram.types import Message"),
    ("databases", "bot/handlers/once.py", "import sqlalchemy"),
    ("http", "bot/gateways/webhook.py", "import httpx"),
    ("optional", "bot/gateways/webhook.py", "def load():\n    import ccxt.async_support"),
    ("worlds", "bot/jobs.py", "import sandbox.ports"),
    ("worlds", "sandbox/ports.py", "import bot.errors"),
]


def lint_imports(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Check one contract on the tree below `root`."""
    command = [LINT, "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def probe(root: Path, *packages: str) -> list[str]:
    """What the modules of the packages do when they are imported."""
    command = [sys.executable, PROBE, root, *packages]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)


def contracts() -> list[str]:
    """The ids of all contracts."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return [contract["id"] for contract in tomllib.load(file)["tool"]["importlinter"]["contracts"]]


@pytest.mark.parametrize("contract", contracts())
def test_the_contract_is_kept(contract: str) -> None:
    """`make check` asks the same; here it shows that the breaches below are what breaks a contract."""
    checked = lint_imports(ROOT, contract)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_breach_is_found(tmp_path: Path, contract: str, file: str, line: str) -> None:
    """A contract that nothing can break would protect nothing."""
    for part in ("bot", "sandbox"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.js"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a") as planted:
        planted.write(f"\n{line}\n")
    checked = lint_imports(tmp_path, contract)
    assert (1, True) == (checked.returncode, "BROKEN" in checked.stdout), checked.stdout


def test_every_contract_has_a_breach() -> None:
    """Whoever adds a contract shows that it can fail."""
    assert set(contracts()) == {contract for contract, _, _ in BREACHES}


def test_importing_does_nothing() -> None:
    """No module starts a thread, opens a file or a socket, or reads the environment."""
    assert probe(ROOT, "bot", "sandbox") == []


def test_every_module_can_be_the_first() -> None:
    """No module needs one that needs it: `prepare` raises CycleError, which names them."""
    graph = grimp.build_graph("bot", "sandbox", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "bot.app.desk" in imports["bot.app.chat"]
    TopologicalSorter(imports).prepare()


def test_a_busy_import_would_be_found(tmp_path: Path) -> None:
    """The probe sees what it looks for, and whose doing it is."""
    package = tmp_path / "busy"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "module.py").write_text(
        "import os, socket, threading\n"
        "os.environ.get('HOME')\n"
        "open(__file__).close()\n"
        "socket.socket().close()\n"
        "thread = threading.Thread(target=int); thread.start(); thread.join()\n"
        "import sqlite3; sqlite3.connect(':memory:').close()\n"
        "def harmless(): return os.environ['HOME']\n"
    )
    assert probe(tmp_path, "busy") == [
        "busy/module.py:2 reads the environment",
        "busy/module.py:3 opens a file",
        "busy/module.py:4 makes a socket",
        "busy/module.py:5 starts a thread",
        "busy/module.py:6 opens a database",
    ]
