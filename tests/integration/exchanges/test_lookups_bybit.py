"""Lookups over real sockets: how long a portfolio takes, and that a crowd costs one call a key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from bybit_bench import SPOT, Bench, local_bybit
from lookup_support import MemoryAccounts

from bot.errors import KeyRefused, PeerUnavailable
from bot.gateways.exchanges.gate import Gate, Pace
from bot.gateways.exchanges.pool import ExchangePool
from bot.models.account import Account, Credentials
from bot.resilience.tasks import Supervisor
from bot.services.lookups import Lookups
from sandbox.exchange.demo import TRADER

ANNA = 1
CALL = 0.3


class Desk:
    """The local exchange, and lookups at it; everybody's account has the same key."""

    def __init__(self, bybit: Bench) -> None:
        wide = (6e6, 1e5)
        self.bybit, self.supervisor, self.accounts = bybit, Supervisor(), MemoryAccounts()
        self.key = Credentials(*TRADER)
        gate = Gate("bybit", bybit.clock, self.supervisor, pace=Pace(address=wide, account=wide))
        self.pool = ExchangePool(
            {"bybit": bybit.clients()}, {"bybit": gate}, self.credentials, bybit.clock, self.supervisor
        )
        self.lookups = Lookups(self.accounts, self.pool, bybit.clock, self.supervisor)

    async def credentials(self, _: Account) -> Credentials:
        return self.key

    def slow(self, seconds: float = CALL) -> None:
        """From now on the exchange takes its time."""
        self.bybit.faults.set({"latency": {"kind": "constant", "ms": 1000 * seconds}})


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with local_bybit(timeout=10.0) as bybit:
        desk = Desk(bybit)
        yield desk
        await desk.pool.close()
        await desk.supervisor.close()


async def test_a_cold_portfolio_with_a_warm_client_takes_one_call(desk: Desk) -> None:
    """300 ms a call, three at once; the second time it takes nothing to speak of."""
    await desk.lookups.portfolio(ANNA)
    desk.lookups.drop(ANNA)
    desk.slow()
    begun = time.perf_counter()
    found = await desk.lookups.portfolio(ANNA)
    cold = time.perf_counter() - begun
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        assert found.balance == (await desk.lookups.portfolio(ANNA)).balance
        times.append(time.perf_counter() - begun)
    assert cold < 1.3 * CALL
    assert min(times) < 0.005


async def test_a_thousand_requests_of_fifty_users_are_one_call_a_key(desk: Desk) -> None:
    """Nobody fails."""
    desk.slow(0.02)
    requests = [desk.lookups.portfolio(user) for user in range(1, 51) for _ in range(20)]
    answers = await asyncio.gather(*requests)
    assert 1000 == len(answers)
    loads = {name: figures.loads for name, figures in desk.lookups.caches().items()}
    assert {"balances": 50, "positions": 50, "open orders": 50, "tickers": 0, "instruments": 0} == loads


async def test_the_last_numbers_are_shown_while_the_exchange_is_away(desk: Desk) -> None:
    """A balance that is no whole one is no balance."""
    before = await desk.lookups.balance(ANNA)
    await desk.bybit.clock.tick(20)
    desk.bybit.strike("/v5/account/wallet-balance", "answer", body="<html>maintenance</html>", times=9)
    found = await desk.lookups.balance(ANNA)
    assert (before.value, True, 20.0) == (found.value, found.stale, found.age)
    with pytest.raises(PeerUnavailable):
        await desk.lookups.balance(2)


async def test_a_refused_key_is_told_to_its_account(desk: Desk) -> None:
    """And the error is the person's to read."""
    desk.key = Credentials("unknown", "secret")
    with pytest.raises(KeyRefused):
        await desk.lookups.portfolio(ANNA)
    assert {ANNA} == {account for account, _ in desk.accounts.refusals}


async def test_prices_are_found_by_what_people_type(desk: Desk) -> None:
    """Of the venue's own symbols."""
    for typed in ("btc", "BTC-USDT", "btc/usdt"):
        assert "50000" == str((await desk.lookups.price(None, typed)).ticker.value.last)
    assert "BTCUSDT" == (await desk.lookups.fresh_ticker("bybit", SPOT, "BTCUSDT")).value.symbol
