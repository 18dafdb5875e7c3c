"""From the journal to the cells: which `issued` text each row shall carry. Pure.

Projecting is idempotent: repeating, repairing and recovering are one and the same act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.models.allocation import Allocation
from bot.models.entries import entry_ids, project
from bot.models.ledger import Ledger
from bot.models.sheet import Cell, SheetRow, cell_at, text
from bot.models.view import View


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that was written into a row, and the key of the proxy it was meant for (None: a row without)."""

    key: str | None
    text: str


def texts(
    view: View,
    keys: Iterable[str],
    ledger: Ledger,
    *,
    leaving: Collection[str] = (),
    retract: Collection[str] = (),
    misplaced: Mapping[int, Placed],
    remembered: Callable[[str], str],
) -> dict[int, Placed]:
    """The text of each row of `keys` that does not carry it yet.

    `leaving`: ids whose entry shall go; `retract`: ids that are dead, but perhaps written again by a late write.
    `misplaced`: texts that came into rows which turned out to hold another proxy, or none; such a row gets back
    what its own proxy had (`remembered`, by key).
    """
    changed = {}
    for key in keys:
        rows = view.at(key)
        staying = [entry for entry in ledger.of_proxy(key) if entry.id not in leaving]
        homes = {entry.id: home(entry, rows) for entry in staying} if rows else {}
        for row in rows:
            base = remembered(key) if _is_strange(misplaced.get(row.number), row) else row.issued
            here = [entry for entry in staying if homes[entry.id] == row.number]
            written = project(base, here, ledger.live, retract)
            if written != row.issued:
                changed[row.number] = Placed(key, written)
    return changed | _emptied(view, misplaced)


def restorations(before: View, placed: Mapping[int, Placed], now: View) -> dict[int, dict[int, Cell]]:
    """Cells that a write hit because a column came or went meanwhile: row → column → what stood there."""
    column = before.columns.issued
    if now.columns.issued == column:
        return {}
    header = text(cell_at(now.header, column))
    former = next((i for i, cell in enumerate(before.header) if header and text(cell) == header), None)
    restored: dict[int, dict[int, Cell]] = {}
    for number, ours in placed.items():
        if text(cell_at(now.cells.get(number, ()), column)) == ours.text:
            original = cell_at(before.cells[number], former)
            restored[number] = {column: "" if original is None else original}
    return restored


def home(entry: Allocation, rows: Sequence[SheetRow]) -> int:
    """The row that carries the entry: where it stands, else where it was last seen, else the first."""
    for row in rows:
        if entry.id in entry_ids(row.issued):
            return row.number
    return next((row.number for row in rows if row.number == entry.row), rows[0].number)


def _is_strange(found: Placed | None, row: SheetRow) -> bool:
    return found is not None and found.key != row.key and found.text == row.issued


def _emptied(view: View, misplaced: Mapping[int, Placed]) -> dict[int, Placed]:
    """Rows without a proxy that carry a text of ours."""
    return {
        number: Placed(None, "")
        for number, found in misplaced.items()
        if number not in view.rows
        and found.text
        and text(cell_at(view.cells.get(number, ()), view.columns.issued)) == found.text
    }
