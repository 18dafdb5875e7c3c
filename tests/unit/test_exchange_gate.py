"""The gate of a venue: pace, breakers, and markets that all its clients share."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest
from exchange_support import ORDER, Venue

from bot.errors import (
    KeyRefused,
    OrderRefused,
    OutcomeUnknown,
    PeerBusy,
    PeerUnavailable,
    UnknownSymbol,
)
from bot.gateways.exchanges.gate import AddressBusy, Gate, GatedExchange, Pace
from bot.models.account import Account, Credentials
from bot.models.market import AccountType
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor

AWAY = PeerUnavailable("v", "no answer")


class Scene:
    """A venue, its gate, and a clock."""

    def __init__(self, pace: Pace | None = None, clock: ManualClock | None = None) -> None:
        self.clock, self.venue = clock or ManualClock(), Venue()
        self.gate = Gate("v", self.clock, Supervisor(), pace=pace or Pace(account=(6000.0, 100.0)))

    def client(self) -> GatedExchange:
        """One more account's."""
        inner = self.venue(Account(1, 1, "v"), Credentials("k", "s"))
        return GatedExchange(inner, self.gate, self.gate.account())


class Stopping(ManualClock):
    """The machine stands still for minutes whenever somebody sleeps."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 300)


async def failing(scene: Scene, *, orders: bool = False, times: int = 5) -> None:
    """Calls that nobody answers."""
    client = scene.client()
    scene.venue.errors = [AWAY] * times
    for _ in range(times):
        with pytest.raises(PeerUnavailable):
            await (client.place(ORDER) if orders else client.balance())


async def test_every_call_goes_through() -> None:
    """Each method reaches the client behind the gate, and is counted."""
    scene = Scene()
    client = scene.client()
    await client.instruments(AccountType.SPOT)
    await client.tickers(AccountType.SPOT, ["X"])
    await client.balance()
    await client.positions()
    await client.open_orders(AccountType.SPOT)
    await client.place(ORDER)
    await client.cancel(AccountType.SPOT, "X", "a1")
    await client.find(AccountType.SPOT, "X", "a1")
    await client.protect("X", None, None)
    await client.server_time()
    await client.rights()
    await client.close()
    assert ["instruments", "tickers", "balance", "positions", "open_orders"] == scene.venue.calls[:5]
    assert ["place", "cancel", "find", "protect", "server_time", "rights"] == scene.venue.calls[5:]
    assert (11, 0, 1) == (
        scene.gate.figures().calls,
        scene.gate.figures().failures,
        scene.venue.made[0].closed,
    )
    assert ("v", 60.0) == (client.venue, client.arrives_within)


@pytest.mark.parametrize("orders", [False, True])
async def test_reads_and_orders_rest_apart(orders: bool) -> None:
    """Five failures of one kind, and it is left alone for a minute; the other goes on. One try brings it back."""
    scene = Scene()
    await failing(scene, orders=orders)
    figures, client = scene.gate.figures(), scene.client()
    assert (not orders, orders, 60.0) == (figures.reads_away, figures.orders_away, figures.retry_in)
    scene.venue.calls.clear()
    with pytest.raises(PeerUnavailable) as caught:
        await (client.place(ORDER) if orders else client.balance())
    assert 60.0 == caught.value.retry_after
    await (client.balance() if orders else client.place(ORDER))
    assert 1 == len(scene.venue.calls)
    await scene.clock.tick(60)
    await (client.place(ORDER) if orders else client.balance())
    assert (False, False, 0.0) == (
        scene.gate.figures().reads_away,
        scene.gate.figures().orders_away,
        scene.gate.figures().retry_in,
    )


async def test_all_clients_share_the_rest() -> None:
    """What one account has found out, another need not."""
    scene = Scene()
    await failing(scene)
    scene.venue.calls.clear()
    with pytest.raises(PeerUnavailable):
        await scene.client().positions()
    assert [] == scene.venue.calls


async def test_lost_answers_count() -> None:
    """An order whose outcome is unknown is a sign of trouble like any other."""
    scene = Scene()
    client = scene.client()
    scene.venue.errors = [OutcomeUnknown("v", "no answer")] * 5
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            await client.place(ORDER)
    assert scene.gate.figures().orders_away


@pytest.mark.parametrize(
    "refusal",
    [
        PeerBusy("v", "slow down", 0.1),
        KeyRefused("v", 1, "no"),
        OrderRefused("v", 1, "no", "rules"),
        UnknownSymbol("X"),
    ],
)
async def test_a_no_is_an_answer(refusal: Exception) -> None:
    """Refusals, however many, do not mean that a venue is down."""
    scene = Scene()
    for _ in range(6):
        scene.venue.errors = [refusal]
        with pytest.raises(type(refusal)):
            await scene.client().place(ORDER)
    assert (False, 0) == (scene.gate.figures().orders_away, scene.gate.figures().failures)


async def test_a_rest_is_noticed_at_once() -> None:
    """Refused in far less than a millisecond, before any waiting for a turn."""
    scene = Scene(Pace(account=(60.0, 10.0)))
    await failing(scene)
    client, seconds = scene.client(), []
    for _ in range(101):
        begun = time.perf_counter()
        with pytest.raises(PeerUnavailable):
            await client.balance()
        seconds.append(time.perf_counter() - begun)
    assert 0.001 > statistics.median(seconds)


async def test_an_account_has_a_pace() -> None:
    """Beyond a burst each call waits for its turn; another account does not."""
    scene = Scene(Pace(account=(60.0, 2.0)))
    client = scene.client()
    calls = [asyncio.create_task(client.place(ORDER)) for _ in range(4)]
    await asyncio.sleep(0)
    await scene.client().place(ORDER)
    assert 3 == len(scene.venue.calls)
    await scene.clock.tick(1)
    assert 4 == len(scene.venue.calls)
    await scene.clock.tick(1)
    assert ["1"] * 4 == await asyncio.gather(*calls)


async def test_the_address_has_a_pace() -> None:
    """All accounts together wait for it."""
    scene = Scene(Pace(address=(60.0, 2.0)))
    calls = [asyncio.create_task(scene.client().place(ORDER)) for _ in range(3)]
    await scene.clock.tick(0)
    assert 2 == len(scene.venue.calls)
    await scene.clock.tick(1)
    await asyncio.gather(*calls)


async def test_orders_come_before_reads() -> None:
    """Reads leave a part of the burst alone: an order goes at once where a read has to wait."""
    scene = Scene(Pace(address=(60.0, 11.0)))
    reads = [asyncio.create_task(scene.client().balance()) for _ in range(12)]
    await scene.clock.tick(0)
    assert 9 == len(scene.venue.calls)
    await scene.client().place(ORDER)
    for read in reads:
        read.cancel()


async def test_too_long_a_wait_is_refused() -> None:
    """Better than to let a person wait for what will come too late; the error tells for how long."""
    scene = Scene(Pace(account=(60.0, 2.0)))
    client = scene.client()
    waiting = [asyncio.create_task(client.place(ORDER)) for _ in range(12)]
    await asyncio.sleep(0)
    with pytest.raises(PeerBusy) as caught:
        await client.place(ORDER)
    assert 11.0 == caught.value.retry_after
    for each in waiting:
        each.cancel()


async def test_an_account_that_is_asked_to_slow_down() -> None:
    """It waits as long as it is told; others go on."""
    scene = Scene()
    client = scene.client()
    scene.venue.errors = [PeerBusy("v", "slow down", 3.0)]
    with pytest.raises(PeerBusy):
        await client.place(ORDER)
    later = asyncio.create_task(client.place(ORDER))
    await scene.client().place(ORDER)
    await scene.clock.tick(2.9)
    assert not later.done()
    await scene.clock.tick(0.2)
    assert "1" == await later


async def test_an_address_that_is_shut_out() -> None:
    """Nothing is sent for ten minutes, by nobody: what is sent makes it longer."""
    scene = Scene()
    scene.venue.errors = [AddressBusy("v", "shut out", 600.0)]
    with pytest.raises(AddressBusy):
        await scene.client().balance()
    scene.venue.calls.clear()
    await scene.clock.tick(580)
    with pytest.raises(PeerBusy) as caught:
        await scene.client().place(ORDER)
    assert (20.0, 20.0, []) == (caught.value.retry_after, scene.gate.figures().shut_for, scene.venue.calls)
    await scene.clock.tick(20)
    await scene.client().place(ORDER)


async def test_an_address_that_is_too_quick() -> None:
    """Asked to slow down without a time, everybody waits a second."""
    scene = Scene()
    scene.venue.errors = [AddressBusy("v", "too often")]
    with pytest.raises(AddressBusy):
        await scene.client().balance()
    call = asyncio.create_task(scene.client().place(ORDER))
    await scene.clock.tick(0.9)
    assert ["balance"] == scene.venue.calls
    await scene.clock.tick(0.2)
    await call


async def test_an_order_that_missed_its_turn_is_not_sent() -> None:
    """On a machine that stood still for minutes an order would arrive when nobody looks for it any more."""
    scene = Scene(Pace(account=(60.0, 1.0)), Stopping())
    client = scene.client()
    await client.place(ORDER)
    call = asyncio.create_task(client.place(ORDER))
    await scene.clock.tick(301)
    with pytest.raises(PeerBusy, match="missed"):
        await call
    assert ["place"] == scene.venue.calls


async def test_markets_are_asked_for_once() -> None:
    """An hour for all clients; however many ask at once, one call; while the venue is away they stay as they were."""
    scene = Scene()
    await asyncio.gather(*(scene.client().instruments(AccountType.SPOT) for _ in range(50)))
    assert ["instruments"] == scene.venue.calls
    await failing(scene)
    await scene.client().instruments(AccountType.SPOT)
    await scene.clock.tick(3600)
    scene.venue.errors = [AWAY]
    assert {} == await scene.client().instruments(AccountType.SPOT)
    with pytest.raises(PeerUnavailable):
        await scene.client().instruments(AccountType.LINEAR)
