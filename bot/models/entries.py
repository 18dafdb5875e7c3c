"""The text of an `issued` cell: entries joined by `; `, ours recognised by their `#id` alone.

The cell is a projection of the journal: `project` may be run any number of times, on any state of the cell,
and gives the same text. What people wrote there without an id of ours is kept to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.models.allocation import ENDED_USE, PROJECTED, Allocation
from bot.models.resource import fold

MAX_CELL = 50_000
_SEPARATOR = re.compile(r"[,;\n]")
_ID = re.compile(r"#([0-9a-z]{8})(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the cell; `id` is None where it carries none."""

    text: str
    id: str | None

    @property
    def resources(self) -> frozenset[str]:
        """The resources it speaks of: the first word, and the first after each separator."""
        firsts = (part.split(maxsplit=1)[:1] for part in _SEPARATOR.split(fold(self.text)))
        return frozenset(name for first in firsts if first and (name := first[0].rstrip(":")))


@lru_cache(maxsize=1 << 14)
def parse_entries(cell: str) -> tuple[Entry, ...]:
    """The cell's entries, in order; empty ones are dropped."""
    entries = []
    for part in cell.split(";"):
        if text := part.strip():
            found = _ID.search(text)
            entries.append(Entry(text, found[1] if found else None))
    return tuple(entries)


def format_entry(allocation: Allocation) -> str:
    """`beboo @anna 2026-11-22 #k3f9x2qa`; `beboo bad @anna …` and `beboo spent @anna …` for what nobody holds."""
    state = f" {allocation.state}" if allocation.state in ENDED_USE else ""
    return f"{allocation.resource}{state} {allocation.name} {allocation.issued_on} #{allocation.id}"


def foreign_entries(cell: str, live: Collection[str]) -> list[Entry]:
    """Entries that are not a live allocation of ours: people, other bots, older databases."""
    return [entry for entry in parse_entries(cell) if entry.id not in live]


def entry_ids(cell: str) -> set[str]:
    """Every id that stands in the cell, ours or not."""
    return {entry.id for entry in parse_entries(cell) if entry.id}


def ids_in(cell: str) -> list[str]:
    """Every `#id` of the cell, also where people have run entries together."""
    return _ID.findall(cell)


def project(
    cell: str,
    here: Sequence[Allocation],
    live: Mapping[str, Allocation],
    retract: Collection[str] = (),
) -> str:
    """The cell's text as the journal has it.

    `here`: the allocations whose entry belongs into this cell (those in other states than PROJECTED are left
    out). `live`: every live allocation by id, so that ours are told from foreign ones. `retract`: ids that we
    wrote and have to take out, although they are not live any more. A missing entry is not written again, since
    a person has perhaps deleted it; one that stands there stays.
    """
    wanted = {allocation.id: allocation for allocation in here if allocation.state in PROJECTED}
    texts = []
    for entry in parse_entries(cell):
        if entry.id in wanted:
            texts.append(format_entry(wanted.pop(entry.id)))
        elif entry.id not in live and entry.id not in retract:
            texts.append(entry.text)
    added = (allocation for allocation in wanted.values() if allocation.missing_since is None)
    texts.extend(format_entry(allocation) for allocation in added)
    return "; ".join(texts)


def shown_name(username: str | None, full_name: str, user_id: int) -> str:
    """How a user appears in the sheet: `@name`, else the full name, else the id; at most 32 characters."""
    if username:
        return f"@{username}"
    name = re.sub(r"[^\w.\- ]+", "", full_name)
    return " ".join(name.split())[:32] or str(user_id)
