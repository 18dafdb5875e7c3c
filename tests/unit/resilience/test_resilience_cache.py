"""The cache: one load for all who ask, nobody harmed by another's cancellation, nothing kept that is wrong."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.resilience.cache import AsyncCache, CacheFigures, Entry, LoadEnded
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor

TTL, SIZE, KEEP = 15.0, 3, 100.0


class Down(Exception):
    """The upstream does not answer."""


class Upstream:
    """Answers each call with its number, once the gate is open; `down`: with an error."""

    def __init__(self) -> None:
        self.calls = self.ended = self.cancelled = 0
        self.down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> int:
        """What a caller passes to the cache."""
        self.calls += 1
        number = self.calls
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended += 1
        if self.down:
            raise Down(str(number))
        return number


class Bench:
    """A cache in front of an upstream, with a clock by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.supervisor = Supervisor()
        self.upstream = Upstream()
        self.cache: AsyncCache[str, int] = AsyncCache(
            self.clock, supervisor=self.supervisor, ttl=TTL, size=SIZE, keep=KEEP, name="numbers"
        )

    async def get(self, key: str = "key", **options: Any) -> Entry[int]:
        """Through the cache."""
        return await self.cache.get(key, self.upstream.load, **options)

    async def value(self, key: str = "key", **options: Any) -> int:
        """The bare value."""
        return (await self.get(key, **options)).value

    async def waiting(self, count: int, key: str = "key", **options: Any) -> list[asyncio.Task[Entry[int]]]:
        """So many callers who wait for a load, because the gate is shut."""
        self.upstream.gate.clear()
        tasks = [asyncio.create_task(self.get(key, **options)) for _ in range(count)]
        await settle()
        return tasks


@asynccontextmanager
async def caching() -> AsyncIterator[Bench]:
    """A bench that is cleared away."""
    bench = Bench()
    try:
        yield bench
    finally:
        await bench.supervisor.close()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def steps(work: Any) -> int:
    """How often a coroutine lets others run before it ends."""
    count = 0
    try:
        while True:
            work.send(None)
            count += 1
    except StopIteration:
        return count


# -- fresh for its time -----------------------------------------------------------------------------------------


async def test_a_value_is_loaded_once_for_its_time() -> None:
    """Counted from the end of its load; at the last instant it is fresh no more."""
    async with caching() as bench:
        [first] = await bench.waiting(1)
        await bench.clock.tick(5)
        bench.upstream.gate.set()
        loaded = bench.clock.monotonic()
        assert Entry(1, loaded) == await first
        await bench.clock.tick(TTL - 0.001)
        assert Entry(1, loaded) == await bench.get()
        await bench.clock.tick(0.001)
        assert 2 == await bench.value()


async def test_a_hit_lets_nobody_else_run() -> None:
    """It ends in the step that begins it."""
    async with caching() as bench:
        await bench.get()
        assert 0 == steps(bench.get())


async def test_each_entry_may_have_a_time_of_its_own() -> None:
    """For who loads it, and for who puts it."""
    async with caching() as bench:
        await bench.get("short", ttl=1.0)
        bench.cache.put("long", 70, ttl=60.0)
        bench.cache.put("usual", 80)
        await bench.clock.tick(TTL - 1)
        assert [None, 70, 80] == [bench.cache.peek(key) for key in ("short", "long", "usual")]
        await bench.clock.tick(60.0 - TTL)
        assert [None, 70, None] == [bench.cache.peek(key) for key in ("short", "long", "usual")]


async def test_peek_loads_nothing() -> None:
    """It knows what is fresh."""
    async with caching() as bench:
        assert bench.cache.peek("key") is None
        await bench.get()
        assert 1 == bench.cache.peek("key")
        await bench.clock.tick(TTL)
        assert bench.cache.peek("key") is None
        assert 1 == bench.upstream.calls


async def test_the_least_recently_used_makes_room() -> None:
    """A hit and a peek are uses; what was kept for errors makes room like the rest."""
    async with caching() as bench:
        for key in "abc":
            await bench.get(key)
        await bench.get("a")
        bench.cache.peek("b")
        await bench.get("d")
        assert [1, 2, None, 4] == [bench.cache.peek(key) for key in "abcd"]
        figures = bench.cache.figures()
        assert (SIZE, 1) == (figures.size, figures.evictions)


# -- one load for all -------------------------------------------------------------------------------------------


async def test_a_thousand_misses_at_once_are_one_call() -> None:
    """And everybody gets the same entry; another key is loaded meanwhile."""
    async with caching() as bench:
        crowd = await bench.waiting(1000)
        other = await bench.waiting(1, "other")
        bench.upstream.gate.set()
        entries = await asyncio.gather(*crowd)
        assert {id(entries[0])} == {id(entry) for entry in entries}
        assert (1, 2, 2) == (entries[0].value, (await other[0]).value, bench.upstream.calls)


