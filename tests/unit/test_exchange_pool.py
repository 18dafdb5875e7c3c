"""The pool of clients: one an account, reused, looked after, closed when nobody needs it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from exchange_support import ORDER, FakeExchange, Venue

from bot.errors import KeyRefused, PeerBusy, PeerUnavailable
from bot.gateways.exchanges.gate import Gate
from bot.gateways.exchanges.pool import ExchangePool
from bot.models.account import PAPER, Account, Credentials, KeyRights
from bot.models.market import AccountType
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor

AWAY = PeerUnavailable("bybit", "no answer")


class Scene:
    """A pool over two venues: one behind a gate, and paper."""

    def __init__(self, size: int = 50, patience: float = 5.0) -> None:
        self.clock, self.venue, self.paper = ManualClock(), Venue(), Venue()
        self.keys: dict[int, str] = {}
        supervisor = Supervisor()
        self.gate = Gate("bybit", self.clock, supervisor)
        self.pool = ExchangePool(
            {"bybit": self.venue, PAPER: self.paper},
            {"bybit": self.gate},
            self.credentials,
            self.clock,
            supervisor,
            size=size,
            patience=patience,
        )

    async def credentials(self, account: Account) -> Credentials:
        return Credentials(self.keys.get(account.id, "key"), f"secret {account.id}")

    async def once(self, number: int = 1) -> None:
        """Use an account's client for one call."""
        async with self.pool.use(bybit(number)) as exchange:
            await exchange.balance()

    async def closed(self) -> list[bool]:
        """Of each client in the order they were made."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return [client.closed == 1 for client in self.venue.made]


def bybit(number: int) -> Account:
    return Account(id=number, user_id=number, venue="bybit")


async def test_a_client_is_made_once() -> None:
    """With the account's own credentials, and used again, by many at a time too."""
    scene = Scene()
    await asyncio.gather(*(scene.once(number % 2 + 1) for number in range(10)))
    assert {"secret 1", "secret 2"} == {client.credentials.secret for client in scene.venue.made}
    stats = scene.pool.stats()
    assert (2, 0, 2, 0, 0) == (stats.clients, stats.in_use, stats.opened, stats.closed, stats.checks)
    assert ["bybit"] == [venue.venue for venue in stats.venues]


async def test_who_is_used_is_counted() -> None:
    """For as long as the body runs, however it ends."""
    scene = Scene()
    async with scene.pool.use(bybit(1)):
        assert 1 == scene.pool.stats().in_use
    scene.venue.errors = [AWAY]
    with pytest.raises(PeerUnavailable):
        await scene.once()
    assert 0 == scene.pool.stats().in_use


