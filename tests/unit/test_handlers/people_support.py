"""The chat desk with its people: real services over memory, so that who is let in can do something at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_support import ADMIN, USER, ChatDesk

from bot.errors import StorageError
from bot.handlers.dispatcher import REQUESTS_PER_MINUTE, build_dispatcher
from bot.handlers.menu import Menus
from bot.models.audit import Act
from bot.models.notice import Kind
from bot.models.person import Person
from bot.models.role import Role
from bot.services.admission import Admission
from bot.services.people import People

VIEWER, TRADER, SECOND = 1005, 1006, 1007


class MemoryPeople:
    """Keeps people and acts; refuses everything while it is `broken`."""

    def __init__(self, *people: Person) -> None:
        self.rows = {person.user_id: person for person in people}
        self.acts: list[Act] = []
        self.broken = False

    async def load(self) -> Sequence[Person]:
        return list(self.rows.values())

    async def put(self, people: Sequence[Person], acts: Sequence[Act], now: float) -> None:
        if self.broken:
            raise StorageError("disk full")
        self.rows.update({person.user_id: person for person in people})
        self.acts += acts


class RecordingOutbox:
    """Keeps what people are told, once a key."""

    def __init__(self) -> None:
        self.told: list[tuple[int | str, Kind, Mapping[str, Any]]] = []
        self._keys: set[str] = set()
        self.hastened: list[int] = []

    async def tell(self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        self._say(user_id, kind, data, key)

    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        self._say("admins", kind, data, key)

    async def hasten(self, user_id: int) -> None:
        self.hastened.append(user_id)

    def _say(self, to: int | str, kind: Kind, data: Mapping[str, Any], key: str | None) -> None:
        if key is None or key not in self._keys:
            self.told.append((to, kind, data))
        if key is not None:
            self._keys.add(key)


class PeopleDesk(ChatDesk):
    """ADMIN is one by the settings and USER allowed by them; `people` are known already."""

    def __init__(
        self, *people: Person, requests_per_minute: int = REQUESTS_PER_MINUTE, **services: Any
    ) -> None:
        super().__init__()
        self.store, self.outbox = MemoryPeople(*people), RecordingOutbox()
        self.people = People({ADMIN}, {USER}, self.store, self.clock)
        self.menus = Menus(self.bot, self.people)
        self.admission = Admission(self.people, self.outbox, self.menus)
        self.deps = replace(self.deps, roles=self.people)
        self.dispatcher = build_dispatcher(
            self.deps,
            admission=self.admission,
            requests_per_minute=requests_per_minute,
            people=self.people,
            outbox=self.outbox,
            **services,
        )

    async def open(self) -> PeopleDesk:
        await self.people.load()
        return self


def a_person(user_id: int, name: str, role: Role | None = None, **changes: Any) -> Person:
    """Somebody whose name follows from their @name."""
    return Person(user_id, f"@{name}", name, role, **changes)


async def desk_of(*people: Person, **options: Any) -> PeopleDesk:
    """A desk that knows these people."""
    return await PeopleDesk(*people, **options).open()