@pytest.mark.parametrize("leaving", [[0], [1], [4], [0, 1], [1, 2, 3, 4], [0, 1, 2, 3]])
async def test_who_is_cancelled_leaves_the_others_alone(leaving: list[int]) -> None:
    """Whoever it is: the first, who began the load, one in the middle, the last, all but one."""
    async with caching() as bench:
        callers = await bench.waiting(5)
        for number in leaving:
            callers[number].cancel()
        await settle()
        bench.upstream.gate.set()
        answers = await asyncio.gather(*callers, return_exceptions=True)
        values = [answer.value for answer in answers if isinstance(answer, Entry)]
        assert ([1] * (5 - len(leaving)), 1) == (values, bench.upstream.calls)
        assert 1 == bench.cache.peek("key")


async def test_a_load_that_nobody_waits_for_is_cancelled() -> None:
    """Who asks next does not join what is being cancelled."""
    async with caching() as bench:
        callers = await bench.waiting(3)
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)
        late = await bench.waiting(1)
        assert (1, 2) == (bench.upstream.cancelled, bench.upstream.calls)
        bench.upstream.gate.set()
        assert 2 == (await late[0]).value


async def test_who_asks_while_a_load_is_being_cancelled_starts_another() -> None:
    """In the same step even, before the cancelled one knows of it."""
    async with caching() as bench:
        [caller] = await bench.waiting(1)
        caller.cancel()
        await asyncio.sleep(0)
        bench.upstream.gate.set()
        assert 2 == await bench.value()


