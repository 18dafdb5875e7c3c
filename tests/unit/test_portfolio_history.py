"""Portfolios over time: who is noted, how often, and what is not written down."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from lookup_support import LookupBench, an_account

from bot.errors import PeerUnavailable
from bot.models.market import Balance, CoinBalance
from bot.models.price import Point
from bot.services.portfolio_history import PortfolioHistory

DAY = 86_400.0
D = Decimal


class MemoryValues:
    """Values by account."""

    def __init__(self) -> None:
        self.noted: dict[int, list[Point]] = {}
        self.kept_since = 0.0

    async def last_at(self, account_id: int) -> float | None:
        return self.noted[account_id][-1].at if account_id in self.noted else None

    async def add(self, account_id: int, usd: Decimal, at: float, *, keep_since: float) -> None:
        self.noted.setdefault(account_id, []).append(Point(at, usd))
        self.kept_since = keep_since

    async def points(self, account_id: int, since: float) -> Sequence[Point]:
        return [point for point in self.noted.get(account_id, []) if point.at >= since]


class HistoryBench(LookupBench):
    """Lookups whose balances are noted; `room` is what the pace has left."""

    def __init__(self, users: int = 1) -> None:
        super().__init__()
        self.room = True
        self.values = MemoryValues()
        self.accounts.active = list(range(1, users + 1))
        self.history = PortfolioHistory(
            self.accounts, self.lookups, self.values, self.clock, random.Random(7), lambda: self.room
        )

    async def round(self) -> int:
        task = asyncio.create_task(self.history.note())
        await self.clock.tick(300)
        assert task.done()
        return await task


async def test_who_was_here_in_the_last_week_is_noted_every_hour() -> None:
    """What the venue says it is worth, for three months."""
    bench = HistoryBench(users=3)
    assert 3 == await bench.round()
    assert [bench.clock.time() - 300 - 7 * DAY] == bench.accounts.asked_since
    assert {1, 2, 3} == set(bench.values.noted)
    assert D("40617.25") == bench.values.noted[1][0].price
    assert 92 * DAY == bench.values.noted[3][0].at - bench.values.kept_since
    await bench.clock.tick(3300)
    assert 3 == await bench.round()
    assert 2 == len(await bench.history.points(1, 0))
    assert [] == bench.accounts.touched


async def test_a_bot_that_often_starts_notes_no_more_often() -> None:
    """Half an hour lies between two values at least, and nobody is asked for less."""
    bench = HistoryBench()
    await bench.round()
    await bench.clock.tick(1000)
    assert 0 == await bench.round()
    assert 1 == bench.venue.asked("balance")


@pytest.mark.parametrize(
    "holdings",
    [
        Balance((CoinBalance("BTC", D(1), D(1), D(60000)), CoinBalance("ODD", D(5), D(5), None)), None),
        Balance((CoinBalance("ODD", D(5), D(5), None),), None),
    ],
)
async def test_a_worth_that_is_not_whole_is_not_written_down(holdings: Balance) -> None:
    """A line with holes says more than one that lies."""
    bench = HistoryBench()
    bench.venue.holdings = holdings
    assert 0 == await bench.round()
    assert {} == bench.values.noted


async def test_an_empty_account_is_worth_nothing_and_that_is_a_value() -> None:
    """Zero is not unknown."""
    bench = HistoryBench()
    bench.venue.holdings = Balance((), D(0))
    assert 1 == await bench.round()
    assert D(0) == bench.values.noted[1][0].price


async def test_a_venue_that_is_away_leaves_a_gap() -> None:
    """An old balance is not the value of now; the round goes on."""
    bench = HistoryBench(users=2)
    await bench.round()
    await bench.clock.tick(3600)
    bench.venue.failures["balance"] = PeerUnavailable("bybit", "no answer")
    assert 0 == await bench.round()
    assert 1 == len(bench.values.noted[1])


async def test_people_come_first_and_refused_keys_are_left_alone() -> None:
    """Without room nobody is asked; nor is a venue with a key that it does not take."""
    bench = HistoryBench(users=5)
    bench.room = False
    assert 0 == await bench.round()
    bench.room = True
    bench.accounts.accounts[2] = replace(an_account(2), refused="expired")
    assert 4 == await bench.round()
    assert 4 == bench.venue.asked("balance")


async def test_a_round_is_bounded() -> None:
    """Five hundred, the latest first."""
    bench = HistoryBench(users=600)
    assert 500 == await bench.round()
    assert 500 == max(bench.values.noted)
