"""Hypothesis looks for an order of events that doubles an order, forgets one, or tells somebody what is not so.

For a longer search: `SIMULATION_EXAMPLES=2000`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress

import order_world
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from order_bench import D, OrderBench
from order_world import FATES, MoodyVenue, OrderRun
from searching import search
from structlog.testing import capture_logs
from test_order_seeds import InsistentBench
from warped_time import WarpClock, WarpLoop

from bot.errors import QuartermasterError, StorageError
from bot.models.market import Side
from bot.models.order import NewOrder
from bot.models.order_draft import OrderWish

PROFILE = search(examples=100, steps=30)
PEOPLE = 3


class PlannedVenue(MoodyVenue):
    """An exchange that is told what becomes of an order when it comes first; how long things take is drawn."""

    def __init__(self, clock: WarpClock, chance: random.Random) -> None:
        super().__init__(clock, chance)
        self.planned: dict[str, str] = {}

    def fate_of(self, order: NewOrder) -> str:
        return self.planned.pop(order.client_id, "answered")


class OrderMachine(RuleBasedStateMachine):
    """A desk, its people and an exchange. When the steps are done, everything must come to its end."""

    bench_type: type[OrderBench] = OrderBench

    def __init__(self) -> None:
        super().__init__()
        self._logs = capture_logs()
        self._logged = self._logs.__enter__()
        self._runner = asyncio.Runner(loop_factory=WarpLoop)
        self._under_way: set[asyncio.Task[None]] = set()

    @initialize(seed=st.integers(0, 1000))
    def start(self, seed: int) -> None:
        """The desk opens."""

        async def open_desk() -> OrderRun:
            clock = WarpClock()
            bench, self._venue = self.bench_type(clock), PlannedVenue(clock, random.Random(seed))
            bench.exchanges._venue = bench.venue = self._venue
            return OrderRun(bench, self._venue)

        self._done = self._runner.run(open_desk())

    @rule(fate=st.sampled_from(list(FATES)), limit=st.booleans(), taps=st.integers(1, 3))
    def order(self, fate: str, limit: bool, taps: int) -> None:
        """Somebody orders something, and taps once or several times at once."""
        number = len(self._done.taps)
        user_id, name = order_world.FIRST_PERSON + number % PEOPLE, f"tap{number}"
        wish = OrderWish(Side.BUY, "btc", D("0.001"), price=D(9800) if limit else None)

        async def begin() -> None:
            drafts = (await self._done.bench.orders.draft(user_id, wish, f"message{number}")).drafts
            self._venue.planned[drafts[0].order.client_id] = fate
            self._done.taps[name] = (user_id, drafts)
            for _ in range(taps):
                self._begin(order_world.tap(self._done, name))

        self._runner.run(begin())

    @precondition(lambda self: self._done.taps)
    @rule(data=st.data())
    def tap_again(self, data: st.DataObject) -> None:
        """The same button once more, however late."""
        name = data.draw(st.sampled_from(list(self._done.taps)))
        self._begin(order_world.tap(self._done, name))

    @precondition(lambda self: self._done.bench.journal.rows)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Somebody wants an order back."""
        number = data.draw(st.sampled_from(list(self._done.bench.journal.rows)))
        self._begin(self._cancel(number))

    @rule(seconds=st.sampled_from((0.05, 0.5, 3.0, 12.0, 60.0)))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self._runner.run(self._done.bench.clock.sleep(seconds))

    @rule()
    def die(self) -> None:
        """The process is killed, and begins anew."""
        self._runner.run(order_world.killed(self._done))

    @rule()
    def fill_the_disk(self) -> None:
        """The next change of the journal is refused."""
        self._done.bench.journal.failures.append(StorageError("disk full"))

    @invariant()
    def nothing_is_untrue(self) -> None:
        """No order is doubled, and nobody was told what is not so."""
        assert [] == self._done.untruths()

    def teardown(self) -> None:
        """Let everything come to rest, and end the process."""
        try:
            self._runner.run(self._come_to_rest())
            self._done.failed = [
                str(each["exc_info"]) for each in self._logged if each["event"] == "task failed"
            ]
            assert [] == self._done.problems()
        finally:
            self._runner.close()
            self._logs.__exit__(None, None, None)

    async def _come_to_rest(self) -> None:
        await order_world.heal(self._done)
        await asyncio.gather(*self._under_way)
        await self._done.bench.kill()

    async def _cancel(self, number: int) -> None:
        begun = self._done.kills
        user_id = self._done.bench.journal.rows[number].user_id
        with suppress(QuartermasterError):
            try:
                order = await self._done.bench.orders.cancel(user_id, number)
            except asyncio.CancelledError:
                if self._done.kills == begun:
                    raise
            else:
                self._done.read.setdefault(number, set()).add(order.state)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        self._under_way.add(self._runner.get_loop().create_task(work))


class InsistentMachine(OrderMachine):
    """A desk that sends again what got no answer."""

    bench_type = InsistentBench


def test_no_order_of_events_doubles_or_forgets_an_order() -> None:
    """Whatever people, the exchange, the disk and the machine do, in whatever order."""
    run_state_machine_as_test(OrderMachine, settings=PROFILE)


def test_the_machine_finds_who_sends_again() -> None:
    """It is able to: the naive way is caught by it."""
    with pytest.raises(AssertionError, match="was placed 2 times"):
        run_state_machine_as_test(InsistentMachine, settings=settings(PROFILE, phases=[Phase.generate]))
