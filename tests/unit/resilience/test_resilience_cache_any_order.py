"""The cache under any order of questions, orders that make values wrong, failures and cancellations."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.resilience.cache import AsyncCache, Entry
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor


class Down(Exception):
    """The upstream does not answer."""


class Orders:
    """A truth that changes with each order, and callers, loads and cancellations in any order.

    A load brings the truth of the moment it began. Whoever asks after an order must get what was true since.
    """

    def __init__(self) -> None:
        self.clock, self.supervisor = ManualClock(), Supervisor()
        self.cache: AsyncCache[str, int] = AsyncCache(self.clock, supervisor=self.supervisor, ttl=2.0, size=2)
        self.truth = {"a": 0, "b": 0, "c": 0}
        self.loading: list[asyncio.Future[None]] = []
        self.callers: list[tuple[int, asyncio.Task[Entry[int]]]] = []
        self.cancelled: set[int] = set()

    async def do(self, act: str, key: str, number: int) -> None:
        """One act; which caller or load it means is for `number` to say."""
        if act == "get":
            self.callers.append((self.truth[key], asyncio.create_task(self._get(key))))
        elif act == "cancel" and self.callers:
            self.callers[number % len(self.callers)][1].cancel()
            self.cancelled.add(number % len(self.callers))
        elif act == "order":
            self.truth[key] += 1
            self.cache.invalidate(key)
        elif act == "put":
            self.truth[key] += 1
            self.cache.put(key, self.truth[key])
        elif act in {"land", "crash"} and self.loading:
            self._end(self.loading[number % len(self.loading)], fails=act == "crash")
        elif act == "wait":
            await self.clock.tick(1)
        await asyncio.sleep(0)

    async def finish(self) -> list[tuple[int, Entry[int] | BaseException]]:
        """What each caller who was not cancelled got, beside the truth when they asked."""
        while any(not load.done() for load in self.loading) or any(not c.done() for _, c in self.callers):
            for load in self.loading:
                self._end(load, fails=False)
            await asyncio.sleep(0)
        kept = [caller for number, caller in enumerate(self.callers) if number not in self.cancelled]
        answers = await asyncio.gather(*(task for _, task in kept), return_exceptions=True)
        await self.supervisor.close()
        return list(zip((truth for truth, _ in kept), answers, strict=True))

    async def _get(self, key: str) -> Entry[int]:
        async def load() -> int:
            truth = self.truth[key]
            self.loading.append(asyncio.get_running_loop().create_future())
            await self.loading[-1]
            return truth

        return await self.cache.get(key, load, stale_on=(Down,))

    def _end(self, load: asyncio.Future[None], *, fails: bool) -> None:
        if not load.done() and fails:
            load.set_exception(Down())
        elif not load.done():
            load.set_result(None)


ACTS = st.sampled_from(["get", "get", "get", "cancel", "order", "put", "land", "crash", "wait"])


@given(st.lists(st.tuples(ACTS, st.sampled_from("aabc"), st.integers(0, 9)), max_size=40))
def test_nobody_gets_what_an_order_before_their_question_has_made_wrong(
    acts: list[tuple[str, str, int]],
) -> None:
    """And whoever is not cancelled gets a value or the upstream's error."""

    async def run() -> None:
        orders = Orders()
        for act in acts:
            await orders.do(*act)
        for truth, answer in await orders.finish():
            assert isinstance(answer, Entry | Down)
            assert isinstance(answer, Down) or answer.value >= truth
        figures = orders.cache.figures()
        assert len(orders.loading) <= figures.loads
        assert figures.size <= 2

    asyncio.run(run())
