"""What a cache does when it matters: a crowd at a miss, a caller who gives up, an order while a value is loaded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.caches import Opened

CROWD = 1000
WAITERS = 9
TURNS = 20  # of the loop, until everybody has got to where they wait
KEY = "balance:7"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Calls for a crowd of 1000; how many of 9 lost theirs with the first caller; whether an old value came back."""

    calls: int
    lost: int
    serves_old: bool


class Upstream:
    """Answers with what is true when it is asked, once the gate is open."""

    def __init__(self) -> None:
        self.calls = 0
        self.truth = 1
        self.gate = asyncio.Event()

    async def fetch(self, key: str) -> int:
        """A value that costs a call."""
        self.calls += 1
        truth = self.truth
        await self.gate.wait()
        return truth


async def observe(opened: Opened) -> Behaviour:
    """All three, each with a cache of its own."""
    return Behaviour(await _calls(opened), await _lost(opened), await _serves_old(opened))


async def _calls(opened: Opened) -> int:
    upstream = Upstream()
    async with opened(upstream.fetch) as cache:
        crowd = [asyncio.ensure_future(cache.get(KEY)) for _ in range(CROWD)]
        await _turn()
        upstream.gate.set()
        await asyncio.gather(*crowd)
    return upstream.calls


async def _lost(opened: Opened) -> int:
    upstream = Upstream()
    async with opened(upstream.fetch) as cache:
        first, *others = [asyncio.ensure_future(cache.get(KEY)) for _ in range(1 + WAITERS)]
        await _turn()
        first.cancel()
        await _turn()
        upstream.gate.set()
        answers = await asyncio.gather(*others, return_exceptions=True)
    return sum(isinstance(answer, BaseException) for answer in answers)


async def _serves_old(opened: Opened) -> bool:
    upstream = Upstream()
    async with opened(upstream.fetch) as cache:
        before = asyncio.ensure_future(cache.get(KEY))
        await _turn()
        upstream.truth += 1
        await cache.drop(KEY)
        upstream.gate.set()
        await before
        return await cache.get(KEY) != upstream.truth


async def _turn() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
