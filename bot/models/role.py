"""Who may do what."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A person on one of the lists; an admin may do everything a user may."""

    USER = "user"
    ADMIN = "admin"
