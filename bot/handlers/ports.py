"""What the chat needs of the rest of the bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.models.results import (
    BadReason,
    Choices,
    Held,
    Issued,
    PoolStats,
    Preview,
    ResourceStock,
    Returned,
)
from bot.models.status import JobStatus
from bot.models.wish import ANY, Wish


class ProxyDesk(Protocol):
    """The proxy service as the chat sees it."""

    async def issue(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str,
        request_key: str,
        new_resource: bool = False,
    ) -> Issued:
        """Take the best `count` proxies; returns when they are settled. The same key gets the same answer.

        Raises UnknownResource, NotEnough, RequestConflict, StorageError.
        """

    @property
    def age(self) -> float | None:
        """Seconds since the sheet was read; None before the first time."""

    async def resources(self) -> Sequence[ResourceStock]:
        """Every resource that somebody has used, most free first."""

    async def choices(self, resource: str, wish: Wish) -> Choices:
        """What is free for the resource under the wish, and by what else could be wished for."""

    async def preview(
        self,
        resource: str,
        count: int,
        user_id: int,
        *,
        name: str,
        request_key: str,
        wish: Wish = ANY,
        new_resource: bool = False,
        ttl: float | None = None,
    ) -> Preview:
        """Keep the best `count` for the user for `ttl` seconds (RESERVATION_TTL); drops what was kept before.

        Raises UnknownResource, NotEnough, OverLimit, ResourceFrozen, OthersWait.
        """

    async def take_preview(self, request: int, user_id: int, *, name: str, request_key: str) -> Issued:
        """Take what was kept; what a person has taken meanwhile is replaced by another that fits the wish.

        Raises PreviewLapsed.
        """

    async def extend_preview(self, request: int, user_id: int) -> Preview:
        """Keep it for another RESERVATION_TTL from now; works once. Raises PreviewLapsed."""

    async def cancel_preview(self, request: int, user_id: int) -> int:
        """Drop what was kept; returns how many. 0 when it was taken or has lapsed."""

    async def cancel_all_reservations(self, user_id: int) -> int:
        """Drop all that is kept for the user; returns how many."""

    async def held(self, allocation: str, user_id: int) -> Held:
        """One that the user holds. Raises NotYours."""

    async def give_back(
        self, allocation_ids: Sequence[str], user_id: int, *, request_key: str | None = None
    ) -> Returned:
        """Free what the user holds; returns when the sheet shows it. Raises NotYours when none is theirs."""

    async def spend(self, allocation_ids: Sequence[str], user_id: int, *, request_key: str) -> Returned:
        """Used up: nobody holds them, nobody gets them for the same resource again. Raises NotYours."""

    async def mark_bad(
        self, allocation_ids: Sequence[str], user_id: int, reason: BadReason, *, request_key: str
    ) -> Returned:
        """They do not work: nobody holds them, nobody gets them for anything. Raises NotYours."""

    async def replace(
        self,
        allocation: str,
        user_id: int,
        reason: BadReason,
        *,
        name: str,
        request_key: str,
        any_kind: bool = False,
    ) -> Issued:
        """Mark one as bad and take a fresh one of the same country and protocol (of any, with `any_kind`), in one.

        Raises NotYours, and NotEnough: then nothing was marked either.
        """

    async def transfer(
        self, allocation: str, user_id: int, to_user: int, to_name: str, *, request_key: str
    ) -> Held:
        """Hand one over to a colleague; returns it as theirs. Raises NotYours, OverLimit (theirs)."""

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key has been accepted before."""

    async def held_by(self, user_id: int) -> Sequence[Held]:
        """What the user holds, settled or not."""

    async def get_stats(self) -> PoolStats:
        """The pool as last read; never waits for Google."""

    async def refresh(self, *, force: bool = False) -> PoolStats:
        """Read the sheet again. Raises PeerError, SheetLayoutError."""


class Jobs(Protocol):
    """The scheduled jobs."""

    def status(self) -> Sequence[JobStatus]:
        """How each job is doing."""
