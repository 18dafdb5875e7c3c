"""What the chat needs of the rest of the bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.models.results import Held, Issued, PoolStats
from bot.models.status import JobStatus


class Offer(Protocol):
    """What stands behind a button."""

    @property
    def resource(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def new_resource(self) -> bool: ...


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

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key has been accepted before."""

    async def held_by(self, user_id: int) -> Sequence[Held]:
        """What the user holds, settled or not."""

    async def get_stats(self) -> PoolStats:
        """The pool as last read; never waits for Google."""

    async def refresh(self, *, force: bool = False) -> PoolStats:
        """Read the sheet again. Raises PeerError, SheetLayoutError."""

    async def make_offer(self, user_id: int, resource: str, count: int, *, new_resource: bool = False) -> str:
        """An opaque id for a button, bound to the user, good for 10 minutes."""

    async def open_offer(self, offer_id: str, user_id: int) -> Offer:
        """The offer behind the id; raises OfferLapsed where it is foreign, lapsed or unknown."""


class Jobs(Protocol):
    """The scheduled jobs."""

    def status(self) -> Sequence[JobStatus]:
        """How each job is doing."""
