"""Caches of coroutines side by side, each with the settings that its own documentation recommends against a crowd.

| name | settings |
|---|---|
| ours | `AsyncCache`, with a load that is passed to each `get` |
| TTLCache by hand | `cachetools.TTLCache`: look, else await and put, as it is usually written |
| async-lru | `@alru_cache(maxsize, ttl)`, which keeps the task itself |
| aiocache | `@cached_stampede(lease, ttl)` on its memory, with the key as it is |
| cashews | `@cache(ttl, key)` on its memory, `protected` as is its default; and the same with `lock=True` |
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from cachetools import TTLCache

from bot.resilience.cache import AsyncCache
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor

SIZE = 1000
TTL = 3600  # seconds: nothing expires during a measurement

Fetch = Callable[[str], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Contender:
    """`get` is what a caller awaits; `drop` makes the value of a key invalid."""

    get: Callable[[str], Awaitable[object]]
    drop: Callable[[str], Awaitable[object]]


Opened = Callable[[Fetch], AbstractAsyncContextManager[Contender]]


@asynccontextmanager
async def ours(fetch: Fetch) -> AsyncIterator[Contender]:
    """The bot's."""
    supervisor = Supervisor()
    cache: AsyncCache[str, int] = AsyncCache(SystemClock(), supervisor=supervisor, ttl=TTL, size=SIZE)

    async def get(key: str) -> object:
        return (await cache.get(key, lambda: fetch(key))).value

    async def drop(key: str) -> None:
        cache.invalidate(key)

    yield Contender(get, drop)
    await supervisor.close()


@asynccontextmanager
async def by_hand(fetch: Fetch) -> AsyncIterator[Contender]:
    """What everybody writes first."""
    values: TTLCache[str, int] = TTLCache(SIZE, TTL)

    async def get(key: str) -> object:
        try:
            return values[key]
        except KeyError:
            values[key] = value = await fetch(key)
            return value

    async def drop(key: str) -> None:
        values.pop(key, None)

    yield Contender(get, drop)


@asynccontextmanager
async def async_lru(fetch: Fetch) -> AsyncIterator[Contender]:
    """A decorator that keeps tasks."""
    from async_lru import alru_cache

    @alru_cache(maxsize=SIZE, ttl=TTL)
    async def get(key: str) -> object:
        return await fetch(key)

    async def drop(key: str) -> None:
        get.cache_invalidate(key)

    yield Contender(get, drop)
    await get.cache_close()


@asynccontextmanager
async def aiocache(fetch: Fetch) -> AsyncIterator[Contender]:
    """A decorator that locks each key while it is loaded."""
    from aiocache import Cache, cached_stampede

    decorator = cached_stampede(lease=TTL, ttl=TTL, cache=Cache.MEMORY, key_builder=lambda _, key: key)
    get = decorator(fetch)
    yield Contender(get, decorator.cache.delete)
    await decorator.cache.clear()


def cashews(*, lock: bool) -> Opened:
    """A decorator that shares the first caller's task, or lets one caller through at a time."""

    @asynccontextmanager
    async def opened(fetch: Fetch) -> AsyncIterator[Contender]:
        from cashews import Cache

        cache = Cache()
        cache.setup("mem://", size=SIZE, check_interval=0)

        @cache(ttl=TTL, key="{key}", lock=lock)
        async def get(key: str) -> object:
            return await fetch(key)

        yield Contender(get, cache.delete)
        await cache.close()

    return opened


OURS = "ours"
CONTENDERS: dict[str, Opened] = {
    OURS: ours,
    "TTLCache by hand": by_hand,
    "async-lru": async_lru,
    "aiocache": aiocache,
    "cashews": cashews(lock=False),
    "cashews, locked": cashews(lock=True),
}
