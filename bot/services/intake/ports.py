"""What the intake needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import QuartermasterError

RawUpdate = dict[str, Any]


class Undecodable(QuartermasterError):
    """An update in a shape that we do not know; its content is not repeated here, it may hold secrets."""


class Undelivered(QuartermasterError):
    """The work was done, but its answer did not reach the chat: doing it again gives the same answer again.

    `retry_after`: seconds that the chat is to be left alone.
    """

    def __init__(self, detail: str, retry_after: float = 0.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotNow(QuartermasterError):
    """Updates were brought while none can be taken in; nothing was stored, they are to come again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An update that cannot get lost any more; `received_at` is in seconds since the epoch."""

    update_id: int
    raw: RawUpdate
    received_at: float


class Updates(Protocol):
    """Where updates come from, and who carries them out."""

    async def register(self) -> None:
        """Tell Telegram how updates are to come; those that wait there stay; PeerError."""

    async def fetch(self, offset: int | None, timeout: int) -> Sequence[RawUpdate]:
        """Confirm all below `offset`, wait up to `timeout` seconds for the next ones; PeerError."""

    async def handle(self, update: RawUpdate) -> None:
        """Do what the update asks for; Undecodable when that cannot be known, Undelivered when nobody was told."""

    async def show_waiting(self, update: RawUpdate, *, late: bool) -> None:
        """Give a sign that the update has come and waits for its turn; `late` when it does so for long."""


class InboxStore(Protocol):
    """Where updates are safe; every call may raise StorageError."""

    async def store(self, updates: Sequence[RawUpdate], now: float) -> Sequence[Stored]:
        """Store all or none of them; returns those that are new."""

    async def done(self, update_id: int, now: float) -> None:
        """Wipe the update, and remember its number."""

    async def open_updates(self, after: int | None, limit: int) -> Sequence[Stored]:
        """The next ones that are not done, by update id, of those above `after`."""
