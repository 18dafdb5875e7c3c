"""The desk on a sheet without a column of its own, and what must hold of such a sheet whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from desk_bench import BOOK, HEADER, TAB, DeskBench, desk_bench

from bot.models.allocation import PROJECTED, Allocation
from bot.models.proxy import parse_endpoint, proxy_key
from bot.models.results import Issued
from bot.models.sheet import split_resources
from bot.resilience.clock import Clock, SystemClock
from bot.storage.journal import Journal
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.world import SheetsWorld

SHARED_HEADER = HEADER[:-1]
USED_FOR = "used_for"


def shared_row(number: int, used_for: str = "", *, days: object = None, note: str = "") -> list[Any]:
    """A row whose proxy can be told by its number; the smaller, the better."""
    left = 9000 - number if days is None else days
    return [
        f"10.0.{number >> 8}.{number & 255}:8080:user{number}:pass{number}",
        "NL",
        "acme",
        left,
        used_for,
        note,
    ]


def shared_rows(*used_for: str) -> list[list[Any]]:
    """A row for each text of `used_for`, from row 2 on."""
    return [shared_row(number, used, note=f"note {number}") for number, used in enumerate(used_for, start=2)]


@asynccontextmanager
async def shared_bench(
    rows: Sequence[Sequence[Any]],
    folder: Path,
    *,
    clock: Clock | None = None,
    header: Sequence[str] = SHARED_HEADER,
    **sheet: Any,
) -> AsyncIterator[DeskBench]:
    """A sheet of these rows without `issued`, and a desk that has read it."""
    async with desk_bench(rows, folder, clock=clock, header=header, **sheet) as bench:
        yield bench


def used(bench: DeskBench) -> dict[int, str]:
    """The text of `used_for` by row number, empty ones left out."""
    header, *rows = bench.cells()
    column = header.index(USED_FOR)
    cells = ((number, row[column]) for number, row in enumerate(rows, start=2) if len(row) > column)
    return {number: text for number, text in cells if text}


def used_by_proxy(bench: DeskBench) -> dict[str, str]:
    """The text of `used_for` by proxy cell, empty ones left out."""
    values = bench.cells()
    column = values[0].index("proxy")
    return {values[number - 1][column]: text for number, text in used(bench).items()}


def lines(issued: Issued) -> list[str]:
    """The proxy cells of what was handed out."""
    return [proxy.endpoint.line for proxy in issued.proxies]


async def live(bench: DeskBench) -> list[Allocation]:
    """What the journal has handed out."""
    return [each for each in await _journal(bench).live() if each.state in PROJECTED]


async def sheet_is_right(
    bench: DeskBench,
    rows: Sequence[Sequence[Any]],
    *edits: dict[str, Any],
    header: Sequence[str] = SHARED_HEADER,
) -> None:
    """What the journal has handed out stands once beside its proxy; all else is as if people alone had edited."""
    salt = await _journal(bench).salt()
    ours = {(each.key, each.resource) for each in await live(bench)}
    values = bench.cells()
    uses: Counter[tuple[str, str]] = Counter()
    for key, text in _texts(values, salt):
        uses.update((key, resource) for resource in split_resources(text))
    assert ours == {use for use in ours if uses[use] == 1}
    assert _of_people(_edited([header, *rows], edits), salt, set()) == _of_people(values, salt, ours)


def _of_people(values: Sequence[Sequence[Any]], salt: bytes, ours: set[tuple[str, str]]) -> list[list[Any]]:
    """The cells without our resources, and without what is empty at the right and at the bottom."""
    column = values[0].index(USED_FOR)
    left = [list(row) for row in values]
    for row, (key, text) in zip(left[1:], _texts(values, salt), strict=True):
        if len(row) > column:
            row[column] = _without(text, {resource for of, resource in ours if of == key})
    return _trimmed([_trimmed(row, "") for row in left], [])


def _without(text: str, ours: set[str]) -> str:
    """People's text, where ours stands behind theirs."""
    for _ in ours:
        for resource in ours:
            if text == resource:
                return ""
            for separator in (", ", ",", "; ", ";", "\n"):
                text = text.removesuffix(separator + resource)
    return text


def _texts(values: Sequence[Sequence[Any]], salt: bytes) -> list[tuple[str, str]]:
    header, *rows = values
    named = [{name: row[i] if i < len(row) else "" for i, name in enumerate(header)} for row in rows]
    return [(_key(str(row["proxy"]), salt), str(row[USED_FOR])) for row in named]


def _key(proxy: str, salt: bytes) -> str:
    return proxy_key(parse_endpoint(proxy), salt) if proxy.count(":") > 1 else ""


def _edited(values: Sequence[Sequence[Any]], edits: Sequence[dict[str, Any]]) -> list[list[Any]]:
    book = SheetsWorld().put_book(BOOK, {"title": BOOK, "sheets": [{"title": TAB, "values": values}]})
    apply_edits(book, edits)
    edited: list[list[Any]] = book.dump()["sheets"][0]["values"]
    return edited


def _trimmed(items: list[Any], empty: object) -> list[Any]:
    while items and items[-1] == empty:
        items.pop()
    return items


def _journal(bench: DeskBench) -> Journal:
    return Journal(bench.desk.database, bench.desk.cipher, SystemClock())
