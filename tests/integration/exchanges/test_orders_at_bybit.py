"""Orders from tap to trade log: the service, the journal in a database, Bybit's client, and the local exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from bybit_bench import Bench, local_bybit
from cryptography.fernet import Fernet
from new_schema import upgrade
from order_bench import REAL_ID, TRADER, D, MemoryJournal, OrderBench
from sqlalchemy import select

from bot.models.market import CoinBalance
from bot.models.order import OrderState
from bot.models.order_record import Order
from bot.storage import trade_logs
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.orders import OrderStore
from bot.storage.outbox import OutboxStore
from bot.storage.tables import outbox
from bot.storage.trading_tables import pending_limit_orders
from bot.storage.trading_tables import trade_logs as log_table

S = OrderState
T = TypeVar("T")
CREATE = "order/create"


class Exchanges:
    """One client for everybody."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @asynccontextmanager
    async def use(self, _: Any) -> AsyncIterator[Any]:
        yield self._client


@dataclass
class Desk:
    """The local exchange, the desk that orders there, and its database. Time passes while somebody waits."""

    bybit: Bench
    desk: OrderBench
    database: Database

    async def waited(self, work: Awaitable[T], pace: float = 0.3) -> T:
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.bybit.clock.tick(pace)
            await asyncio.sleep(0.002)
        return await task

    async def confirmed(self, key: str = "m1", pace: float = 0.3, **wish: Any) -> Order:
        drafts = await self.desk.buy(key=key, **wish)
        [order] = await self.waited(self.desk.orders.confirm(TRADER, drafts, f"tap of {key}"), pace)
        return order

    async def settled(self, number: int = 1) -> Order:
        """Once it is."""

        async def until() -> Order:
            while True:
                order = await self.desk.journal.get(number)
                if order.state.is_final:
                    return order
                await asyncio.sleep(0.005)

        return await self.waited(until(), pace=1.0)

    async def rows(self, table: Any) -> list[Any]:
        return await self.database.read(lambda connection: connection.execute(select(table)).all())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    letters = OutboxStore(database, Cipher([Fernet.generate_key().decode()]))
    async with local_bybit(timeout=0.4) as bybit:
        bench = OrderBench(bybit.clock, MemoryJournal())
        bench.journal = OrderStore(database, letters, record=trade_logs.record)
        bench.exchanges = Exchanges(bybit.client())
        bench.prices.price = D(50_000)
        bench.start()
        yield Desk(bybit, bench, database)
        await bench.kill()
    await database.close()


async def test_a_hundred_parallel_confirms_are_one_order_in_the_ledger(desk: Desk) -> None:
    """All read the same: bought, with one line in the log of trades."""
    drafts = await desk.desk.buy()
    taps = (desk.desk.orders.confirm(TRADER, drafts, f"tap{number % 9}") for number in range(100))
    answers = await desk.waited(asyncio.gather(*taps))
    assert {S.FILLED} == {order.state for each in answers for order in each}
    assert [drafts[0].order.client_id] == desk.bybit.placed
    assert [(1, D("0.01"))] == [(row.order_number, row.amount) for row in await desk.rows(log_table)]
    assert {REAL_ID} == set(desk.desk.prices.dropped)


async def test_a_lost_answer_is_found(desk: Desk) -> None:
    """The exchange has done it, and nobody heard of it."""
    desk.bybit.strike(CREATE, "lose_answer", seconds=30)
    order = await desk.confirmed()
    assert (S.FILLED, 1) == (order.state, len(desk.bybit.placed))


async def test_an_order_that_shows_late_is_unknown_first(desk: Desk) -> None:
    """The person is told when it shows."""
    desk.bybit.world.delays += [30.0]
    desk.bybit.strike(CREATE, "lose_answer", seconds=30)
    assert S.UNKNOWN is (await desk.confirmed(pace=0.05)).state
    assert S.FILLED is (await desk.settled()).state
    assert (1, ["order:1:filled"]) == (
        len(desk.bybit.placed),
        [row.key for row in await desk.rows(outbox)],
    )


async def test_an_order_that_arrives_late_is_found(desk: Desk) -> None:
    """Its caller has given up before."""
    desk.bybit.strike(CREATE, "late", seconds=0.45)
    order = await desk.confirmed(pace=0.01)
    assert (S.FILLED, 1) == (order.state, len(desk.bybit.placed))


async def test_an_order_that_arrives_too_late_is_refused_there(desk: Desk) -> None:
    """So that what was called absent stays absent."""
    desk.bybit.strike(CREATE, "late", seconds=0.8)
    await desk.confirmed()
    assert S.ABSENT is (await desk.settled()).state
    await asyncio.sleep(0.5)
    assert [] == desk.bybit.placed


async def test_an_order_that_never_arrives_had_no_effect(desk: Desk) -> None:
    """That is known once it could not arrive any more."""
    desk.bybit.strike(CREATE, "hang", seconds=30)
    assert S.UNKNOWN is (await desk.confirmed()).state
    assert S.ABSENT is (await desk.settled()).state
    assert ([], []) == (desk.bybit.placed, await desk.rows(log_table))


@pytest.mark.parametrize(("code", "cause"), [(170131, "funds"), (10005, "key")])
async def test_a_refusal_has_no_effect_and_a_cause(desk: Desk, code: int, cause: str) -> None:
    """In the exchange's own words behind it."""
    desk.bybit.refuse(CREATE, code)
    order = await desk.confirmed()
    assert S.REFUSED is order.state
    assert (order.reason or "").startswith(f"{cause}: ")
    assert [] == desk.bybit.placed


async def test_a_limit_order_is_pending_until_it_is_cancelled(desk: Desk) -> None:
    """At the exchange, in the journal, and in the table of pending orders."""
    order = await desk.confirmed(price=D(40_000))
    assert (S.OPEN, 1) == (order.state, len(await desk.rows(pending_limit_orders)))
    cancelled = await desk.waited(desk.desk.orders.cancel(TRADER, order.number))
    assert (S.CANCELLED, []) == (cancelled.state, await desk.rows(pending_limit_orders))


async def test_what_was_bought_is_sold_by_closing(desk: Desk) -> None:
    """All that is free, as the exchange says now."""
    await desk.confirmed()
    async with desk.desk.exchanges.use(None) as exchange:
        coins: list[CoinBalance] = [each for each in (await exchange.balance()).coins if each.coin == "BTC"]
    proposal = await desk.desk.orders.closing(TRADER, "BTC", "m2")
    [order] = await desk.waited(desk.desk.orders.confirm(TRADER, proposal.drafts, "tap of m2"))
    assert S.FILLED is order.state
    assert coins[0].free - D("0.001") < order.filled <= coins[0].free
