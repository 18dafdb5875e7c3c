"""A bound on work, not on waiting: who rests gives the slot to somebody else meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar, Token


class _Slot:
    """One body's place among the working ones, held while it works; `held` is false while it rests."""

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore = semaphore
        self._before: Token[_Slot | None] | None = None
        self.held = False

    async def __aenter__(self) -> None:
        await self.take()
        self._before = _current.set(self)

    async def __aexit__(self, *_: object) -> None:
        assert self._before is not None
        _current.reset(self._before)
        self.give()

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

    def occupied(self) -> AbstractAsyncContextManager[None]:
        """Hold a slot while the body works."""
        return _Slot(self._semaphore)


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