async def test_a_deadline_of_one_caller_is_no_deadline_of_another() -> None:
    """Who gives up after a while leaves the others waiting."""
    async with caching() as bench:
        [patient] = await bench.waiting(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await bench.get()
        bench.upstream.gate.set()
        assert 1 == (await patient).value


async def test_a_load_that_is_ended_from_outside_is_an_error_of_its_callers() -> None:
    """They were not cancelled themselves, and are not to look so; the next one starts anew."""
    async with caching() as bench:

        async def ended() -> int:
            raise asyncio.CancelledError

        with pytest.raises(LoadEnded, match="numbers"):
            await bench.cache.get("key", ended)
        callers = await bench.waiting(2)
        await bench.supervisor.close()
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert [LoadEnded, LoadEnded] == [type(answer) for answer in answers]
        bench.upstream.gate.set()
        assert 2 == await bench.value()


async def test_a_load_that_is_ended_before_it_began_holds_nobody_up() -> None:
    """The shutdown comes in the very step of the miss."""
    async with caching() as bench:
        caller = asyncio.create_task(bench.get())
        await asyncio.sleep(0)
        await bench.supervisor.close()
        with pytest.raises(LoadEnded):
            await caller
        assert (0, 1) == (bench.upstream.calls, await bench.value())


# -- what is wrong is gone --------------------------------------------------------------------------------------


def invalidate(cache: AsyncCache[str, int]) -> None:
    """One key."""
    cache.invalidate("key")


def invalidate_all(cache: AsyncCache[str, int]) -> None:
    """Every key."""
    cache.invalidate_all()


INVALIDATIONS = pytest.mark.parametrize("drop", [invalidate, invalidate_all])
Drop = Callable[[AsyncCache[str, int]], None]


@INVALIDATIONS
async def test_an_invalidated_value_is_loaded_anew(drop: Drop) -> None:
    """However fresh it was."""
    async with caching() as bench:
        await bench.get()
        drop(bench.cache)
        assert (None, 2) == (bench.cache.peek("key"), await bench.value())


@INVALIDATIONS
async def test_a_load_begun_before_an_invalidation_is_for_those_who_asked_before(drop: Drop) -> None:
    """Who asks after it starts a load of their own, and only what that brings is kept: whichever ends last."""
    for old_first in (True, False):
        async with caching() as bench:
            before = await bench.waiting(2)
            old_gate, bench.upstream.gate = bench.upstream.gate, asyncio.Event()
            drop(bench.cache)
            after = await bench.waiting(2)
            gates = [old_gate, bench.upstream.gate]
            for gate in gates if old_first else reversed(gates):
                gate.set()
                await settle()
            values = [entry.value for entry in await asyncio.gather(*before, *after)]
            assert ([1, 1, 2, 2], 2) == (values, bench.cache.peek("key"))
            assert 2 == bench.upstream.calls


async def test_an_invalidation_in_the_step_between_a_load_and_its_callers_counts() -> None:
    """The value is there and nobody has seen it yet: nobody who asks from now on will."""
    async with caching() as bench:

        async def load() -> int:
            asyncio.get_running_loop().call_soon(bench.cache.invalidate, "key")
            return 100

        assert 100 == (await bench.cache.get("key", load)).value
        assert (None, 1) == (bench.cache.peek("key"), await bench.value())


async def test_an_invalidated_load_ends_with_the_last_who_wait_for_it() -> None:
    """And leaves the load that has taken its place alone."""
    async with caching() as bench:
        before = await bench.waiting(2)
        bench.cache.invalidate("key")
        after = await bench.waiting(1)
        for caller in before:
            caller.cancel()
        await settle()
        assert 1 == bench.upstream.cancelled
        joined = await bench.waiting(1)
        bench.upstream.gate.set()
        assert [2, 2] == [entry.value for entry in await asyncio.gather(*after, *joined)]


async def test_what_is_put_beats_what_is_being_loaded() -> None:
    """The load began before, and knows nothing of it."""
    async with caching() as bench:
        callers = await bench.waiting(1)
        bench.cache.put("key", 50)
        assert 50 == await bench.value()
        bench.upstream.gate.set()
        assert 1 == (await callers[0]).value
        assert 50 == await bench.value()


# -- when the load fails ----------------------------------------------------------------------------------------


async def test_an_error_reaches_everybody_and_is_not_kept() -> None:
    """Nor is it in the log: it is the callers'."""
    async with caching() as bench:
        bench.upstream.down = True
        with capture_logs() as logs:
            callers = await bench.waiting(3)
            bench.upstream.gate.set()
            answers = await asyncio.gather(*callers, return_exceptions=True)
        assert ["1", "1", "1"] == [str(answer) for answer in answers if isinstance(answer, Down)]
        bench.upstream.down = False
        assert 2 == await bench.value()
        assert [] == logs


async def test_an_error_does_not_live_on_in_those_who_ask_one_after_the_other() -> None:
    """A stream of callers without a gap gets the upstream's next answer, not the first one again and again."""
    async with caching() as bench:
        bench.upstream.down = True
        callers: list[asyncio.Task[Entry[int]]] = []
        for _ in range(20):
            callers.append(asyncio.create_task(bench.get()))
            await asyncio.sleep(0)
        answers = await asyncio.gather(*callers, return_exceptions=True)
        assert len({str(answer) for answer in answers}) == bench.upstream.calls > 4


async def test_an_error_that_nobody_has_waited_for_complains_nowhere() -> None:
    """The callers are cancelled in the step in which the load fails."""
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with caching() as bench:
        caller: asyncio.Task[Entry[int]]

        async def load() -> int:
            caller.cancel()
            raise Down

        caller = asyncio.create_task(bench.cache.get("key", load))
        await asyncio.wait([caller])
        assert caller.cancelled()
    gc.collect()
    assert [] == complaints


async def test_the_last_good_value_stands_in_where_the_caller_wants_it() -> None:
    """Marked, with the time of its load, to those who named the error; the others get the error."""
    async with caching() as bench:
        loaded = bench.clock.monotonic()
        await bench.get()
        await bench.clock.tick(TTL)
        bench.upstream.down = True
        [content] = await bench.waiting(1, stale_on=(Down,))
        [strict] = await bench.waiting(1)
        [other] = await bench.waiting(1, stale_on=(OSError,))
        bench.upstream.gate.set()
        assert Entry(1, loaded, stale=True) == await content
        for caller in (strict, other):
            with pytest.raises(Down):
                await caller
        assert (2, None) == (bench.upstream.calls, bench.cache.peek("key"))


async def test_the_last_good_value_is_kept_for_a_while_only() -> None:
    """Past that the error is more honest; a load that succeeds makes everything good."""
    async with caching() as bench:
        await bench.get()
        bench.upstream.down = True
        await bench.clock.tick(TTL + KEEP - 0.001)
        assert (await bench.get(stale_on=(Down,))).stale
        await bench.clock.tick(0.001)
        with pytest.raises(Down):
            await bench.get(stale_on=(Down,))
        bench.upstream.down = False
        assert not (await bench.get(stale_on=(Down,))).stale


@INVALIDATIONS
async def test_an_invalidated_value_stands_in_for_nothing(drop: Drop) -> None:
    """It is wrong, not old: before the load and during it."""
    async with caching() as bench:
        await bench.get()
        await bench.clock.tick(TTL)
        bench.upstream.down = True
        [caller] = await bench.waiting(1, stale_on=(Down,))
        drop(bench.cache)
        bench.upstream.gate.set()
        for failing in (caller, bench.get(stale_on=(Down,))):
            with pytest.raises(Down):
                await failing


async def test_a_value_put_during_a_load_that_fails_stands_in_as_fresh() -> None:
    """It is newer than what was asked for."""
    async with caching() as bench:
        bench.upstream.down = True
        [caller] = await bench.waiting(1, stale_on=(Down,))
        bench.cache.put("key", 50)
        bench.upstream.gate.set()
        entry = await caller
        assert (50, False, 0) == (entry.value, entry.stale, bench.cache.figures().stale)


# -- figures ----------------------------------------------------------------------------------------------------


async def test_what_happened_is_counted() -> None:
    """Every get is a hit or a miss, every miss a load or shared."""
    async with caching() as bench:
        crowd = await bench.waiting(4)
        bench.upstream.gate.set()
        await asyncio.gather(*crowd)
        await bench.get()
        bench.cache.peek("key")
        await bench.clock.tick(TTL)
        bench.upstream.down = True
        await bench.get(stale_on=(Down,))
        expected = CacheFigures(size=1, hits=2, misses=5, loads=2, shared=3, stale=1, errors=1, evictions=0)
        assert expected == bench.cache.figures()
