"""The door of the desk: who asks for access, who decides, and who hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.models.notice import Kind
from bot.models.person import Change, Standing
from bot.models.role import Role
from bot.services.people import People


class Announcer(Protocol):
    """Tells people what they have not asked for; what has the same `key` is said once."""

    async def tell(
        self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None
    ) -> object: ...
    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> object: ...
    async def hasten(self, user_id: int) -> None: ...


class MenuKeeper(Protocol):
    """Keeps everybody's command menu; both calls return at once."""

    def refresh(self, user_id: int) -> None:
        """The person's role has changed."""

    def met(self, user_id: int) -> None:
        """The person has a private chat with us."""


class Admission:
    """Changes of who may do what, with all that follows: notices `key`ed by what set them off, and menus.

    Kind.ACCESS carries `{"user_id": 1004, "name": "@dora"}`, Kind.ROLE `{"role": "user", "before": null}`: roles
    by name, null for none.
    """

    def __init__(self, people: People, outbox: Announcer, menus: MenuKeeper) -> None:
        self._people = people
        self._outbox = outbox
        self._menus = menus

    async def met(self, user_id: int, name: str, username: str | None, *, in_private: bool) -> None:
        """Somebody with a role has written."""
        if in_private:
            self._menus.met(user_id)
        was_away = self._people.is_blocked(user_id)
        await self._people.seen(user_id, name, username)
        if was_away:
            await self._outbox.hasten(user_id)

    async def lost(self, user_id: int) -> None:
        """The person cannot be written to any more; `met` takes it back."""
        await self._people.mark_blocked(user_id)

    def standing(self, user_id: int) -> Standing:
        """Whether the person is in, and if not, why."""
        person = self._people.get(user_id)
        return person.standing if person else Standing.STRANGER

    async def ask(self, user_id: int, name: str, username: str | None) -> Standing:
        """Ask for access; the admins hear of a request once. Who is a stranger still met too many that ask."""
        await self._people.ask(user_id, name, username)
        person = self._people.get(user_id)
        if person is not None and person.asked_at is not None:
            # Told again in case a crash came between the request and the notice: the key makes it one.
            key = f"access:{user_id}:{person.asked_at:.0f}"
            await self._outbox.tell_admins(Kind.ACCESS, {"user_id": user_id, "name": person.name}, key)
        return self.standing(user_id)

    async def answer(self, user_id: int, role: Role | None, by: int, key: str) -> Change | None:
        """Answer a request for access, None for no; returns None when another admin was first."""
        change = await self._people.answer(user_id, role, by)
        return None if change is None else await self._follow(change, key)

    async def grant(self, user_id: int, role: Role, by: int, key: str) -> Change:
        """Give somebody a role. Raises FixedAdmin, LastAdmin."""
        return await self._follow(await self._people.grant(user_id, role, by), key)

    async def deny(self, user_id: int, by: int, key: str) -> Change:
        """Let somebody in no more. Raises FixedAdmin, LastAdmin."""
        return await self._follow(await self._people.deny(user_id, by), key)

    async def _follow(self, change: Change, key: str) -> Change:
        if change.effective:
            user_id = change.person.user_id
            self._menus.refresh(user_id)
            roles = {"role": change.person.role, "before": change.before}
            await self._outbox.tell(user_id, Kind.ROLE, roles, f"role:{key}")
        return change
