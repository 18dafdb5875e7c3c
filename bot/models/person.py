"""A person as the desk knows them: who they are, what they may do, and how they like to be served."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.models.role import Role


@dataclass(frozen=True, slots=True)
class Preferences:
    """`format`: how credentials are written: line, url or curl. `quiet_from`, `quiet_to`: minutes of the day in
    the desk's time zone, None where there are no quiet hours. `muted`: the names of the kinds of notices."""

    format: str = "line"
    quiet_from: int | None = None
    quiet_to: int | None = None
    muted: frozenset[str] = frozenset()


class Standing(StrEnum):
    """How somebody stands to the desk."""

    MEMBER = "member"  # has a role
    ASKED = "asked"  # asks for access, and nobody has answered yet
    DENIED = "denied"  # an admin has said no
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Person:
    """`name` as the sheet shows it, `username` without its @; `denied`: an admin has said no, whatever the settings
    say. `asked_at`, `blocked_at`: since when (epoch seconds) they ask for access, and want to hear nothing of us."""

    user_id: int
    name: str
    username: str | None = None
    role: Role | None = None
    denied: bool = False
    asked_at: float | None = None
    blocked_at: float | None = None
    preferences: Preferences = Preferences()

    @property
    def standing(self) -> Standing:
        """Whether they are in, and if not, why."""
        if self.role is not None:
            return Standing.MEMBER
        if self.asked_at is not None:
            return Standing.ASKED
        return Standing.DENIED if self.denied else Standing.STRANGER


@dataclass(frozen=True, slots=True)
class Change:
    """What became of somebody's rights: the person as they are now, the role they had `before`, and whether that,
    or the no to their request, is any news."""

    person: Person
    before: Role | None
    effective: bool
