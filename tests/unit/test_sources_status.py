"""Who is asked, how it answers, and who is asked next; a failing source is told of once."""

from __future__ import annotations

from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from bot.models.source_status import State
from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import ManualClock
from bot.resilience.peer import PeerHealth
from bot.services.sources_status import SourcesStatus, Watched


class Bench:
    """Two metal sources with their breakers, and one exchange."""

    def __init__(self) -> None:
        self.clock = ManualClock(1000.0)
        self.delay = 0.0
        self.first, self.second = Breaker("gold-api", self.clock), Breaker("yahoo", self.clock)
        self.gold = PeerHealth("gold-api", self.clock, self.first)
        self.yahoo = PeerHealth("yahoo", self.clock, self.second)
        self.bybit = PeerHealth("bybit (reads)", self.clock)
        self.status = SourcesStatus(
            {
                "Metals": [
                    Watched("gold-api", self.gold, lambda: self.first.retry_in, lambda: self.delay),
                    Watched("yahoo", self.yahoo, lambda: self.second.retry_in),
                ],
                "Coins": [],
            },
            {"Exchanges": [Watched("bybit (reads)", self.bybit)]},
            self.clock,
        )

    async def ask(self, peer: PeerHealth, seconds: float = 0.0, error: Exception | None = None) -> None:
        with suppress(TimeoutError, Resting), peer.call(failures=(TimeoutError,)):
            await self.clock.tick(seconds)
            if error is not None:
                raise error

    async def fail(self, peer: PeerHealth, times: int) -> None:
        for _ in range(times):
            await self.ask(peer, 0.1, TimeoutError())


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_every_source_tells_how_it_is(bench: Bench) -> None:
    """State, last answer, p95, failures, pace; kinds without sources are left out."""
    await bench.ask(bench.gold, 0.25)
    await bench.fail(bench.gold, 2)
    bench.delay = 1.6
    await bench.clock.tick(10)
    metals, exchanges = bench.status.look()
    gold, yahoo = metals.sources
    assert ("Metals", "Exchanges") == (metals.name, exchanges.name)
    assert (State.FAILING, 3, 2, 2, 1.6) == (
        gold.state,
        gold.calls,
        gold.failures,
        gold.in_a_row,
        gold.delay,
    )
    assert (pytest.approx(10.2), pytest.approx(0.25)) == (gold.age, gold.p95)
    assert (State.NEW, None, None, 0) == (yahoo.state, yahoo.age, yahoo.p95, yahoo.calls)


async def test_the_first_that_does_not_rest_is_asked_next(bench: Bench) -> None:
    """A failing one is still asked; one that rests is passed over until its time has come."""
    await bench.fail(bench.gold, 4)
    assert "gold-api" == bench.status.look()[0].next
    await bench.fail(bench.gold, 1)
    [metals, _] = bench.status.look()
    assert (State.RESTING, "yahoo") == (metals.sources[0].state, metals.next)
    assert pytest.approx(60) == metals.sources[0].back_in
    await bench.clock.tick(60)
    assert "gold-api" == bench.status.look()[0].next
    assert State.FAILING is bench.status.look()[0].sources[0].state


async def test_where_all_rest_it_is_told_for_how_long(bench: Bench) -> None:
    """Until the first of them is tried; what does not stand in for each other has no next one."""
    await bench.fail(bench.gold, 5)
    await bench.clock.tick(20)
    await bench.fail(bench.yahoo, 5)
    metals, exchanges = bench.status.look()
    assert (None, pytest.approx(39.5)) == (metals.next, metals.all_back_in)
    assert (None, None) == (exchanges.next, exchanges.all_back_in)


async def test_an_answer_that_tells_nothing_is_a_refusal(bench: Bench) -> None:
    """A source that asks to slow down is there, but the age shown is that of what it told before."""
    good_at: float | None = None
    status = SourcesStatus({"Metals": [Watched("g", bench.gold, good_at=lambda: good_at)]}, {}, bench.clock)

    def now() -> tuple[State, float | None]:
        [[source]] = [group.sources for group in status.look()]
        return source.state, source.age

    await bench.ask(bench.gold)
    assert (State.REFUSING, None) == now()
    good_at = bench.clock.time()
    assert (State.UP, 0.0) == now()
    await bench.ask(bench.gold, 30)
    assert (State.REFUSING, 30.0) == now()


async def test_an_outage_of_a_source_is_two_lines_of_log(bench: Bench) -> None:
    """However many calls it costs, over its rests and tries."""
    with capture_logs() as logs:
        await bench.fail(bench.gold, 9)
        for _ in range(3):
            await bench.clock.tick(60)
            await bench.fail(bench.gold, 3)
        await bench.clock.tick(60)
        for _ in range(3):
            await bench.ask(bench.gold)
    assert ["peer is failing", "peer is back"] == [line["event"] for line in logs]
    assert State.UP is bench.status.look()[0].sources[0].state
