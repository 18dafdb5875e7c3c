"""What must hold of the sheet whatever happened: judged by its cells, and by what the journal says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

from desk_bench import BOOK, HEADER, TAB, DeskBench

from bot.models.allocation import PROJECTED, Allocation
from bot.models.entries import Entry, format_entry, parse_entries
from bot.models.proxy import parse_endpoint, proxy_key
from bot.models.sheet import split_resources
from bot.resilience.clock import SystemClock
from bot.storage.journal import Journal
from sandbox.sheets.edits import apply_edits
from sandbox.sheets.world import SheetsWorld

Row = dict[str, Any]


async def sheet_is_right(bench: DeskBench) -> None:
    """Each allocation that the journal projects stands once, beside its proxy; nothing that has ended stands."""
    journal = Journal(bench.desk.database, bench.desk.cipher, SystemClock())
    salt, live = await journal.salt(), await journal.live()
    standing = Counter((key, entry.text) for key, entry in _entries(bench, salt) if entry.id)
    written = {entry.id for _, entry in _entries(bench, salt) if entry.id}
    ours = await journal.endpoints(sorted(written | {each.id for each in live}))
    known = {allocation.id: allocation for allocation, _ in ours.values()}
    keys = {_key(row, salt) for row in rows_of(bench.cells()).values()}
    expected = Counter(
        (each.key, format_entry(each)) for each in live if each.state in PROJECTED and each.key in keys
    )
    foreign = {(key, entry.text) for key, entry in _entries(bench, salt) if entry.id not in known}
    assert dict(expected) == {place: count for place, count in standing.items() if place not in foreign}
    nobody_doubled(bench, salt, known)


def nobody_doubled(bench: DeskBench, salt: bytes, known: dict[str, Allocation]) -> None:
    """No proxy is out for one resource twice, nor for what a person uses it for."""
    uses: Counter[tuple[str, str]] = Counter()
    for row in rows_of(bench.cells()).values():
        uses.update((_key(row, salt), resource) for resource in split_resources(str(row["used_for"])))
    for key, entry in _entries(bench, salt):
        uses.update((key, resource) for resource in entry.resources if entry.id in known)
    assert {} == {use: count for use, count in uses.items() if count > 1}


def rows_of(values: Sequence[Sequence[Any]]) -> dict[int, Row]:
    """The cells by row number and header, rows without a proxy left out."""
    header, *rows = values
    named = ({name: row[i] if i < len(row) else "" for i, name in enumerate(header)} for row in rows)
    return {number: row for number, row in enumerate(named, start=2) if row["proxy"]}


async def left_alone(
    bench: DeskBench, rows: Sequence[Sequence[Any]], *edits: dict[str, Any], header: Sequence[str] = HEADER
) -> None:
    """Everything but our own entries is as if people alone had made these edits to these rows."""
    journal = Journal(bench.desk.database, bench.desk.cipher, SystemClock())
    written = {entry.id for _, entry in _entries(bench, await journal.salt()) if entry.id}
    ours = (await journal.endpoints(sorted(written))).keys()
    assert _of_people(_edited([header, *rows], edits), ()) == _of_people(bench.cells(), ours)


def _edited(values: Sequence[Sequence[Any]], edits: Sequence[dict[str, Any]]) -> list[list[Any]]:
    book = SheetsWorld().put_book(BOOK, {"title": BOOK, "sheets": [{"title": TAB, "values": values}]})
    apply_edits(book, edits)
    edited: list[list[Any]] = book.dump()["sheets"][0]["values"]
    return edited


def _of_people(values: Sequence[Sequence[Any]], ours: Container[str]) -> list[list[Any]]:
    """The cells without our entries, and without what is empty at the right and at the bottom."""
    column = values[0].index("issued")
    rows = [
        [*values[0]],
        *([*row[:column], _foreign(row, column, ours), *row[column + 1 :]] for row in values[1:]),
    ]
    return _trimmed([_trimmed(row, "") for row in rows], [])


def _foreign(row: Sequence[Any], column: int, ours: Container[str]) -> str:
    entries = parse_entries(str(row[column])) if column < len(row) else []
    return "; ".join(entry.text for entry in entries if entry.id not in ours)


def _trimmed(items: list[Any], empty: object) -> list[Any]:
    while items and items[-1] == empty:
        items.pop()
    return items


def _entries(bench: DeskBench, salt: bytes) -> list[tuple[str, Entry]]:
    rows = rows_of(bench.cells()).values()
    return [(_key(row, salt), entry) for row in rows for entry in parse_entries(str(row["issued"]))]


def _key(row: Row, salt: bytes) -> str:
    return proxy_key(parse_endpoint(str(row["proxy"])), salt)
