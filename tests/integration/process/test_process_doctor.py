"""`python -m bot doctor`: what it tells, what it mends, and that it always comes to an end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from local_world import World
from process_desk import CANARY, HEADER, ProcessDesk, process_desk, proxy_rows

from sandbox.child import child_environment
from sandbox.sheets.world import account_email

HANGING = {"kind": "hang", "seconds": 30, "path": "/v4/"}
HANGING_TOKENS = {"kind": "hang", "seconds": 30, "path": "/token"}
SHARED = HEADER[:-1]


def doctor(desk: ProcessDesk, *options: str, **changed: str) -> tuple[int, list[str]]:
    """Exit code and lines of one run, on the desk's settings but for those `changed`; no secret is among them."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", *options],
        env=child_environment(desk.settings(**changed), os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = done.stdout + done.stderr
    key = desk.world.service_account.read_text(encoding="utf-8")
    assert not [secret for secret in (CANARY, desk.telegram.token, key[200:300]) if secret in told]
    assert "" == done.stderr
    return done.returncode, done.stdout.splitlines()


def without_issued(desk: ProcessDesk) -> None:
    """People take our column away."""
    desk.sheets.put(desk.book, [SHARED, *(row[:-1] for row in proxy_rows(3))])


def test_all_is_well(desk: ProcessDesk) -> None:
    """Every step in a line, nothing changed anywhere, the bot's data not touched; exit code 0."""
    desk.sheets.put(desk.book, [HEADER, *proxy_rows(3)])
    cells = desk.sheets.cells(desk.book)
    assert (
        0,
        [
            "✓ Settings: all can be read.",
            "✓ Telegram: the token belongs to @quartermaster_bot.",
            f"✓ Service account: share the sheet, as editor, with {account_email()}.",
            f"✓ Sheet: “{desk.book}”, tab “Pool”.",
            "✓ Columns: proxy in A, used_for in D, issued in F, days_left in C, country in B, note in E.",
            "✓ Mode: normal; the bot writes into “issued” (column F) only.",
            "✓ Writing: nothing keeps the bot out of column F.",
            "  To have people warned before they edit it: quartermaster doctor --protect",
            "✓ Rows: 3 with a proxy, all readable.",
        ],
    ) == doctor(desk)
    assert (cells, False) == (desk.sheets.cells(desk.book), (desk.folder / "data").exists())


def test_the_column_is_added_and_protected(desk: ProcessDesk) -> None:
    """What was asked for is done first, then everything is checked; what is so already is well too."""
    without_issued(desk)
    code, lines = doctor(desk)
    assert (0, True) == (code, any(line.startswith("– Mode: shared") for line in lines))
    code, lines = doctor(desk, "--add-issued", "--protect")
    assert (0, "✓ Added: column F is “issued” now.") == (code, lines[3])
    assert "✓ Protected: people are warned before they edit column F." in lines
    assert "✓ Writing: nothing keeps the bot out of column F; people are warned before they edit it." in lines
    assert [*SHARED, "issued"] == desk.sheets.cells(desk.book)[0]
    code, lines = doctor(desk, "--add-issued", "--protect")
    assert (0, "✓ Nothing had to be added: “issued” is there already, in column F.") == (code, lines[3])
    assert "✓ Nothing had to be changed: people are warned already before they edit column F." in lines


def test_settings_that_are_half_wrong(desk: ProcessDesk) -> None:
    """All mistakes at once, and what can be checked all the same is."""
    wrong_token = {"BOT_TOKEN": "soon", "LOG_LEVEL": "LOUD", "ADMIN_IDS": ""}
    code, lines = doctor(desk, **wrong_token)
    assert (1, "✗ Settings: 3 need attention (in .env or the environment).") == (code, lines[0])
    assert "– Telegram: not checked, as its settings need attention." in lines
    assert f"✓ Sheet: “{desk.book}”, tab “Pool”." in lines
    code, lines = doctor(desk, SHEET_ID="", GOOGLE_SERVICE_ACCOUNT=str(desk.folder / "nowhere.json"))
    assert (1, "✗ Settings: 2 need attention (in .env or the environment).") == (code, lines[0])
    assert "✓ Telegram: the token belongs to @quartermaster_bot." in lines
    assert "– Sheet: not checked, as its settings need attention." == lines[-1]


@pytest.mark.parametrize("shared_with", [[], ["boss@example.org"]])
def test_what_must_be_done_is_said(desk: ProcessDesk, shared_with: list[str]) -> None:
    """A sheet that is not shared, with the address; an unknown token; exit code 1."""
    desk.sheets.put(desk.book, [HEADER], shared_with=shared_with)
    code, lines = doctor(desk, BOT_TOKEN=f"{desk.telegram.token[:-4]}AAAA")
    assert 1 == code
    assert lines[1:] == [
        "✗ Telegram: the token is not known there.",
        "  Copy it anew from @BotFather into BOT_TOKEN.",
        f"✓ Service account: share the sheet, as editor, with {account_email()}.",
        "✗ Sheet: it is not shared with the bot.",
        f"  Share it, as editor, with {account_email()}.",
    ]


@pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf"])
def test_a_time_that_is_none(seconds: str) -> None:
    """One line, before anything is looked at."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", "--timeout", seconds],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = "--timeout must be a number of seconds above 0, for example: --timeout 7\n"
    assert (2, "", line) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("fault", [HANGING, HANGING_TOKENS], ids=["sheets", "tokens"])
def test_a_google_that_hangs(desk: ProcessDesk, fault: dict[str, object]) -> None:
    """After the time-out there is a clear line, and the process ends, whatever hangs in a thread."""
    desk.sheets.strike(fault)
    begun = time.monotonic()
    code, lines = doctor(desk, "--timeout", "1.5")
    assert time.monotonic() - begun < 8
    assert (1, "✗ Sheet: no answer within 1.5 s.") == (code, lines[3])


def test_a_telegram_that_hangs(desk: ProcessDesk) -> None:
    """The sheet is checked all the same, in the same time."""
    desk.telegram.strike({"kind": "hang", "seconds": 30, "path": "getMe"})
    code, lines = doctor(desk, "--timeout", "2")
    assert (1, "✗ Telegram: no answer within 2 s.") == (code, lines[1])
    assert f"✓ Sheet: “{desk.book}”, tab “Pool”." in lines


def test_nobody_there(quiet_world: World, tmp_path: Path) -> None:
    """Addresses where nobody listens are told as such, each with its setting."""
    with process_desk(quiet_world, tmp_path, []) as desk:
        nowhere = "http://127.0.0.1:9"
        code, lines = doctor(desk, TELEGRAM_API_URL=nowhere, SHEETS_API_URL=nowhere)
    assert 1 == code
    assert "✗ Telegram: it cannot be reached." in lines
    assert "  Check the network and SHEETS_API_URL, and try again." == lines[-1]


def test_it_is_quick(desk: ProcessDesk) -> None:
    """Neither aiogram, which takes seconds to import, nor the database is needed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "doctor"],
        env=child_environment(desk.settings(), os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert ({"bot", "gspread", "httpx"}, set()) == (
        imported & {"bot", "gspread", "httpx"},
        imported & {"aiogram", "aiohttp", "aiosqlite", "sqlalchemy"},
    )
