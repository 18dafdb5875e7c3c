"""How an allocation stands in the sheet: as an entry in our own column, or by its resource's name in `used_for`.

Without a column of our own (shared mode) there is no id to tell ours from what people write: a resource in the cell
is ours where the journal says so and a write has perhaps brought it there. All else in the cell is kept to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.models.allocation import PROJECTED, Allocation, State
from bot.models.entries import entry_ids, format_entry, project
from bot.models.resource import fold
from bot.models.sheet import SheetRow

SEPARATOR = ", "
# What folding makes a comma or a semicolon of separates as they do.
_SEPARATORS = ",;\n\u037e\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"
_PART = re.compile(f"[^{_SEPARATORS}]+")
_ONE_SEPARATOR = re.compile(f"[{_SEPARATORS}]")


class Notation(Protocol):
    """What commits ask of the sheet's text."""

    def stands(self, allocation: Allocation, row: SheetRow, *, sent: bool = True) -> bool:
        """Whether the row shows the allocation; `sent`: a write has perhaps carried it."""

    def contested(
        self, allocation: Allocation, row: SheetRow, live: Collection[str], *, sent: bool = True
    ) -> bool:
        """Whether people use the proxy of that row for the same thing."""

    def length(self, allocation: Allocation) -> int:
        """How many characters it adds to a cell."""

    def project(
        self,
        cell: str,
        here: Sequence[Allocation],
        going: Sequence[Allocation],
        live: Mapping[str, Allocation],
        retract: Collection[str],
        *,
        whole: bool = False,
    ) -> str:
        """The cell's text with what belongs `here`, and without what is `going`; see `entries.project`.

        `whole`: what is missing there was not deleted by a person, so all that is taken shall stand.
        """


class Issued:
    """Our own column: entries that carry an id."""

    def stands(self, allocation: Allocation, row: SheetRow, *, sent: bool = True) -> bool:
        return allocation.id in entry_ids(row.issued)

    def contested(
        self, allocation: Allocation, row: SheetRow, live: Collection[str], *, sent: bool = True
    ) -> bool:
        return allocation.resource in row.marked(live)

    def length(self, allocation: Allocation) -> int:
        return len(format_entry(allocation)) + len("; ")

    def project(
        self,
        cell: str,
        here: Sequence[Allocation],
        going: Sequence[Allocation],
        live: Mapping[str, Allocation],
        retract: Collection[str],
        *,
        whole: bool = False,
    ) -> str:
        return project(cell, here, live, retract)


class Shared:
    """People's column: the resource's name among theirs.

    What is taken already and does not stand there was deleted by a person, and is not written again.
    """

    def stands(self, allocation: Allocation, row: SheetRow, *, sent: bool = True) -> bool:
        return sent and allocation.resource in row.used_for

    def contested(
        self, allocation: Allocation, row: SheetRow, live: Collection[str], *, sent: bool = True
    ) -> bool:
        return not sent and allocation.resource in row.used_for

    def length(self, allocation: Allocation) -> int:
        return len(allocation.resource) + len(SEPARATOR)

    def project(
        self,
        cell: str,
        here: Sequence[Allocation],
        going: Sequence[Allocation],
        live: Mapping[str, Allocation],
        retract: Collection[str],
        *,
        whole: bool = False,
    ) -> str:
        for one in going:
            cell = without_name(cell, one.resource)
        for one in here:
            is_due = whole and one.state in PROJECTED and one.missing_since is None
            if is_due or one.state is State.TAKING:
                cell = with_name(cell, one.resource)
        return cell


ISSUED: Notation = Issued()
SHARED: Notation = Shared()


class Name(NamedTuple):
    """One name in a cell, folded, and where it is written."""

    folded: str
    start: int
    end: int


def with_name(cell: str, name: str) -> str:
    """The cell with `name` behind the last of its names, separated as those are; unchanged where it stands."""
    names = _names(cell)
    if any(each.folded == name for each in names):
        return cell
    if not names:
        return name + cell
    end = names[-1].end
    return cell[:end] + _separator(cell, names) + name + cell[end:]


def without_name(cell: str, name: str) -> str:
    """The cell without `name`, wherever it stands, and without what separated it from the name before."""
    names = _names(cell)
    for index, found in enumerate(names):
        if found.folded == name:
            start = names[index - 1].end if index else found.start
            end = names[1].start if index == 0 and len(names) > 1 else found.end
            return without_name(cell[:start] + cell[end:], name)
    return cell


def _names(cell: str) -> list[Name]:
    names = []
    for part in _PART.finditer(cell):
        if folded := " ".join(fold(part[0]).split()):
            start = part.start() + len(part[0]) - len(part[0].lstrip())
            names.append(Name(folded, start, start + len(part[0].strip())))
    return names


def _separator(cell: str, names: Sequence[Name]) -> str:
    """As between the last two names, else as behind the only one, else a comma."""
    between = cell[names[-2].end : names[-1].start] if len(names) > 1 else cell[names[-1].end :]
    found = _ONE_SEPARATOR.findall(between)
    if len(found) == 1 and len(names) > 1:
        return between
    return SEPARATOR if not found else found[0] if found[0] == "\n" else f"{found[0]} "
