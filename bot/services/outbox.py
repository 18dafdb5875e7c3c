"""What the bot says on its own: written down first, then carried to its readers by the relay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from bot.models.delivery import Reader, Wishes, is_wanted
from bot.models.notice import THE_WEBHOOK, Kind, Notice
from bot.models.role import Role
from bot.resilience.clock import Clock


class NoticeStore(Protocol):
    """Where notices are written down, with what their writer remembers, in one transaction."""

    async def post(
        self, notices: Iterable[Notice], now: float, memory: Mapping[str, object] | None = None
    ) -> int: ...
    async def hasten(self, to: int, now: float) -> None: ...


class Directory(Protocol):
    """Who reads, and how they like it."""

    def admins(self) -> Collection[int]: ...
    def role_of(self, user_id: int) -> Role | None: ...
    def preferences_of(self, user_id: int) -> Wishes: ...
    def is_blocked(self, user_id: int) -> bool: ...


def reader_of(people: Directory, user_id: int) -> Reader:
    """The person as a reader, as things stand now."""
    role = people.role_of(user_id)
    return Reader(
        people.preferences_of(user_id),
        blocked=people.is_blocked(user_id),
        admin=role is Role.ADMIN,
        member=role is not None,
    )


class Outbox:
    """Takes notices; who has muted a kind gets none of it, who cannot be reached gets them when they write.

    `wake` is called when there is something to carry. Raises StorageError where a notice cannot be written down.
    """

    def __init__(
        self,
        store: NoticeStore,
        people: Directory,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._wake = wake

    async def tell(self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        """Say something to one person; what has a key that was used before is not said again."""
        await self.post([Notice(user_id, kind, data, key)])

    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        """Say something to every admin."""
        await self.post(self.for_admins(kind, data, key))

    def for_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> list[Notice]:
        """The same notice for every admin; each has a key of its own."""
        return [
            Notice(admin, kind, data, None if key is None else f"{key}:{admin}")
            for admin in sorted(self._people.admins())
        ]

    async def post(self, notices: Sequence[Notice], memory: Mapping[str, object] | None = None) -> int:
        """Write down those that are wanted, with what their writer remembers; returns how many are new."""
        wanted = [notice for notice in notices if self._is_wanted(notice)]
        if not wanted and not memory:
            return 0
        written = await self._store.post(wanted, self._clock.time(), memory)
        if written:
            self._wake()
        return written

    async def hasten(self, user_id: int) -> None:
        """The person can be reached again: what has waited for that is said now."""
        await self._store.hasten(user_id, self._clock.time())
        self._wake()

    def posted(self) -> None:
        """Somebody else has written notices, in a transaction of their own."""
        self._wake()

    def _is_wanted(self, notice: Notice) -> bool:
        return notice.to == THE_WEBHOOK or is_wanted(notice.kind, reader_of(self._people, notice.to))
