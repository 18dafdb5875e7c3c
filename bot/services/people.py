"""Who is who at the desk: the people table in memory, written through, over what the settings say."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from bot.errors import FixedAdmin, LastAdmin
from bot.models.audit import Act, Deed
from bot.models.person import Change, Person, Preferences, Standing
from bot.models.role import Role
from bot.resilience.clock import Clock

MOST_ASKING = 100


class PeopleStore(Protocol):
    """Where people are kept, and written down who changed what about them."""

    async def load(self) -> Sequence[Person]:
        """Everybody."""

    async def put(self, people: Sequence[Person], acts: Sequence[Act], now: float) -> None:
        """Store these people, and the acts that made them so: both or neither."""


class People:
    """Everybody the desk knows, by Telegram user id.

    Whoever stands in `admin_ids` is an admin, and nobody can change that in chat. An admin's word in chat beats
    `allowed_ids`, whose people are users. Reading never waits; changes are made one after the other, and are in
    the database before they are in memory.
    """

    def __init__(
        self,
        admin_ids: Collection[int],
        allowed_ids: Collection[int],
        store: PeopleStore,
        clock: Clock,
    ) -> None:
        self._admin_ids = frozenset(admin_ids)
        self._allowed_ids = frozenset(allowed_ids)
        self._store = store
        self._clock = clock
        self._rows: dict[int, Person] = {}
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Read everybody; to be called once, before the first update."""
        self._rows = {person.user_id: person for person in await self._store.load()}

    def role_of(self, user_id: int) -> Role | None:
        """The person's role; None for a stranger."""
        if user_id in self._admin_ids:
            return Role.ADMIN
        row = self._rows.get(user_id)
        if row is not None and (row.role is not None or row.denied):
            return row.role
        return Role.USER if user_id in self._allowed_ids else None

    def get(self, user_id: int) -> Person | None:
        """The person with the role they have; None for who is on no list and has never asked."""
        row, role = self._rows.get(user_id), self.role_of(user_id)
        if row is None and role is None:
            return None
        return replace(row or Person(user_id, str(user_id)), role=role)

    def name_of(self, user_id: int) -> str:
        """How the person appears in the sheet and in the audit; the id of somebody nobody has met."""
        person = self.get(user_id)
        return person.name if person else str(user_id)

    def find(self, who: str) -> Person | None:
        """Whom `@name` (in any case) or an id in digits means."""
        if not who.startswith("@"):
            return self.get(int(who)) if who.isdecimal() else None
        return next((person for person in self.everybody() if _is_called(person, who[1:])), None)

    def everybody(self) -> tuple[Person, ...]:
        """All who have a role, ask for one or were denied it: the highest role first, by name."""
        every = {*self._admin_ids, *self._allowed_ids, *self._rows}
        known = (person for user_id in every if (person := self.get(user_id)))
        return tuple(sorted(known, key=_order))

    def admins(self) -> tuple[int, ...]:
        """The ids of all admins."""
        return tuple(person.user_id for person in self.everybody() if person.role is Role.ADMIN)

    def colleagues(self, of: int) -> tuple[Person, ...]:
        """Everybody else who may hold proxies and can be written to, by name."""
        able = (
            person
            for person in self.everybody()
            if person.role and person.role.covers(Role.USER) and person.blocked_at is None
        )
        return tuple(sorted((each for each in able if each.user_id != of), key=lambda each: _order(each)[1:]))

    def preferences_of(self, user_id: int) -> Preferences:
        """What the person has chosen, else the defaults."""
        row = self._rows.get(user_id)
        return row.preferences if row else Preferences()

    def is_blocked(self, user_id: int) -> bool:
        """Whether the person has blocked us, as far as we know."""
        row = self._rows.get(user_id)
        return row is not None and row.blocked_at is not None

    async def seen(self, user_id: int, name: str, username: str | None) -> None:
        """Somebody has written to us: their names are kept as they are now, and they want to hear from us.

        A name that was somebody else's before is theirs no more: Telegram gives each to one person. Of strangers
        nothing is kept.
        """
        if self._is_as(user_id, name, username) or self.get(user_id) is None:
            return
        async with self._changing:
            person = replace(self._row(user_id), name=name, username=username, blocked_at=None)
            former = [
                replace(each, name=str(each.user_id), username=None)
                for each in self._rows.values()
                if username and each.user_id != user_id and _is_called(each, username)
            ]
            await self._put(person, *former)

    async def ask(self, user_id: int, name: str, username: str | None) -> bool:
        """Ask for access; returns whether that is new.

        It is not for who has asked, has a role or was denied it, and while too many ask at once.
        """
        async with self._changing:
            person = self.get(user_id) or Person(user_id, name, username)
            if person.standing is not Standing.STRANGER or self._asking() >= MOST_ASKING:
                return False
            asking = replace(person, name=name, username=username, asked_at=self._clock.time())
            await self._put(asking, act=Act(user_id, name, Deed.ASK, name))
            return True

    async def grant(self, user_id: int, role: Role, by: int) -> Change:
        """Give somebody a role, known or not. Raises FixedAdmin, LastAdmin."""
        async with self._changing:
            return await self._rule(user_id, role, by)

    async def deny(self, user_id: int, by: int) -> Change:
        """Let somebody in no more. Raises FixedAdmin, LastAdmin."""
        async with self._changing:
            return await self._rule(user_id, None, by)

    async def answer(self, user_id: int, role: Role | None, by: int) -> Change | None:
        """Answer a request for access: with a role, or None for no. None when another admin was first."""
        async with self._changing:
            if self._row(user_id).asked_at is None:
                return None
            return await self._rule(user_id, role, by)

    async def set_preferences(self, user_id: int, preferences: Preferences) -> None:
        """Keep what the person has chosen."""
        async with self._changing:
            await self._put(replace(self._row(user_id), preferences=preferences))

    async def mark_blocked(self, user_id: int, when: float | None = None) -> None:
        """The person has blocked us, now or at `when`; `seen` takes it back."""
        if self.get(user_id) is None or self.is_blocked(user_id):
            return
        async with self._changing:
            blocked_at = self._clock.time() if when is None else when
            await self._put(replace(self._row(user_id), blocked_at=blocked_at))

    async def _rule(self, user_id: int, role: Role | None, by: int) -> Change:
        before, row = self.role_of(user_id), self._row(user_id)
        if role is not Role.ADMIN:
            self._check_replaceable(user_id)
        effective = before is not role or (role is None and not row.denied)
        if effective:
            row = replace(row, role=role, denied=role is None, asked_at=None)
            await self._put(row, act=self._act(row, before, by))
        return Change(replace(row, role=role), before, effective)

    def _check_replaceable(self, user_id: int) -> None:
        if user_id in self._admin_ids:
            raise FixedAdmin(self._row(user_id).name)
        if self.admins() == (user_id,):
            raise LastAdmin(self._row(user_id).name)

    def _act(self, person: Person, before: Role | None, by: int) -> Act:
        act = Deed.DENY if person.role is None else Deed.ALLOW if before is None else Deed.ROLE
        actor = self.get(by)
        return Act(by, actor.name if actor else str(by), act, person.name, before or "", person.role or "")

    async def _put(self, *people: Person, act: Act | None = None) -> None:
        await self._store.put(people, [act] if act else [], self._clock.time())
        self._rows.update({person.user_id: person for person in people})

    def _row(self, user_id: int) -> Person:
        return self._rows.get(user_id) or Person(user_id, str(user_id))

    def _is_as(self, user_id: int, name: str, username: str | None) -> bool:
        row = self._rows.get(user_id)
        return row is not None and (row.name, row.username, row.blocked_at) == (name, username, None)

    def _asking(self) -> int:
        return sum(person.asked_at is not None for person in self._rows.values())


def _is_called(person: Person, username: str) -> bool:
    return person.username is not None and person.username.casefold() == username.casefold()


def _order(person: Person) -> tuple[int, str, int]:
    rank = person.role.rank if person.role else -1
    return -rank, person.name.casefold(), person.user_id
