"""From the journal to the cells: which text each row shall carry in the column we write into. Pure.

Projecting is idempotent: repeating, repairing and recovering are one and the same act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.models.allocation import Allocation
from bot.models.entries import entry_ids, parse_entries
from bot.models.ledger import Ledger
from bot.models.notation import ISSUED, Notation
from bot.models.proxy import login_of
from bot.models.sheet import Cell, SheetRow, cell_at, text
from bot.models.view import View


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that was written into a row, and the key of the proxy it was meant for (None: a row without).

    `instead`: what stood there before, where that is a row without a proxy.
    """

    key: str | None
    text: str
    instead: str = ""


def texts(
    view: View,
    keys: Iterable[str],
    ledger: Ledger,
    *,
    leaving: Collection[str] = (),
    sent: Collection[str] = (),
    retract: Collection[str] = (),
    due: Collection[str] = (),
    misplaced: Mapping[int, Placed],
    remembered: Callable[[str], str],
) -> dict[int, Placed]:
    """The text of each row of `keys` that does not carry it yet.

    `leaving`: ids whose entry shall go, `sent`: those of them that a write has perhaps carried; `retract`: ids that
    are dead, but perhaps written again by a late write; `due`: keys where whatever is taken shall stand.
    `misplaced`: texts that came into rows which turned out to hold another proxy, or none; such a row gets back
    what its own proxy had (`remembered`, by key).
    """
    changed = {}
    for key in keys:
        rows = view.at(key)
        staying = [entry for entry in ledger.of_proxy(key) if entry.id not in leaving]
        going = [entry for entry in ledger.of_proxy(key) if entry.id in sent] if sent else []
        homes = {entry.id: home(entry, rows, view.notation) for entry in staying} if rows else {}
        for row in rows:
            spoilt = _is_strange(misplaced.get(row.number), row)
            base = remembered(key) if spoilt else row.issued
            here = [entry for entry in staying if homes[entry.id] == row.number]
            whole = spoilt or key in due
            written = view.notation.project(base, here, going, ledger.live, retract, whole=whole)
            if written != row.issued:
                changed[row.number] = Placed(key, written)
    return changed | _emptied(view, misplaced)


def cleared(view: View, rows: Iterable[int], ids: Collection[str]) -> dict[int, Placed]:
    """Those of the rows that carry no proxy, without the entries of these ids."""
    changed = {}
    for number in rows:
        if number not in view.rows:
            found = text(cell_at(view.cells.get(number, ()), view.columns.ours))
            kept = [entry.text for entry in parse_entries(found) if entry.id not in ids]
            if len(kept) < len(parse_entries(found)):
                changed[number] = Placed(None, "; ".join(kept), found)
    return changed


def displaced(
    view: View, rows: Iterable[int], keys: Container[str], live: Mapping[str, Allocation]
) -> set[str]:
    """Proxies other than `keys` whose entry stands beside another one in these rows, from where a write takes it."""
    seen = (view.rows[number] for number in rows if number in view.rows)
    beside = ((row.key, live.get(each)) for row in seen for each in entry_ids(row.issued))
    return {one.key for key, one in beside if one is not None and one.key != key and one.key not in keys}


def with_originals(misplaced: Mapping[int, Placed], before: View, now: View) -> Mapping[int, Placed]:
    """The misplaced texts, with what people had `before` in rows that carry no proxy: told by what they carry."""
    lost = [number for number in misplaced if number not in now.rows and _proxy_cell(now, number)]
    if not before.columns.shared or not lost:
        return misplaced
    known = {_proxy_cell(before, number): number for number in before.cells}
    found = {number: known.get(_proxy_cell(now, number)) for number in lost}
    originals = {
        number: text(cell_at(before.cells[former], before.columns.ours))
        for number, former in found.items()
        if former is not None
    }
    return {n: replace(one, instead=originals.get(n, one.instead)) for n, one in misplaced.items()}


def restorations(before: View, placed: Mapping[int, Placed], now: View) -> dict[int, dict[int, Cell]]:
    """Cells that a write hit because a column came or went meanwhile: row → column → what stood there."""
    column = before.columns.ours
    if (now.columns.ours, now.columns.shared) == (column, before.columns.shared):
        return {}
    return {
        number: {column: _original(before, now, number)}
        for number, ours in placed.items()
        if text(cell_at(now.cells.get(number, ()), column)) == ours.text
    }


def _original(before: View, now: View, number: int) -> Cell:
    """What our text came over in that row; empty where nothing stood, or where the row was not read before."""
    row = now.rows.get(number)
    formerly = before.at(row.key) if row else []
    source = formerly[0].number if formerly else number if row is None else None
    cells = before.cells.get(source, ()) if source is not None else ()
    original = cell_at(cells, _former_column(before, now))
    return "" if original is None else original


def _former_column(before: View, now: View) -> int | None:
    """Where the column stood that is now in the place of ours; None for a new one.

    A header may stand twice or be missing, so that first counts which column came here together with its
    neighbour: when others came or went, as far as ours; when ours was moved, by one.
    """
    column = before.columns.ours
    here = _pair(now.header, column)
    for former in (2 * column - now.columns.ours, column - 1, column + 1):
        if former > 0 and _pair(before.header, former) == here:
            return former
    return next((i for i, cell in enumerate(before.header) if here[1] and text(cell) == here[1]), None)


def _pair(header: Sequence[Cell], column: int) -> tuple[str, str]:
    """The header of the left neighbour, and that of the column."""
    return text(cell_at(header, column - 1)), text(cell_at(header, column))


def _proxy_cell(view: View, number: int) -> str:
    return text(cell_at(view.cells.get(number, ()), view.columns.proxy))


def home(entry: Allocation, rows: Sequence[SheetRow], notation: Notation = ISSUED) -> int:
    """The row that carries the entry: where it stands, else where it was last seen, else the first."""
    for row in rows:
        if notation.stands(entry, row):
            return row.number
    return next((row.number for row in rows if row.number == entry.row), rows[0].number)


def _is_strange(found: Placed | None, row: SheetRow) -> bool:
    if found is None or found.key == row.key or found.text != row.issued:
        return False
    return found.key is None or login_of(found.key) != login_of(row.key)  # else only the password has changed


def _emptied(view: View, misplaced: Mapping[int, Placed]) -> dict[int, Placed]:
    """Rows without a proxy that carry a text of ours."""
    return {
        number: Placed(None, found.instead)
        for number, found in misplaced.items()
        if number not in view.rows
        and found.text != found.instead
        and text(cell_at(view.cells.get(number, ()), view.columns.ours)) == found.text
    }
