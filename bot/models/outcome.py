"""What a commit proved, as it goes into the journal in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.models.audit import Act
from bot.models.notice import Notice
from bot.models.request import Settlement


@dataclass(slots=True)
class Outcome:
    """Allocation ids by what became of them, settlements by request number, acts for the audit, and notices.

    `moved`: the row that carries a taken one, where it is another than before.

    `kept` were to be released and could not be: they are what they were before.
    """

    taken: list[str] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    settlements: dict[int, Settlement] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing was proved."""
        return not (self.taken or self.failed or self.released or self.kept or self.settlements)