async def test_after_idling_the_venue_is_asked_first() -> None:
    """Once, for all who come at that moment; not while others have just used it."""
    scene = Scene()
    await scene.once()
    await scene.clock.tick(29)
    await scene.once()
    assert ["balance", "balance"] == scene.venue.calls
    await scene.clock.tick(30)
    scene.venue.calls.clear()
    scene.venue.answers.clear()
    calls = [asyncio.create_task(scene.once()) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert ["server_time"] == scene.venue.calls
    scene.venue.answers.set()
    await asyncio.gather(*calls)
    assert (["server_time", *["balance"] * 5], 1, 1) == (
        scene.venue.calls,
        scene.pool.stats().checks,
        scene.pool.stats().opened,
    )


async def test_a_client_that_fails_its_check_is_replaced_once() -> None:
    """The new one does the work; if it fails as well, the venue is away, and the next caller tries anew."""
    scene = Scene()
    await scene.once()
    await scene.clock.tick(30)
    scene.venue.errors = [AWAY]
    await scene.once()
    assert [True, False] == await scene.closed()
    await scene.clock.tick(30)
    scene.venue.errors = [AWAY, AWAY]
    with pytest.raises(PeerUnavailable):
        await scene.once()
    await scene.once()
    assert ([True, True, False], 2) == (await scene.closed(), scene.pool.stats().replaced)
    assert 0 == scene.pool.stats().in_use


async def test_no_check_while_reads_rest() -> None:
    """An order may go through where reads do not; a check would only stand in its way."""
    scene = Scene()
    await scene.once()
    scene.venue.errors = [AWAY] * 5
    for _ in range(5):
        with pytest.raises(PeerUnavailable):
            await scene.once()
    await scene.clock.tick(40)
    async with scene.pool.use(bybit(1)) as exchange:
        assert "1" == await exchange.place(ORDER)
    assert 0 == scene.pool.stats().checks


async def test_room_is_made() -> None:
    """The client that has been idle longest goes, never one that is in use."""
    scene = Scene(size=2)
    async with scene.pool.use(bybit(1)):
        await scene.once(2)
        await scene.once(3)
        assert ([False, True, False], 2) == (await scene.closed(), scene.pool.stats().clients)
    await scene.once(3)
    await scene.once(4)
    assert [True, True, False, False] == await scene.closed()


async def test_while_all_are_in_use_one_waits() -> None:
    """Until one is free; the bound holds meanwhile."""
    scene = Scene(size=2)
    async with AsyncExitStack() as in_use:
        await in_use.enter_async_context(scene.pool.use(bybit(1)))
        await in_use.enter_async_context(scene.pool.use(bybit(2)))
        waiting = [asyncio.create_task(scene.once(number)) for number in (3, 4, 3)]
        await asyncio.sleep(0.01)
        assert (2, False) == (scene.pool.stats().clients, any(each.done() for each in waiting))
    await asyncio.gather(*waiting)
    assert 2 == scene.pool.stats().clients


async def test_nobody_waits_for_ever() -> None:
    """After a while the caller hears that everything is in use; nothing was done."""
    scene = Scene(size=1, patience=0.01)
    async with scene.pool.use(bybit(1)):
        with pytest.raises(PeerBusy):
            await scene.once(2)
    await scene.once(2)


async def test_idle_clients_are_closed() -> None:
    """After five minutes without use; who comes again gets a new one."""
    scene = Scene()
    await scene.once(1)
    await scene.clock.tick(200)
    await scene.once(2)
    await scene.clock.tick(100)
    async with scene.pool.use(bybit(3)):
        await scene.clock.tick(150)
        assert 1 == await scene.pool.close_idle()
        await scene.clock.tick(50)
        assert 1 == await scene.pool.close_idle()
    assert ([True, True, False], 1, 2) == (
        await scene.closed(),
        scene.pool.stats().clients,
        scene.pool.stats().closed,
    )


async def test_a_new_key_needs_a_new_client() -> None:
    """A client with an old key is not used again; who uses it still may finish."""
    scene = Scene()
    async with scene.pool.use(bybit(1)) as old:
        scene.keys[1] = "new"
        await scene.once(1)
        assert [False, False] == await scene.closed()
        await old.balance()
    assert ([True, False], ["key", "new"]) == (
        await scene.closed(),
        [client.credentials.key for client in scene.venue.made],
    )


async def test_an_account_is_forgotten() -> None:
    """Its client is closed, at once or when its last use is over; forgetting what is not there is nothing."""
    scene = Scene()
    scene.pool.forget(1)
    await scene.once(1)
    scene.pool.forget(1)
    assert [True] == await scene.closed()
    async with scene.pool.use(bybit(1)):
        scene.pool.forget(1)
        assert [True, False] == await scene.closed()
    assert [True, True] == await scene.closed()


async def test_a_key_is_checked() -> None:
    """What it may do, and that it opens the account; no client of it stays behind, whatever is found."""
    scene = Scene()
    found = await scene.pool.check("bybit", Credentials("k", "s"))
    assert (KeyRights(can_trade=True, can_withdraw=False), ["rights", "balance"]) == (
        found,
        scene.venue.calls,
    )
    scene.venue.errors = [KeyRefused("bybit", 10003, "no")]
    with pytest.raises(KeyRefused):
        await scene.pool.check("bybit", Credentials("k", "wrong"))
    assert ([True, True], 0) == (await scene.closed(), scene.pool.stats().clients)


async def test_quotes_need_no_key() -> None:
    """One client a venue, with nobody's credentials, behind the same gate."""
    scene = Scene()
    assert scene.pool.quotes("bybit") is scene.pool.quotes("bybit")
    await scene.pool.quotes("bybit").tickers(AccountType.SPOT, ["X"])
    assert ([Credentials("", "")], 1) == (
        [client.credentials for client in scene.venue.made],
        scene.gate.figures().calls,
    )


async def test_paper_needs_neither_key_nor_gate() -> None:
    """Nobody's but ours: no credentials are asked for, and the account tells whose it is."""
    scene = Scene()
    async with scene.pool.use(Account(5, 7, PAPER)) as exchange:
        assert isinstance(exchange, FakeExchange)
        assert (5, Credentials("", "")) == (exchange.account.id, exchange.credentials)


async def test_a_venue_that_is_not_set_up() -> None:
    """The settings no longer name it: nothing can be done there."""
    scene = Scene()
    with pytest.raises(PeerUnavailable, match="not set up"):
        async with scene.pool.use(Account(5, 7, "okx")):
            pass
    with pytest.raises(PeerUnavailable, match="not set up"):
        scene.pool.quotes("okx")


async def test_closing_closes_all() -> None:
    """Those in use when their use is over."""
    scene = Scene()
    await scene.once(1)
    scene.pool.quotes("bybit")
    async with scene.pool.use(bybit(2)):
        await scene.pool.close()
        assert [True, True, False] == [client.closed == 1 for client in scene.venue.made]
    assert [True, True, True] == await scene.closed()
