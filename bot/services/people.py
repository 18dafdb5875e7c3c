"""Who is who at the desk."""

from __future__ import annotations

from collections.abc import Collection

from bot.models.role import Role


class People:
    """Everybody the desk knows, by Telegram user id; those whom the settings name cannot be sent away in chat."""

    def __init__(self, admin_ids: Collection[int], allowed_ids: Collection[int]) -> None:
        self._admin_ids = admin_ids
        self._allowed_ids = allowed_ids

    def role_of(self, user_id: int) -> Role | None:
        """The person's role; None for a stranger."""
        if user_id in self._admin_ids:
            return Role.ADMIN
        return Role.USER if user_id in self._allowed_ids else None
