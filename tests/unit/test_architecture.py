"""Rules of the house that no linter knows. Some stand beside what they speak of:

every setting is in .env.example       tests/unit/test_settings.py
every command is in the help           tests/unit/test_handlers/test_handlers_wiring.py, test_handlers_access.py
every filter and handler is async      tests/unit/test_handlers/test_handlers_wiring.py
no test reaches for another host       tests/conftest.py
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.models.results import PoolStats
from bot.services.proxy_service import ProxyService

ROOT = Path(__file__).resolve().parents[2]

MODULE_LINES = 300
FUNCTION_LINES = 40
LONG_MODULES = {
    "bot/services/commit_run.py": "one commit from read to verdict: its rounds share their state",
}
LONG_FUNCTIONS = {
    "bot/app/chat.py open_chat": "the wiring of the chat in the order of the start, to be read from top to bottom",
    "bot/app/desk.py open_desk": "the wiring of the desk in the order of the start, to be read from top to bottom",
    "bot/services/pool_stats.py collect": "one line a figure",
    "migrations/versions/0001_journal_inbox_offers_meta.py upgrade": "tables, column by column",
}

UNFINISHED = re.compile(rf"\b(?:{'TO'}DO|{'FIX'}ME|{'X'}XX)\b")  # in pieces: this file is looked through too

# Words of ours that people never read.
OURS = re.compile(
    r"\b(?:allocat|breaker|callback|commit|dispatch|idempot|inventor|journal|payload|project(?:ion|ed)|semaphore)\w*",
    re.IGNORECASE,
)

# What outsiders call; the arguments by name, in order.
SERVICE = {
    "get_available_proxies": ["resource"],
    "reserve_proxies": ["row_indices", "resource", "user_id"],
    "take_proxies_batch": ["row_indices", "resource", "user_id"],
    "try_take_proxy": ["row_index", "resource", "user_id"],
    "issue": ["resource", "count", "user_id"],
    "give_back": ["allocation_ids", "user_id"],
    "held_by": ["user_id"],
    "cancel_all_reservations": ["user_id"],
    "cleanup_expired_reservations": [],
    "refresh": [],
    "get_stats": [],
}
COUNTS = {
    "total_proxies",
    "available",
    "expired",
    "pending_reservations",
    "cache_valid",
    "cache_age_seconds",
}


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Path (from the root) and text of every module in the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def non_blank_lines(source: str) -> int:
    """How long a module is."""
    return sum(bool(line.strip()) for line in source.splitlines())


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, docstring included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def prints(source: str) -> list[int]:
    """Line numbers of calls to `print`."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def jargon(source: str) -> list[str]:
    """Texts with a word of ours in them; docstrings, keys and what goes into the log are for us."""
    tree = ast.parse(source)
    spared = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("log."):
            spared |= {id(argument) for argument in call.args}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in spared)
    texts = (node.value for node in constants if isinstance(node.value, str))
    return [text for text in texts if " " in text and OURS.search(text)]


def named_hosts(lock: str) -> list[str]:
    """Lines of a lock file that would tie it to one place: addresses, indexes, direct references."""
    telling = re.compile(r"://|^\s*--(?!hash=)|^[^#;]* @ ")
    return [line for line in lock.splitlines() if telling.search(line)]


def test_modules_are_short() -> None:
    """300 lines that hold something, or a reason why not; a reason that is not needed any more goes."""
    long = {
        path
        for path, source in sources("bot", "sandbox", "scripts")
        if non_blank_lines(source) > MODULE_LINES
    }
    assert long == LONG_MODULES.keys()


def test_functions_are_short() -> None:
    """40 lines, or a reason why not."""
    long = {
        f"{path} {name}"
        for path, source in sources("bot", "sandbox", "scripts", "migrations")
        for name, length in functions(source)
        if length > FUNCTION_LINES
    }
    assert long == LONG_FUNCTIONS.keys()


def test_length_is_measured() -> None:
    """Blank lines are free; a method counts from its `def` to its last line."""
    source = "class A:\n\n    def b(self):\n\n        return 1\n"
    assert (3, [("b", 3)]) == (non_blank_lines(source), list(functions(source)))


def test_only_the_command_line_prints() -> None:
    """The bot logs; only a start that fails before there is a log writes to the terminal."""
    assert {"bot/__main__.py"} == {path for path, source in sources("bot") if prints(source)}
    assert [2] == prints("log.info('print')\nprint(1)\n")


def test_people_read_plain_words() -> None:
    """How it works inside is no word for a person: neither in a view nor in what a handler finds wrong."""
    found = {path: jargon(source) for path, source in sources("bot/views", "bot/handlers")}
    assert {} == {path: texts for path, texts in found.items() if texts}
    assert [" allocations", "no commit yet"] == sorted(
        jargon(
            "'our journal'\na = 'no commit yet', f'{b} allocations', c['allocation']\nlog.info('a commit ended')\n"
        )
    )


def test_nothing_is_left_unfinished() -> None:
    """No marks of work to come: what is missing stands in the README, or in an issue."""
    marked = [
        path for path, source in sources("bot", "sandbox", "scripts", "tests") if UNFINISHED.search(source)
    ]
    assert marked == []
    assert UNFINISHED.search("# TO" + "DO: later")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_name_no_host(name: str) -> None:
    """Whoever installs decides where from; what arrives is checked against its hash."""
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert named_hosts(lock) == []
    assert lock.count("--hash=sha256:") > lock.count("==")


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "--find-links wheels",
        "a @ file:///a.whl",
        "a==1 # https://a",
    ],
)
def test_a_named_host_would_be_found(line: str) -> None:
    """Each way to tie a lock file to a place is seen; pins with markers and hashes are not meant."""
    assert named_hosts(f"a==1 ; python_version < '4' \\\n    --hash=sha256:0\n{line}\n") == [line]


@pytest.mark.parametrize("method", SERVICE)
def test_the_service_keeps_its_methods(method: str) -> None:
    """Others call the proxy service by these names, with these arguments in this order."""
    function = getattr(ProxyService, method)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert inspect.iscoroutinefunction(function)
    assert SERVICE[method] == positional
    assert [] == [
        each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.default is each.empty
    ]


def test_the_service_takes_its_options_by_name() -> None:
    """A request's id makes a repetition harmless; a refresh can be forced."""
    assert inspect.signature(ProxyService.take_proxies_batch).parameters["request_id"].default is None
    assert inspect.signature(ProxyService.refresh).parameters["force"].default is False


def test_the_counts_keep_their_names() -> None:
    """What /stats, jobs and scripts read off the pool."""
    assert COUNTS - {field.name for field in dataclasses.fields(PoolStats)} == set()


def test_continuous_integration_runs_what_people_run() -> None:
    """`.ci/run` is the README's test command, and fails where that fails."""
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert ("set -euo pipefail" in text, "make test" in text) == (True, True)
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^test:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_version_is_said_once() -> None:
    """Package, program and changelog speak of the same version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'__version__ = "{version}"' in (ROOT / "bot" / "__init__.py").read_text(encoding="utf-8")
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
