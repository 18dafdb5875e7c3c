"""The kept list of coins: exact over a restart, replaced as a whole, and never a reason to fail."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.models.screening import Listed, Screening, SourceNote, Trouble
from bot.storage.screener_file import FILE, LARGEST, ScreenerFile, written

D = Decimal
ROW = Listed(
    "BTC",
    D("61000.10"),
    1.5,
    "binance",
    ("binance", "x"),
    "Bitcoin <₿>",
    D("1E+9"),
    None,
    1,
    None,
    D("-0.01"),
)
LIST = Screening((ROW,), (SourceNote("binance", 1), SourceNote("x", 0, Trouble.BUSY)), 1_800_000_000.25)


async def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    """Every digit, from a folder that is made for it; nothing else is left in there."""
    folder = tmp_path / "data"
    assert await ScreenerFile(folder).load() is None
    await ScreenerFile(folder).save(LIST)
    await ScreenerFile(folder).save(LIST)

    assert LIST == await ScreenerFile(folder).load()
    assert "61000.10" == str((await ScreenerFile(folder).load()).rows[0].price)
    assert [FILE] == os.listdir(folder)


def damaged() -> list[bytes]:
    whole = json.loads(written(LIST))
    row = whole["rows"][0]
    changes = [
        {"version": 2},
        {"columns": ["symbol"]},
        {"at": None},
        {"at": "soon"},
        {"sources": [{"name": "a", "coins": 1, "trouble": "other"}]},
        {"sources": None},
        {"rows": [row[:-1]]},
        {"rows": [[*row[:1], "NaN", *row[2:]]]},
        {"rows": [[*row[:1], "0", *row[2:]]]},
        {"rows": [[*row[:1], None, *row[2:]]]},
        {"rows": [[*row[:1], "1e", *row[2:]]]},
        {"rows": 5},
    ]
    return [json.dumps(whole | change).encode() for change in changes]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * (LARGEST + 1),
        written(LIST)[:-5],
        *damaged(),
    ],
    ids=lambda content: repr(content[:8]),
)
async def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    """It is made anew by the next list."""
    (tmp_path / FILE).write_bytes(content)
    assert await ScreenerFile(tmp_path).load() is None
    await ScreenerFile(tmp_path).save(LIST)
    assert LIST == await ScreenerFile(tmp_path).load()


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """As an error of ours; the former list stays whole."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError):
        await ScreenerFile(tmp_path / "taken").save(LIST)


async def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    """No half-written one either."""
    (tmp_path / FILE).mkdir()
    assert await ScreenerFile(tmp_path).load() is None
    with pytest.raises(StorageError):
        await ScreenerFile(tmp_path).save(LIST)
    assert [FILE] == os.listdir(tmp_path)
