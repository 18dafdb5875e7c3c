"""Who imports whom, and what an import does: nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

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
    ("drawing", "bot/views/charts.py", "def load():\n    import matplotlib"),
    ("worlds", "bot/jobs.py", "import sandbox.ports"),
    ("worlds", "sandbox/ports.py", "import bot.errors"),
]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Check all contracts on the tree below `root`."""
    command = [LINT, "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def probe(root: Path, *packages: str) -> list[str]:
    """What the modules of the packages do when they are imported."""
    command = [sys.executable, PROBE, root, *packages]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)


def contracts() -> dict[str, str]:
    """The names of all contracts by their ids."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        every = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in every}


def breaches(report: str) -> dict[str, str]:
    """What the report says of each broken contract, by id; blanks and breaks of lines are one blank each."""
    details = " ".join(report.partition("Broken contracts")[2].split())
    places = sorted((details.index(name), each) for each, name in contracts().items())
    ends = [place for place, _ in places[1:]] + [len(details)]
    return {each: details[place:end] for (place, each), end in zip(places, ends, strict=True)}


def name_of(file: str, line: str) -> str:
    """A breach as the report names it: who imports whom, libraries as a whole, or a module that imports nothing."""
    module = file.removesuffix(".py").replace("/", ".")
    target = re.search(r"(?:from|import) ((?:bot|sandbox)\S*|\w+)", line)
    return f"{module} -> {target.group(1)}" if target else module


def test_every_contract_is_kept() -> None:
    """`make check` asks the same; here it shows that the breaches below are what breaks the contracts."""
    checked = lint_imports(ROOT)
    assert checked.returncode == 0, checked.stdout


def test_every_breach_is_found(tmp_path: Path) -> None:
    """A contract that nothing can break would protect nothing: each line is named under the contract it breaks."""
    for part in ("bot", "sandbox"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.js"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for _, file, line in BREACHES:
        with (tmp_path / file).open("a") as planted:
            planted.write(f"\n{line}\n")
    told = breaches(lint_imports(tmp_path).stdout)
    assert [] == [each for each in BREACHES if name_of(*each[1:]) not in told[each[0]]]


def test_every_contract_has_a_breach() -> None:
    """Whoever adds a contract shows that it can fail."""
    assert set(contracts()) == {contract for contract, *_ in BREACHES}


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
