"""Clients of exchanges: one for each account in use, kept for a while, looked after before they are used again."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from bot.errors import OutcomeUnknown, PeerBusy, PeerUnavailable
from bot.gateways.exchanges.gate import Gate, GatedExchange
from bot.models.account import Account, Credentials, KeyRights
from bot.models.exchange_figures import ExchangeFigures
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor
from bot.services.exchange import Exchange, Quotes

SIZE = 50
KEPT_FOR = 300.0
CHECK_AFTER = 30.0
PATIENCE = 10.0
NOBODY = Credentials("", "")

Factory = Callable[[Account, Credentials], Exchange]


@dataclass(slots=True, eq=False)
class _Client:
    """One account's client; `leases` of it are in use, and it was `used` last at that time (monotonic).

    `dusty`: it has been idle, and nobody has found out yet whether it still works.
    """

    account: Account
    credentials: Credentials
    exchange: Exchange
    used: float
    leases: int = 0
    dusty: bool = False
    dropped: bool = False
    checking: asyncio.Lock = field(default_factory=asyncio.Lock)


class ExchangePool:
    """Meets `bot.services.exchange.Exchanges`.

    At most `size` clients: a new one takes the place of the one that has been idle longest; while all are in use, its
    caller waits, up to `patience` seconds. A client that has been idle for `check_after` seconds is asked for the
    venue's time first, and replaced once if that fails. A venue without a gate (one that is nobody's but ours) is
    called directly. `credentials` are asked for at each use: a client with others than these is replaced.
    """

    def __init__(
        self,
        factories: Mapping[str, Factory],
        gates: Mapping[str, Gate],
        credentials: Callable[[Account], Awaitable[Credentials]],
        clock: Clock,
        supervisor: Supervisor,
        *,
        size: int = SIZE,
        kept_for: float = KEPT_FOR,
        check_after: float = CHECK_AFTER,
        patience: float = PATIENCE,
    ) -> None:
        self._factories = factories
        self._gates = gates
        self._credentials = credentials
        self._clock = clock
        self._supervisor = supervisor
        self._size = size
        self._kept_for = kept_for
        self._check_after = check_after
        self._patience = patience
        self._clients: OrderedDict[int, _Client] = OrderedDict()  # the one used last is the last
        self._quotes: dict[str, Exchange] = {}
        self._freed = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()
        self._opened = self._closed = self._checks = self._replaced = 0

    @asynccontextmanager
    async def use(self, account: Account) -> AsyncIterator[Exchange]:
        """The account's client. Raises PeerUnavailable (venue away, or not set up here), PeerBusy (all in use)."""
        with self._lease(await self._client(account)) as client:
            await self._look_after(client)
            yield client.exchange

    def quotes(self, venue: str) -> Quotes:
        """A client without a key, kept for good."""
        if venue not in self._quotes:
            self._quotes[venue] = self._make(Account(0, 0, venue), NOBODY)
        return self._quotes[venue]

    async def check(self, venue: str, credentials: Credentials) -> KeyRights:
        """What a key may do, and whether it opens an account. Raises KeyRefused, PeerUnavailable."""
        exchange = self._make(Account(0, 0, venue), credentials)
        try:
            rights = await exchange.rights()
            await exchange.balance()
        finally:
            self._close(exchange)
        return rights

    def forget(self, account_id: int) -> None:
        """The account is gone, or its key is: its client is not used again."""
        client = self._clients.get(account_id)
        if client is not None:
            self._drop(client)

    async def close_idle(self) -> int:
        """Close the clients nobody has used for `kept_for` seconds; returns how many."""
        oldest = self._clock.monotonic() - self._kept_for
        idle = [each for each in self._clients.values() if not each.leases and each.used <= oldest]
        for client in idle:
            self._drop(client)
        return len(idle)

    async def close(self) -> None:
        """Close all clients, those in use when they are not any more; the pool is not used afterwards."""
        for client in list(self._clients.values()):
            self._drop(client)
        for quotes in self._quotes.values():
            self._close(quotes)
        self._quotes.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def stats(self) -> ExchangeFigures:
        """How the clients and the venues are doing."""
        return ExchangeFigures(
            clients=len(self._clients),
            in_use=sum(client.leases > 0 for client in self._clients.values()),
            opened=self._opened,
            closed=self._closed,
            checks=self._checks,
            replaced=self._replaced,
            venues=tuple(gate.figures() for gate in self._gates.values()),
        )

    async def _client(self, account: Account) -> _Client:
        """The one there is, or a new one as soon as there is room; nothing is awaited once it is found."""
        credentials = NOBODY if account.is_paper else await self._credentials(account)
        known = self._clients.get(account.id)
        if known is not None and known.credentials != credentials:
            self._drop(known)
        if account.id not in self._clients:
            await self._room(account)
        if account.id not in self._clients:
            exchange = self._make(account, credentials)
            self._clients[account.id] = _Client(account, credentials, exchange, self._clock.monotonic())
        return self._clients[account.id]

    async def _room(self, account: Account) -> None:
        try:
            async with asyncio.timeout(self._patience):
                while len(self._clients) >= self._size and account.id not in self._clients:
                    idle = next((client for client in self._clients.values() if not client.leases), None)
                    if idle is not None:
                        self._drop(idle)
                    else:
                        self._freed.clear()
                        await self._freed.wait()
        except TimeoutError:
            raise PeerBusy(account.venue, "all connections are in use") from None

    @contextmanager
    def _lease(self, client: _Client) -> Iterator[_Client]:
        if not client.leases and self._clock.monotonic() - client.used >= self._check_after:
            client.dusty = True
        client.leases += 1
        try:
            yield client
        finally:
            client.leases -= 1
            client.used = self._clock.monotonic()
            if client.dropped and not client.leases:
                self._close(client.exchange)
            elif not client.dropped:
                self._clients.move_to_end(client.account.id)
            self._freed.set()

    async def _look_after(self, client: _Client) -> None:
        """Whoever comes meanwhile waits for the result."""
        if not client.dusty:
            return
        async with client.checking:
            if not client.dusty or self._is_away(client):
                return
            try:
                await self._check(client)
            except (PeerUnavailable, OutcomeUnknown):
                old, client.exchange = client.exchange, self._make(client.account, client.credentials)
                self._close(old)
                self._replaced += 1
                await self._check(client)

    async def _check(self, client: _Client) -> None:
        self._checks += 1
        await client.exchange.server_time()
        client.dusty = False

    def _is_away(self, client: _Client) -> bool:
        """Then a check tells nothing: what reads cannot do, orders perhaps can."""
        gate = self._gates.get(client.account.venue)
        return gate is not None and gate.reads.health.is_away

    def _make(self, account: Account, credentials: Credentials) -> Exchange:
        factory, gate = self._factories.get(account.venue), self._gates.get(account.venue)
        if factory is None:
            raise PeerUnavailable(account.venue, "is not set up here")
        self._opened += 1
        exchange = factory(account, credentials)
        if gate is None:
            return exchange
        return GatedExchange(exchange, gate, gate.account() if credentials != NOBODY else None)

    def _drop(self, client: _Client) -> None:
        """No new lease; closed when the last one is over."""
        client.dropped = True
        del self._clients[client.account.id]
        if not client.leases:
            self._close(client.exchange)

    def _close(self, exchange: Exchange) -> None:
        self._closed += 1
        task = self._supervisor.start(exchange.close(), name="exchange client's end")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
