"""What the documents speak of exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings.declared import declared

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [document.relative_to(ROOT).as_posix() for document in DOCUMENTS]

LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)")
PROVEN_BY = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
FILE = re.compile(r"`((?:bot|sandbox|scripts|tests|migrations|docs)/[\w/.-]+?\.(?:py|md))`")
TARGET = re.compile(r"(?:^|`)make ([a-z]+)\b", re.MULTILINE)
FAMILIES = {name.partition("_")[0] for name in declared()} | {"ENV"}
SETTING = re.compile(rf"\b(?:(?:{'|'.join(sorted(FAMILIES))})_[A-Z_]+[A-Z]|TIMEZONE)\b")
NOT_OF_THE_BOT = {"ENV_FILE", "SHEET_COLUMN"}  # named in the environment only; the beginning of several names

LONGEST_RECORD = 60


def missing_links(text: str, folder: Path) -> Iterator[str]:
    """Relative links that lead nowhere."""
    return (target for target in LINK.findall(text) if target and not (folder / target).exists())


def missing_tests(text: str) -> Iterator[str]:
    """Tests that are named as `file::test` and are not there."""
    for file, test in PROVEN_BY.findall(text):
        path = ROOT / file
        if not path.is_file() or not re.search(
            rf"^(?:async )?def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield f"{file}::{test}"


def missing_files(text: str) -> Iterator[str]:
    """Files named in full that are not there."""
    return (file for file in FILE.findall(text) if "NNNN" not in file and not (ROOT / file).is_file())


def unknown_settings(text: str) -> set[str]:
    """Names that look like settings and are none."""
    return set(SETTING.findall(text)) - declared().keys() - NOT_OF_THE_BOT


def unknown_targets(text: str) -> set[str]:
    """Makefile targets that are not there."""
    known = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return set(TARGET.findall(text)) - set(known)


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_what_a_document_names_is_there(document: Path) -> None:
    """Links, tests, files, settings and make targets: a reader who follows a name finds it."""
    text = document.read_text(encoding="utf-8")
    assert [] == [*missing_links(text, document.parent), *missing_tests(text), *missing_files(text)]
    assert (set(), set()) == (unknown_settings(text), unknown_targets(text))


def test_names_of_nothing_would_be_found() -> None:
    """Each kind of name is looked up."""
    assert ["nowhere.md"] == list(missing_links("[a](nowhere.md#b) [c](https://example.org) [d](#e)", ROOT))
    assert ["tests/conftest.py::test_it"] == list(missing_tests("`tests/conftest.py::test_it`"))
    assert ["bot/nothing.py"] == list(missing_files("`bot/nothing.py` `bot/jobs.py`"))
    assert {"SHEET_NAME"} == unknown_settings("`SHEET_NAME` `SHEET_ID` `SHEET_COLUMN_…`")
    assert {"coffee"} == unknown_targets("`make coffee`, `make run`; we make sure")


def test_every_promise_of_the_readme_has_a_test() -> None:
    """A promise without a test does not stand there."""
    promises = (
        (ROOT / "README.md")
        .read_text(encoding="utf-8")
        .partition("## What it promises")[2]
        .partition("\n## ")[0]
    )
    rows = [row for row in promises.splitlines() if row.startswith("|")][2:]
    assert rows
    assert [] == [row for row in rows if not PROVEN_BY.search(row)]


def test_decisions_are_numbered_and_short() -> None:
    """One after the other, each with its context, decision and consequences, on a page at most."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [f"{number:04}" for number in range(1, len(records) + 1)] == [
        record.name[:4] for record in records
    ]
    for record in records:
        text = record.read_text(encoding="utf-8")
        parts = [f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")]
        assert ([True] * 3, True) == (parts, len(text.splitlines()) <= LONGEST_RECORD), record.name
