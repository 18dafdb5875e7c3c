"""What people have in their hands while they work on the sheet, and what nobody can know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from memory_sheet import Line


@dataclass(slots=True)
class Hands:
    """Entries of ours that people deleted.

    `loose`: texts of ours that they wrote themselves; where we know the id no more, such a text is theirs.
    `rotated`: when the password of an address was changed last; `unproved`: a process that could not know it has
    started since, so that only an entry beside it tells; `forgotten`: nothing does. One proxy has gone, one is new.
    """

    deleted: list[tuple[Line, str]] = field(default_factory=list)
    loose: set[str] = field(default_factory=set)
    rotated: dict[str, float] = field(default_factory=dict)
    unproved: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)

    def rotates(self, address: str, now: float, *, known: bool) -> None:
        """A password is changed; `known`: the last reading has seen the proxy."""
        self.rotated[address] = now
        if not known:
            self.forgotten.add(address)

    def takes_away(self, address: str, read_at: float) -> None:
        """The row is taken out of the sheet, so that no reading sees one password go and another come."""
        if self.rotated.get(address, -1.0) >= read_at:
            self.forgotten.add(address)

    def crashed(self, read_at: float, has_entry: Callable[[str], bool]) -> None:
        """A process ends that has read the sheet for the last time at `read_at`."""
        self.unproved |= {address for address, at in self.rotated.items() if at >= read_at}
        self.loses_proof(read_at, has_entry)

    def loses_proof(self, read_at: float, has_entry: Callable[[str], bool]) -> None:
        """Entries have gone; what was read since they stood there was seen."""
        self.unproved = {address for address in self.unproved if self.rotated[address] >= read_at}
        self.forgotten |= {address for address in self.unproved if not has_entry(address)}
