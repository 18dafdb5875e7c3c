"""What is expired is loaded anew, and still there where that fails."""

from __future__ import annotations

import asyncio

from bot.resilience.cache import AsyncCache
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor


class Source:
    """Counts up; `broken` while it fails, `gate` holds it back."""

    def __init__(self) -> None:
        self.loads, self.broken, self.gate = 0, False, asyncio.Event()
        self.gate.set()

    async def load(self) -> int:
        self.loads += 1
        await self.gate.wait()
        if self.broken:
            raise ConnectionError
        return self.loads


async def test_the_next_one_loads_anew() -> None:
    """Fresh a moment ago, old from now on; what was never there is no matter."""
    clock, source = ManualClock(), Source()
    cache: AsyncCache[str, int] = AsyncCache(clock, supervisor=Supervisor())
    cache.expire("a")
    assert 1 == (await cache.get("a", source.load)).value
    cache.expire("a")
    assert cache.peek("a") is None
    assert 2 == (await cache.get("a", source.load)).value
    assert 2 == (await cache.get("a", source.load)).value


async def test_a_failing_load_leaves_the_last_good_one_with_its_time() -> None:
    """To refresh while the other side is away costs nobody what is known."""
    clock, source = ManualClock(), Source()
    cache: AsyncCache[str, int] = AsyncCache(clock, supervisor=Supervisor())
    first = await cache.get("a", source.load)
    await clock.tick(5)
    cache.expire("a")
    source.broken = True
    last = await cache.get("a", source.load, stale_on=(ConnectionError,))
    assert (1, first.at, True) == (last.value, last.at, last.stale)


async def test_a_load_under_way_is_joined() -> None:
    """It is as new as one that would begin now."""
    source = Source()
    cache: AsyncCache[str, int] = AsyncCache(ManualClock(), supervisor=Supervisor())
    source.gate.clear()
    waiting = [asyncio.create_task(cache.get("a", source.load))]
    await asyncio.sleep(0)
    cache.expire("a")
    waiting.append(asyncio.create_task(cache.get("a", source.load)))
    await asyncio.sleep(0)
    source.gate.set()
    assert [1, 1] == [entry.value for entry in await asyncio.gather(*waiting)]
