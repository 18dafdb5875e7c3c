"""Who may do what: four roles, each of which may do all that those before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the desk, from the least to the most."""

    VIEWER = "viewer"
    USER = "user"
    TRADER = "trader"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return _RANKS[self]

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        return self.rank >= needed.rank


_RANKS = {role: rank for rank, role in enumerate(Role)}
