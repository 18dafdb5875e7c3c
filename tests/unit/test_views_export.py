"""The file with who holds what: any spreadsheet can open it, and none runs anything of it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.allocation import Allocation, State
from bot.models.history import Record
from bot.views.export import as_csv, export, harmless

NOW = 1_800_000_000.0


def record(**changes: object) -> Record:
    fields: dict[str, object] = {
        "id": "id000001",
        "request": 1,
        "key": "192.0.2.7:8080:login:mac",
        "resource": "beboo",
        "user_id": 7,
        "name": "Anna K",
        "issued_on": "2026-11-22",
        "state": State.TAKEN,
        "row": 9,
    }
    return Record(Allocation(**{**fields, **changes}), NOW)  # type: ignore[arg-type]


def test_the_file_reads_like_this():
    """A header, a line each, lines end as RFC 4180 wants it; names that begin with @ cannot be formulas."""
    text = as_csv([record(), record(name="@boris", resource="avito", state=State.BAD)])
    assert text == (
        "resource,proxy,row,user id,name,state,issued on,changed at (UTC)\r\n"
        "beboo,192.0.2.7:8080,9,7,Anna K,in use,2026-11-22,2027-01-15 08:00:00\r\n"
        "avito,192.0.2.7:8080,9,7,'@boris,not working,2026-11-22,2027-01-15 08:00:00\r\n"
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RESERVED, "reserved"),
        (State.QUEUED, "being checked"),
        (State.TAKING, "being checked"),
        (State.TAKEN, "in use"),
        (State.SPENT, "used up"),
        (State.BAD, "not working"),
        (State.RELEASING, "being freed"),
        (State.RELEASED, "freed"),
        (State.EXPIRED, "was reserved, not taken"),
        (State.FAILED, "not given"),
    ],
)
def test_states_are_told_in_words(state: State, words: str):
    """Those of /who."""
    [_, cells] = csv.reader(io.StringIO(as_csv([record(state=state)]), newline=""))
    assert words == cells[5]


def test_what_the_sheet_does_not_show_yet_says_so():
    """Handed out while Google is away."""
    [_, cells] = csv.reader(io.StringIO(as_csv([record(state=State.QUEUED, promised=True)]), newline=""))
    assert "handed out, not in the sheet yet" == cells[5]


def test_the_answer_brings_the_file():
    """Named by its day; its first bytes tell Excel that it is UTF-8; no login is in it."""
    reply = export([record(name="Анна")], NOW)
    assert reply.texts == (
        "1 row: who holds what now, and what is reserved, used up or not working.\nNo logins are in it.",
    )
    assert reply.file is not None
    assert reply.file.name == "proxies-2027-01-15.csv"
    assert reply.file.content.encode().startswith(b"\xef\xbb\xbfresource,")
    assert "Анна" in reply.file.content
    assert "login" not in reply.file.content


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        '"=1',
        "'=1",
        ' "=1',
        "\u00a0=1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "－1",
        "＠SUM(A1)",
    ],
)
def test_what_looks_like_a_formula_is_text(text: str):
    """A `'` in front, also where a quote or a space comes first, and in full width."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "beboo", "192.0.2.7:8080", "a=b", "Anna-Lena", "it's", "a\t=1"])
def test_ordinary_text_is_left_alone(text: str):
    """Only the beginning of a cell can make it a formula."""
    assert harmless(text) == text


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_name_survives_the_file(name: str, resource: str):
    """Commas, quotes and line breaks are quoted: a reader gets each cell back, and none begins a formula."""
    text = as_csv([record(name=name, resource=resource)])
    [_, cells] = list(csv.reader(io.StringIO(text, newline="")))
    assert [cells[0], cells[4]] == [harmless(resource), harmless(name)]
    assert not cells[4].startswith(tuple("=+-@\t\r"))
