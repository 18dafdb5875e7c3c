"""The last list of coins in a file beside the database: it may be lost, and the command line may read and write it."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import structlog

from bot.errors import StorageError
from bot.models.screening import Listed, Screening, SourceNote, Trouble

log = structlog.get_logger(__name__)

FILE = "screener.json"
VERSION = 1
LARGEST = 4 * 1024 * 1024
NUMBERS = ("price", "volume", "cap", "change_1h", "change_24h")
NAMES = tuple(field.name for field in fields(Listed))


class ScreenerFile:
    """`screener.json` in a folder; it is replaced as a whole, so whoever reads it sees one list or another."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    async def load(self) -> Screening | None:
        """The list that was saved last; None where there is none, or it cannot be read."""
        return await asyncio.to_thread(self._read)

    async def save(self, screening: Screening) -> None:
        """Replace what was saved before; raises StorageError."""
        try:
            await asyncio.to_thread(self._write, written(screening))
        except OSError as error:
            raise StorageError(f"{self._path} cannot be written: {error.strerror}") from error

    def _read(self) -> Screening | None:
        try:
            with self._path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("the kept list of coins cannot be read", path=str(self._path), error=error.strerror)
            return None
        try:
            return read(content)
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
            log.warning("the kept list of coins is damaged, and is made anew", path=str(self._path))
            return None

    def _write(self, content: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


def written(screening: Screening) -> bytes:
    """A list as JSON; exact decimals as text."""
    rows = [[_cell(getattr(row, name)) for name in NAMES] for row in screening.rows]
    notes = [asdict(note) for note in screening.sources]
    content = {"version": VERSION, "at": screening.at, "columns": NAMES, "sources": notes, "rows": rows}
    return json.dumps(content, separators=(",", ":")).encode()


def read(content: bytes) -> Screening:
    """The list that was written; raises ValueError and its like where it is none, or of another version."""
    if len(content) > LARGEST:
        raise ValueError("too large")
    found = json.loads(content)
    if found["version"] != VERSION or tuple(found["columns"]) != NAMES:
        raise ValueError("of another version")
    rows = tuple(_row(dict(zip(NAMES, cells, strict=True))) for cells in found["rows"])
    return Screening(rows, tuple(map(_note, found["sources"])), float(found["at"]))


def _cell(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _row(cells: dict[str, Any]) -> Listed:
    for name in NUMBERS:
        cells[name] = None if cells[name] is None else Decimal(cells[name])
    row = Listed(**cells | {"sources": tuple(cells["sources"]), "at": float(cells["at"])})
    numbers = (getattr(row, name) for name in NUMBERS)
    if not all(number is None or number.is_finite() for number in numbers) or row.price <= 0:
        raise ValueError("no usable number")
    return row


def _note(cells: Mapping[str, Any]) -> SourceNote:
    trouble = cells["trouble"]
    return SourceNote(str(cells["name"]), int(cells["coins"]), None if trouble is None else Trouble(trouble))
