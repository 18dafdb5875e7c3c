"""What a reading of the whole sheet says of our entries: deleted, back again, beside a wrong proxy. Pure.

People free a proxy by deleting its entry. A deleted entry, one that was cut to be pasted elsewhere, and one that a
late write has wiped out look the same in one reading; so it takes two, a while apart, and many at once wait for an
admin's word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.models.allocation import Allocation, State
from bot.models.pool import Inventory, Pool
from bot.models.proxy import login_of
from bot.models.sheet import SheetRow

SETTLED = frozenset({State.TAKEN, State.SPENT, State.BAD})
APART = 60.0
FEW = 5
FEW_OF_HUNDRED = 5


@dataclass(slots=True)
class Findings:
    """`missing` and `back`: entries that this reading did not find, and those it found again. `gone`: missing for
    long enough to count as deleted. `rows` and `keys`: where an entry stands beside another proxy."""

    missing: list[Allocation] = field(default_factory=list)
    back: list[Allocation] = field(default_factory=list)
    gone: list[Allocation] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)


def compare(pool: Pool, inventory: Inventory, is_young: Callable[[str], bool]) -> Findings:
    """Each live allocation against the reading. `is_young`: whether a write of ours may still change that proxy's
    row, or was not yet there when it was read."""
    findings = Findings()
    for one in list(pool.ledger.live.values()):
        _compare_entry(one, pool, inventory, is_young, findings)
    for allocation_id, places in inventory.entries.items():
        if (found := pool.ledger.get(allocation_id)) is not None:
            _compare_places(found, places, pool, findings)
    return findings


def wait_for_a_word(gone: int, settled: int) -> bool:
    """Whether so many deletions at once need an admin: more than five, or in a large desk more than 5 %."""
    return gone > max(FEW, settled * FEW_OF_HUNDRED // 100)


def rotations(former: Inventory, inventory: Inventory) -> list[tuple[str, SheetRow]]:
    """Keys whose password was changed, each with its row as it is now.

    Only where exactly one key of a host, port and user has gone, from a single row, and exactly one has come.
    """
    before, now = _rows_by_key(former.rows), _rows_by_key(inventory.rows)
    gone, come = _by_login(before.keys() - now.keys()), _by_login(now.keys() - before.keys())
    return [
        (old[0], now[come[login][0]][0])
        for login, old in gone.items()
        if len(old) == 1 and len(before[old[0]]) == 1 and len(come.get(login, ())) == 1
    ]


def _compare_entry(
    one: Allocation,
    pool: Pool,
    inventory: Inventory,
    is_young: Callable[[str], bool],
    findings: Findings,
) -> None:
    if one.state not in SETTLED or not pool.rows_of(one.key):
        return
    if one.id in inventory.entries:
        if one.missing_since is not None:
            findings.back.append(one)
    elif is_young(one.key):
        return
    elif one.missing_since is None:
        findings.missing.append(one)
    elif inventory.read_at - one.missing_since >= APART:
        findings.gone.append(one)


def _compare_places(one: Allocation, places: Iterable[int], pool: Pool, findings: Findings) -> None:
    own = {row.number for row in pool.rows_of(one.key)}
    astray = [number for number in places if number not in own and pool.row_at(number) is not None]
    if astray:
        findings.rows.update(astray)
        findings.keys.add(one.key)


def _rows_by_key(rows: Iterable[SheetRow]) -> dict[str, list[SheetRow]]:
    found: dict[str, list[SheetRow]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def _by_login(keys: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(login_of(key), []).append(key)
    return found
