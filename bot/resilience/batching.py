"""Group work: while one batch is under way, whoever arrives waits for the next.

The busier the bot, the larger its batches, with no timer and no tuning: an idle one serves a lone caller
at once, a crowd is served together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """Hands whatever is waiting to `run`, at most `limit` items and one batch at a time.

    `run` returns one result an item, in order; a result that is an exception is raised to that item's
    caller only. If `run` itself raises, every caller of that batch gets the exception.
    """

    def __init__(
        self, run: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]], *, limit: int
    ) -> None:
        self._run = run
        self._limit = limit
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Wait for the item's result. Cancelling the wait does not take the item out of its batch."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await done

    async def drained(self) -> None:
        """Wait until nothing is waiting or under way."""
        while self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._serve(batch)
        finally:
            self._worker = None

    async def _serve(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        items, waiters = zip(*batch, strict=True)
        try:
            answered = list(zip(waiters, await self._run(items), strict=True))
        except Exception as error:  # whatever it was belongs to the callers, not to the worker
            answered = [(done, error) for done in waiters]
        for done, result in answered:
            _resolve(done, result)


def _resolve(done: asyncio.Future[R], result: R | Exception) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
