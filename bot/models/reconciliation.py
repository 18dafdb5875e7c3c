"""What a reading of the whole sheet says of our entries: deleted, back again, beside a wrong proxy. Pure.

People free a proxy by deleting its entry. A deleted entry, one that was cut to be pasted elsewhere, and one that a
late write has wiped out look the same in one reading; so it takes two, a while apart, and many at once wait for an
admin's word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from operator import attrgetter, ne

from bot.models.allocation import Allocation, State
from bot.models.entries import format_entry
from bot.models.ledger import Ledger
from bot.models.notice import Kind, Notice
from bot.models.pool import Inventory, Pool
from bot.models.proxy import address_of, login_of
from bot.models.sheet import SheetRow

SETTLED = frozenset({State.TAKEN, State.SPENT, State.BAD})
APART = 60.0
FEW = 5
FEW_OF_HUNDRED = 5
LISTED = 10
KEY = attrgetter("key")


@dataclass(slots=True)
class Findings:
    """`missing` and `back`: entries that this reading did not find, and those it found again. `gone`: missing for
    long enough to count as deleted. `keys` and `rows` are to be put in line with the journal: proxies whose entry
    is due, and rows where one stands beside another proxy; `astray`: the ids of those."""

    missing: list[Allocation] = field(default_factory=list)
    back: list[Allocation] = field(default_factory=list)
    gone: list[Allocation] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    astray: set[str] = field(default_factory=set)


def compare(
    pool: Pool,
    inventory: Inventory,
    is_young: Callable[[str], bool],
    former: Inventory | None = None,
    ended: Container[str] = (),
) -> Findings:
    """Each live allocation against the reading. `is_young`: whether a write of ours may still change that proxy's
    row, or was not yet there when it was read. `former`: the reading before; `ended`: ids that were
    given back since then: where one stands, it has stood when it was given back."""
    findings = Findings()
    for allocation_id, places in inventory.entries.items():
        if (found := pool.ledger.get(allocation_id)) is not None:
            _compare_places(found, places, pool, findings)
        elif allocation_id in ended:
            findings.rows.update(places)
            findings.astray.add(allocation_id)
    upset = {row.key for number in findings.rows if (row := pool.row_at(number)) is not None}
    absent = [one for one in pool.ledger.live.values() if _is_absent(one, pool, inventory, findings)]
    due = _due(absent, pool, inventory, former)
    findings.keys.update(due.values())
    for one in absent:
        if one.id not in due and one.key not in upset and not is_young(one.key):
            _note_absent(one, inventory.read_at, findings)
    return findings


def wait_for_a_word(gone: int, settled: int) -> bool:
    """Whether so many deletions at once need an admin: more than five, or in a large desk more than 5 %."""
    return gone > max(FEW, settled * FEW_OF_HUNDRED // 100)


def rotations(former: Inventory, inventory: Inventory) -> list[tuple[str, SheetRow]]:
    """Keys whose password was changed, each with its row as it is now.

    Only where exactly one key of a host, port and user has gone, from a single row, and exactly one has come.
    """
    gone, come = map(_by_login, _exchanged(former.rows, inventory.rows))
    pairs = {
        old[0]: come[login][0]
        for login, old in gone.items()
        if len(old) == 1 and len(come.get(login, ())) == 1
    }
    rows = Counter(row.key for row in former.rows if row.key in pairs)
    new = _first_rows(inventory, set(pairs.values())) if pairs else {}
    return [(old, new[key]) for old, key in pairs.items() if rows[old] == 1]


def renewals(ledger: Ledger, inventory: Inventory) -> list[tuple[str, SheetRow]]:
    """The same where no reading came before: an entry tells which proxy stood in its row.

    Only where the sheet has no other row of that host, port and user.
    """
    keys = {row.key for row in inventory.rows}
    entries = ((ledger.get(each), places) for each, places in inventory.entries.items())
    left = [(one.key, places[0]) for one, places in entries if one and one.key not in keys]
    if not left:
        return []
    rows, logins = {row.number: row for row in inventory.rows}, Counter(map(login_of, keys))
    found = {
        key: rows[number]
        for key, number in left
        if number in rows and login_of(rows[number].key) == login_of(key)
    }
    return [(old, row) for old, row in found.items() if logins[login_of(old)] == 1]


def freed_notices(gone: Iterable[Allocation]) -> list[Notice]:
    """One to each holder."""
    held: dict[int, list[Allocation]] = {}
    for one in gone:
        if one.state is State.TAKEN:
            held.setdefault(one.user_id, []).append(one)
    return [
        Notice(user_id, Kind.FREED, {"proxies": _listed(mine), **_more(mine)}, f"freed:{mine[0].id}")
        for user_id, mine in held.items()
    ]


def _is_absent(one: Allocation, pool: Pool, inventory: Inventory, findings: Findings) -> bool:
    """Whether its proxy is in the sheet and its entry is not; one that is back is noted."""
    if one.state not in SETTLED or not pool.rows_of(one.key):
        return False
    if not (_is_named(one, pool) if inventory.columns.shared else one.id in inventory.entries):
        return True
    if one.missing_since is not None:
        findings.back.append(one)
    return False


def _due(
    absent: Sequence[Allocation], pool: Pool, inventory: Inventory, former: Inventory | None
) -> dict[str, str]:
    """Those whose entry nobody can have deleted, with their keys: there was no column for it, or the proxy has
    just come back."""
    shared = former.columns.shared if former else not inventory.entries
    is_new_column = shared and not inventory.columns.shared
    known = {row.key for row in former.rows} if former and absent else None
    return {
        one.id: one.key
        for one in absent
        if (is_new_column and _is_named(one, pool))
        or (known is not None and one.key not in known and one.missing_since is None)
    }


def _note_absent(one: Allocation, read_at: float, findings: Findings) -> None:
    if one.missing_since is None:
        findings.missing.append(one)
    elif read_at - one.missing_since >= APART:
        findings.gone.append(one)


def _is_named(one: Allocation, pool: Pool) -> bool:
    """Whether `used_for` names its resource."""
    return any(one.resource in row.used_for for row in pool.rows_of(one.key))


def _compare_places(one: Allocation, places: Iterable[int], pool: Pool, findings: Findings) -> None:
    """An entry beside another proxy goes from there; one that does not stand beside its own is due there, and so
    is one whose text is not what the journal has: a mark or a new holder that the sheet was never told.

    In a row whose proxy cannot be read it stays, unless its own is somewhere else.
    """
    rows = pool.rows_of(one.key)
    own = {row.number for row in rows}
    if astray := [number for number in places if number not in own and (own or pool.row_at(number))]:
        findings.rows.update(astray)
        findings.astray.add(one.id)
    is_stale = one.state in SETTLED and not any(format_entry(one) in row.issued for row in rows)
    if own and (is_stale or own.isdisjoint(places)):
        findings.keys.add(one.key)


def _listed(allocations: Sequence[Allocation]) -> list[dict[str, str]]:
    return [{"resource": one.resource, "address": address_of(one.key)} for one in allocations[:LISTED]]


def _more(allocations: Sequence[Allocation]) -> dict[str, int]:
    return {"more": len(allocations) - LISTED} if len(allocations) > LISTED else {}


def _exchanged(former: Sequence[SheetRow], rows: Sequence[SheetRow]) -> tuple[set[str], set[str]]:
    """Keys that have gone, and keys that have come; rows that stand as before at both ends are passed over."""
    begin = _alike(former, rows, min(len(former), len(rows)))
    former_rest, rest = former[begin:], rows[begin:]
    end = _alike(reversed(former_rest), reversed(rest), min(len(former_rest), len(rest)))
    before = {row.key for row in former_rest[: len(former_rest) - end]}
    now = {row.key for row in rest[: len(rest) - end]}
    gone, come = before - now, now - before
    if gone or come:  # unless they stand in another row, too
        gone -= {row.key for row in rows if row.key in gone}
        come -= {row.key for row in former if row.key in come}
    return gone, come


def _alike(one: Iterable[SheetRow], other: Iterable[SheetRow], at_most: int) -> int:
    """How many rows hold the same proxies, from the beginning on."""
    differing = compress(count(), map(ne, map(KEY, one), map(KEY, other)))
    return next(differing, at_most)


def _first_rows(inventory: Inventory, keys: set[str]) -> dict[str, SheetRow]:
    return {row.key: row for row in reversed(inventory.rows) if row.key in keys}


def _by_login(keys: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in sorted(keys):
        found.setdefault(login_of(key), []).append(key)
    return found
