"""The one way to a venue, for all its clients: at a pace it bears, and not at all while it is down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ParamSpec, TypeVar

from bot.errors import OutcomeUnknown, PeerBusy, PeerUnavailable, QuartermasterError
from bot.models.account import KeyRights
from bot.models.exchange_figures import VenueFigures
from bot.models.market import AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import NewOrder, VenueOrder
from bot.resilience.breaker import Breaker, Resting
from bot.resilience.cache import AsyncCache
from bot.resilience.clock import Clock
from bot.resilience.limiter import TokenBucket
from bot.resilience.peer import PeerHealth
from bot.resilience.tasks import Supervisor
from bot.resilience.timings import Timings
from bot.services.exchange import Exchange

P = ParamSpec("P")
T = TypeVar("T")

FAILURES = (PeerUnavailable, OutcomeUnknown)
PATIENCE = 10.0  # seconds a call waits for its turn
LEFT_BY_READS = 0.2  # of a burst, for orders
LATE = 5.0  # seconds a call may lose between its turn and its start, on a machine that was stopped
MARKETS_TTL = 3600.0
MARKETS_KEPT = 86_400.0


class AddressBusy(PeerBusy):
    """The venue asks everybody at our address to slow down, not only one account."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls a minute, and at most at once: from this address, and for one account.

    Bybit allows an address 600 calls in any 5 s: 80 a second and a burst of 150 stay below that.
    """

    address: tuple[float, float] = (4800.0, 150.0)
    account: tuple[float, float] = (600.0, 10.0)


class Lane:
    """Calls of one kind, and how the venue takes them."""

    def __init__(self, name: str, clock: Clock, *, orders: bool, timings: Timings | None = None) -> None:
        self.orders = orders
        self.breaker = Breaker(name, clock)
        self.health = PeerHealth(name, clock, self.breaker, timings)


class Gate:
    """What all clients of one venue share: pace, breakers (reads and orders apart), markets."""

    def __init__(
        self,
        venue: str,
        clock: Clock,
        supervisor: Supervisor,
        *,
        pace: Pace | None = None,
        patience: float = PATIENCE,
        timings: Timings | None = None,
    ) -> None:
        self.venue = venue
        self.clock = clock
        self.patience = patience
        self.reads = Lane(f"{venue} (reads)", clock, orders=False, timings=timings)
        self.orders = Lane(f"{venue} (orders)", clock, orders=True, timings=timings)
        self.markets: AsyncCache[AccountType, Mapping[str, Instrument]] = AsyncCache(
            clock,
            supervisor=supervisor,
            ttl=MARKETS_TTL,
            size=len(AccountType),
            keep=MARKETS_KEPT,
            name="markets",
        )
        self._pace = pace or Pace()
        self.address = Bucket(clock, self._pace.address)
        self._shut_until = 0.0

    def account(self) -> Bucket:
        """The pace of one more account."""
        return Bucket(self.clock, self._pace.account)

    @property
    def shut_for(self) -> float:
        """Seconds for which the venue wants to hear nothing from us."""
        return max(0.0, self._shut_until - self.clock.monotonic())

    def slow_down(self, busy: PeerBusy, account: Bucket | None) -> None:
        """The venue has asked for it: of the account, or of all of us."""
        if account is not None and not isinstance(busy, AddressBusy):
            account.slow_down(busy.retry_after)
        elif busy.retry_after is None:
            self.address.slow_down()
        else:
            self._shut_until = max(self._shut_until, self.clock.monotonic() + busy.retry_after)

    def figures(self) -> VenueFigures:
        """How the venue is doing."""
        lanes = (self.reads, self.orders)
        return VenueFigures(
            venue=self.venue,
            reads_away=self.reads.health.is_away,
            orders_away=self.orders.health.is_away,
            retry_in=max(lane.breaker.retry_in for lane in lanes),
            shut_for=self.shut_for,
            calls=sum(lane.health.calls for lane in lanes),
            failures=sum(lane.health.failures for lane in lanes),
        )


class Bucket:
    """Tokens for calls. Orders take what there is, and ahead; reads stand in line and leave a part of the burst."""

    def __init__(self, clock: Clock, rate: tuple[float, float]) -> None:
        self._clock = clock
        self._tokens = TokenBucket(clock, per_minute=rate[0], burst=rate[1])
        self._least = 1 + (rate[1] - 1) * LEFT_BY_READS
        self._line = asyncio.Lock()
        self._waiting = 0
        self.slow_down = self._tokens.slow_down
        self.recovered = self._tokens.recovered

    def wait(self, *, order: bool) -> float:
        """Seconds until it would be the turn of one who asked now."""
        return self._tokens.wait_for(1 if order else self._least + self._waiting)

    async def turn(self, *, order: bool) -> None:
        """Wait for a token, and take it."""
        if order:
            await self._tokens.acquire()
            return
        self._waiting += 1
        try:
            async with self._line:
                while (wait := self._tokens.wait_for(self._least)) > 0:
                    await self._clock.sleep(wait)
                self._tokens.take()
        finally:
            self._waiting -= 1


class GatedExchange:
    """A client whose calls all go through the gate; without an `account` pace it is for public data."""

    def __init__(self, inner: Exchange, gate: Gate, account: Bucket | None = None) -> None:
        self.venue = inner.venue
        self.arrives_within = inner.arrives_within
        self._inner = inner
        self._gate = gate
        self._account = account

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """From all clients' store; a venue that is away does not change what it trades."""

        async def load() -> Mapping[str, Instrument]:
            return await self._read(self._inner.instruments, account_type)

        return (await self._gate.markets.get(account_type, load, stale_on=(PeerUnavailable,))).value

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        return await self._read(self._inner.tickers, account_type, symbols)

    async def balance(self) -> Balance:
        return await self._read(self._inner.balance)

    async def positions(self) -> Sequence[Position]:
        return await self._read(self._inner.positions)

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        return await self._read(self._inner.open_orders, account_type)

    async def place(self, order: NewOrder) -> str:
        return await self._order(self._inner.place, order)

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        await self._order(self._inner.cancel, account_type, symbol, client_id)

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        return await self._read(self._inner.find, account_type, symbol, client_id)

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        await self._order(self._inner.protect, symbol, stop_loss, take_profit)

    async def server_time(self) -> float:
        return await self._read(self._inner.server_time)

    async def rights(self) -> KeyRights:
        return await self._read(self._inner.rights)

    async def close(self) -> None:
        await self._inner.close()

    async def _read(self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._through(self._gate.reads, lambda: call(*args, **kwargs))

    async def _order(self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._through(self._gate.orders, lambda: call(*args, **kwargs))

    async def _through(self, lane: Lane, call: Callable[[], Awaitable[T]]) -> T:
        """A refusal for the pace is no failure of the venue's, and no sign of a recovery from one either."""
        if lane.breaker.retry_in > 0:
            raise self._resting(lane.breaker.retry_in)
        await self._turn(lane)
        try:
            with lane.health.call(failures=FAILURES, answers=(QuartermasterError,)):
                outcome = await _or_busy(call)
        except Resting as resting:
            raise self._resting(resting.retry_in) from resting
        if isinstance(outcome, PeerBusy):
            self._gate.slow_down(outcome, self._account)
            raise outcome
        for bucket in self._buckets():
            bucket.recovered()
        return outcome

    async def _turn(self, lane: Lane) -> None:
        """Wait for it. An order that was stopped on the way is not sent: nobody would look for it any more."""
        gate, asked = self._gate, self._gate.clock.monotonic()
        wait = max(gate.shut_for, *(bucket.wait(order=lane.orders) for bucket in self._buckets()))
        if wait > gate.patience:
            raise PeerBusy(gate.venue, "too many calls for its pace", wait)
        if gate.shut_for:
            await gate.clock.sleep(gate.shut_for)
        for bucket in self._buckets():
            await bucket.turn(order=lane.orders)
        if gate.clock.monotonic() - asked > gate.patience + LATE:
            raise PeerBusy(gate.venue, "its turn was missed")

    def _buckets(self) -> tuple[Bucket, ...]:
        return (self._gate.address,) if self._account is None else (self._account, self._gate.address)

    def _resting(self, retry_in: float) -> PeerUnavailable:
        return PeerUnavailable(self._gate.venue, "resting after failures", retry_in)


async def _or_busy(call: Callable[[], Awaitable[T]]) -> T | PeerBusy:
    try:
        return await call()
    except PeerBusy as busy:
        return busy
