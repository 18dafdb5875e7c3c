"""The audit: acts written down for good, looked up by page, and checked for links that were changed or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.models.audit import START, Act, Link, link_hash
from bot.models.history import Subject
from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)

PAGE = 15
CHECKED_AT_ONCE = 500


class Chain(Protocol):
    """Where the links are kept."""

    async def append(self, acts: Sequence[Act], now: float) -> None: ...
    async def chain(self, after: int, limit: int) -> list[Link]: ...
    async def older(self, before: int | None, limit: int, subject: Subject | None) -> list[Link]: ...
    async def newer(self, after: int, limit: int, subject: Subject | None) -> list[Link]: ...


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Links newest first; `older` and `newer`: whether there are more on that side."""

    links: tuple[Link, ...]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`checked` links are in order; `broken` is the number of the first that is not, or is not there."""

    checked: int
    broken: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a part of the chain."""

    number: int = 0
    hash: str = START


class Audit:
    """Appends to the chain and reads it. Nothing here changes or deletes a link."""

    def __init__(self, chain: Chain, clock: Clock) -> None:
        self._chain = chain
        self._clock = clock
        self._seen = Head()

    async def note(self, act: Act) -> None:
        """Write one act down; durable when this returns. StorageError = it is not written."""
        await self._chain.append([act], self._clock.time())

    async def page(
        self, before: int | None = None, limit: int = PAGE, subject: Subject | None = None
    ) -> AuditPage:
        """The newest links below the number `before` (None: of all)."""
        links = await self._chain.older(before, limit + 1, subject)
        return AuditPage(tuple(links[:limit]), older=len(links) > limit, newer=before is not None)

    async def page_after(self, after: int, limit: int = PAGE, subject: Subject | None = None) -> AuditPage:
        """The links next above the number `after`; where they fill no page, the newest page."""
        links = await self._chain.newer(after, limit + 1, subject)
        if len(links) <= limit:
            return await self.page(limit=limit, subject=subject)
        return AuditPage(tuple(links[-limit:]), older=True, newer=True)

    async def verify(self) -> ChainCheck:
        """Walk the whole chain. What an earlier walk of this process has seen must still be there."""
        head, seen = Head(), self._seen
        while links := await self._chain.chain(head.number, CHECKED_AT_ONCE):
            for link in links:
                if not follows(head, link) or (link.number == seen.number and link.hash != seen.hash):
                    return _broken(head)
                head = Head(link.number, link.hash)
        if head.number < seen.number:
            return _broken(head)
        self._seen = head
        log.info("audit checked", links=head.number, hash=head.hash)
        return ChainCheck(head.number)


def follows(head: Head, link: Link) -> bool:
    """Whether the link is the next one, unchanged."""
    return link.number == head.number + 1 and link.hash == link_hash(
        head.hash, link.number, link.at, link.act
    )


def _broken(head: Head) -> ChainCheck:
    log.error("the audit chain is broken", link=head.number + 1)
    return ChainCheck(head.number, head.number + 1)
