"""Clients from the pool over real sockets: callers who give up, a venue that is down, keys that are tried."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from bybit_bench import ANNA, SPOT, Bench, local_bybit, market

from bot.errors import KeyRefused, PeerUnavailable
from bot.gateways.exchanges.gate import Gate, Pace
from bot.gateways.exchanges.pool import ExchangePool
from bot.models.account import Account, Credentials
from bot.resilience.tasks import Supervisor
from sandbox.exchange.demo import READER, TRADER, WITHDRAWER

STORM = 1000


@dataclass
class Desk:
    """The local exchange, and a pool of clients of it."""

    bybit: Bench
    pool: ExchangePool

    async def seconds(self) -> float:
        """How long a balance usually takes."""
        return statistics.median([await self._timed() for _ in range(9)])

    async def _timed(self) -> float:
        begun = time.perf_counter()
        async with self.pool.use(ANNA) as exchange:
            await exchange.balance()
        return time.perf_counter() - begun


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async def credentials(_: Account) -> Credentials:
        return Credentials(*TRADER)

    async with local_bybit() as bybit:
        supervisor, wide = Supervisor(), (6e6, 1e5)
        gate = Gate("bybit", bybit.clock, supervisor, pace=Pace(address=wide, account=wide))
        pool = ExchangePool({"bybit": bybit.clients()}, {"bybit": gate}, credentials, bybit.clock, supervisor)
        yield Desk(bybit, pool)
        await pool.close()


async def test_a_thousand_callers_give_up(desk: Desk) -> None:
    """No client stays in use, no request in flight, and the next call takes its usual time."""

    async def ask(number: int) -> None:
        async with desk.pool.use(ANNA) as exchange:
            await (exchange.place(market(f"s{number}")) if number % 2 else exchange.balance())

    usual = await desk.seconds()
    desk.bybit.faults.set({"latency": {"kind": "constant", "ms": 100}})
    callers = [asyncio.create_task(ask(number)) for number in range(STORM)]
    await asyncio.sleep(0.1)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    assert 0 == desk.pool.stats().in_use
    desk.bybit.faults.clear()
    while desk.bybit.http.in_flight:
        await asyncio.sleep(0.01)
    assert usual * 5 + 0.02 > await desk.seconds()
    assert len(set(desk.bybit.placed)) == len(desk.bybit.placed)


async def test_a_venue_that_is_down(desk: Desk) -> None:
    """After five failures calls are refused at once, orders only when orders have failed too; then it is back."""
    desk.bybit.faults.set({"rules": [{"kind": "status", "status": 503, "path": "wallet"}]})
    async with desk.pool.use(ANNA) as exchange:
        for _ in range(5):
            with pytest.raises(PeerUnavailable):
                await exchange.balance()
        seconds = []
        for _ in range(51):
            begun = time.perf_counter()
            with pytest.raises(PeerUnavailable, match="resting"):
                await exchange.balance()
            seconds.append(time.perf_counter() - begun)
        assert 0.001 > statistics.median(seconds)
        assert await exchange.place(market("o1"))
        desk.bybit.faults.clear()
        await desk.bybit.clock.tick(60)
        assert (await exchange.balance()).coins
        assert await exchange.find(SPOT, "BTCUSDT", "o1") is not None


async def test_keys_are_tried(desk: Desk) -> None:
    """What a key may do is told; one that opens nothing is refused."""
    found = [await desk.pool.check("bybit", Credentials(*demo)) for demo in (TRADER, READER, WITHDRAWER)]
    assert [(True, False), (False, False), (True, True)] == [
        (rights.can_trade, rights.can_withdraw) for rights in found
    ]
    with pytest.raises(KeyRefused):
        await desk.pool.check("bybit", Credentials(TRADER.key, "wrong"))
