"""A bound on work, not on waiting: who rests gives the slot to somebody else meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar


class _Slot:
    """One body's place among the working ones; `held` is false while it rests."""

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore = semaphore
        self.held = False

    async def take(self) -> None:
        await self._semaphore.acquire()
        self.held = True

    def give(self) -> None:
        if self.held:
            self.held = False
            self._semaphore.release()


_current: ContextVar[_Slot | None] = ContextVar("slot", default=None)


class Slots:
    """At most `limit` bodies of `occupied()` run at a time; those inside `resting()` do not count."""

    def __init__(self, limit: int) -> None:
        self._semaphore = asyncio.Semaphore(limit)

    @asynccontextmanager
    async def occupied(self) -> AsyncIterator[None]:
        """Hold a slot while the body works."""
        slot = _Slot(self._semaphore)
        await slot.take()
        token = _current.set(slot)
        try:
            yield
        finally:
            _current.reset(token)
            slot.give()


@asynccontextmanager
async def resting() -> AsyncIterator[None]:
    """Lend the caller's slot, if it has one, to others while the body waits."""
    slot = _current.get()
    if slot is None or not slot.held:
        yield
        return
    slot.give()
    try:
        yield
    finally:
        await slot.take()
