"""Warming: who asked lately finds it looked up already, at nobody's expense."""

from __future__ import annotations

import asyncio
import random

from lookup_support import LookupBench, an_account

from bot.errors import PeerUnavailable
from bot.services.warming import Warming

DAY = 86_400.0


class WarmingBench(LookupBench):
    """Lookups with a round of warming; `room` is what the pace has left."""

    def __init__(self, users: int, seconds: float = 0.0) -> None:
        super().__init__(seconds=seconds)
        self.room = True
        self.accounts.active = list(range(1, users + 1))
        self.warming = Warming(
            self.accounts, self.lookups, self.clock, random.Random(7), room=lambda: self.room
        )

    async def round(self, seconds: float = 300) -> int:
        task = asyncio.create_task(self.warming.run())
        await self.clock.tick(seconds)
        assert task.done()
        return await task


async def test_the_first_look_of_who_was_active_yesterday_asks_nobody() -> None:
    """All three kinds are there; to have been warmed is no sign of life."""
    bench = WarmingBench(users=3)
    assert 3 == await bench.round(3)
    assert [bench.clock.time() - 3 - DAY] == bench.accounts.asked_since
    assert [] == bench.accounts.touched
    before = len(bench.venue.calls)
    for user in (1, 2, 3):
        await bench.lookups.portfolio(user)
    assert 9 == before == len(bench.venue.calls)


async def test_a_round_is_bounded_and_two_at_a_time() -> None:
    """Fifty, drawn by lot; never more than two accounts are asked about at once."""
    bench, under_way, most = WarmingBench(users=400, seconds=0.3), set(), 0
    portfolio_of = bench.lookups.portfolio_of

    class Watched:
        async def portfolio_of(self, account, account_type):
            nonlocal most
            under_way.add(account.id)
            most = max(most, len(under_way))
            try:
                return await portfolio_of(account, account_type)
            finally:
                under_way.discard(account.id)

    bench.warming = Warming(bench.accounts, Watched(), bench.clock, random.Random(7))
    assert 50 == await bench.round()
    warmed = {call[1] for call in bench.venue.calls}
    assert 50 == len(warmed)
    assert max(warmed) > 50
    assert 2 == most


async def test_the_accounts_are_not_asked_about_in_one_burst() -> None:
    """Each worker pauses before each; rounds that began together drift apart."""
    bench, moments = WarmingBench(users=10), []
    answer = bench.venue.answer

    async def noted(what, *about):
        if what == "balance":
            moments.append(bench.clock.time())
        await answer(what, *about)

    bench.venue.answer = noted
    await bench.round()
    assert 10 == len(set(moments))


async def test_people_come_first() -> None:
    """Where the pace has no room left the round ends."""
    bench = WarmingBench(users=10)
    bench.room = False
    assert 0 == await bench.round()
    assert [] == bench.venue.calls


async def test_what_fails_is_left_to_who_asks() -> None:
    """The others are warmed; a key that was refused is not tried again."""
    bench = WarmingBench(users=3)
    bench.accounts.accounts[2] = an_account(2, refused="API key is invalid.")
    assert 2 == await bench.round()

    bench = WarmingBench(users=3)
    away = PeerUnavailable("bybit", "connection refused")
    bench.venue.failures = dict.fromkeys(("balance", "positions", "orders"), away)
    assert 0 == await bench.round()
