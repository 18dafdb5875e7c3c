"""Accounts at any exchange that ccxt knows: an optional part of the installation, loaded when an account needs it.

ccxt rounds amounts silently, takes an answer that is none for an empty one, and tells sent from not sent only by the
causes of its errors. This adapter makes up for it, so that the same holds here as elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from functools import partial
from typing import Any, TypeVar

import structlog

from bot.errors import OrderRefused, PeerBusy
from bot.gateways.exchanges import ccxt_parsing as parse
from bot.gateways.exchanges.ccxt_client import CcxtVenue
from bot.gateways.exchanges.ccxt_errors import NO_STATUS, translated, was_too_early_or_late
from bot.gateways.exchanges.ccxt_orders import (
    arguments,
    exact_price,
    market,
    market_to_trade,
    of_kind,
    refused,
)
from bot.gateways.exchanges.ccxt_venues import VENUES, Venue, if_permitted
from bot.models.account import Account, Credentials, KeyRights
from bot.models.market import AccountType, Balance, Instrument, Position, Ticker
from bot.models.order import NewOrder, Refusal, VenueOrder
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor

log = structlog.get_logger(__name__)

T = TypeVar("T")
Work = Callable[[Any], Awaitable[T]]

TIMEOUT = 10.0
OPENING = 30.0  # seconds: loading ccxt, and a venue's markets in up to a dozen calls
PARAMS: Mapping[AccountType, dict[str, str]] = {
    AccountType.SPOT: {"type": "spot"},
    AccountType.LINEAR: {"type": "swap", "subType": "linear"},
}


class CcxtClients:
    """Makes the clients of all accounts at one venue; they share its markets."""

    def __init__(
        self,
        venue: str,
        clock: Clock,
        supervisor: Supervisor,
        *,
        timeout: float = TIMEOUT,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self._shared = CcxtVenue(venue, timeout=timeout, config=config)
        self._clock = clock
        self._supervisor = supervisor
        self._timeout = timeout

    def __call__(self, account: Account, credentials: Credentials) -> CcxtExchange:
        """The client of an account; nothing is loaded before its first call."""
        return CcxtExchange(self._shared, credentials, self._clock, self._supervisor, timeout=self._timeout)


class CcxtExchange:
    """Meets `bot.services.exchange.Exchange`.

    `arrives_within` is None: many of these venues free a client id once its order has ended, and none promises for how
    long a request may be under way. What is not found may still have been done, so a person has to look.
    """

    arrives_within: float | None = None

    def __init__(
        self,
        shared: CcxtVenue,
        credentials: Credentials,
        clock: Clock,
        supervisor: Supervisor,
        *,
        timeout: float = TIMEOUT,
    ) -> None:
        self.venue = shared.name
        self._shared = shared
        self._credentials = credentials
        self._clock = clock
        self._supervisor = supervisor
        self._timeout = timeout
        self._ways = VENUES.get(shared.name, Venue())
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """All that is traded now, as the venue tells it at this moment."""

        async def work() -> Mapping[str, Instrument]:
            source = await self._shared.markets()
            return parse.instruments(source.markets.values(), source.precisionMode, account_type)

        return await self._detached(work(), OPENING, order=False)

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """In one call where the venue can."""
        opened = await self._ready()
        names = [market(opened, account_type, symbol)["symbol"] for symbol in symbols]

        async def work(client: Any) -> Sequence[Ticker]:
            if len(names) > 1 and client.has.get("fetchTickers"):
                found = await client.fetch_tickers(names)
            else:
                found = {name: await client.fetch_ticker(name) for name in names}
            now = self._clock.time()
            return [
                parse.ticker(found[name], symbol, now) for name, symbol in zip(names, symbols, strict=True)
            ]

        return await self._call(work)

    async def balance(self) -> Balance:
        """All wallets from which one trades."""

        async def work(client: Any) -> Balance:
            return parse.balance(await self._ways.balances(client))

        return await self._call(work)

    async def positions(self) -> Sequence[Position]:
        """Open USDT perpetuals."""

        async def work(client: Any) -> Sequence[Position]:
            if not client.has.get("fetchPositions"):
                return []
            call = partial(client.fetch_positions, None, dict(PARAMS[AccountType.LINEAR]))
            ours = of_kind(client, await if_permitted(client, call, ()), AccountType.LINEAR)
            found = [parse.position(item, market) for item, market in ours]
            return [position for position in found if position is not None]

        return await self._call(work)

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        """Orders that may still be filled."""

        async def work(client: Any) -> Sequence[VenueOrder]:
            found = await client.fetch_open_orders(None, None, None, dict(PARAMS[account_type]))
            orders = [parse.order(item, market) for item, market in of_kind(client, found, account_type)]
            resting = (order for order in orders if not order.status.is_final)
            return sorted(resting, key=lambda order: order.created_at)

        return await self._call(work)

    async def place(self, order: NewOrder) -> str:
        """One order; what ccxt would round is refused instead."""

        async def work(client: Any) -> str:
            placed = await client.create_order(*arguments(client, order))
            with parse.whole():
                return parse.text(placed, "id")

        return await self._call(work, order=True)

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        """By the venue's id: that is what all of them take."""
        found = await self.find(account_type, symbol, client_id)
        if found is None or found.status.is_final:
            raise OrderRefused(self.venue, NO_STATUS, "there is no such open order", Refusal.NOT_FOUND)

        async def work(client: Any) -> None:
            where = market_to_trade(client, account_type, symbol)
            await client.cancel_order(found.id, where["symbol"])

        await self._call(work, order=True)

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        """By our id where the venue takes it, else among the orders it lists, open and ended."""

        async def work(client: Any) -> VenueOrder | None:
            where = market(client, account_type, symbol)
            found = await self._ways.look_up(client, where["symbol"], client_id)
            ours = [item for item in found if item.get("clientOrderId") == client_id]
            return await self._with_fee(client, parse.order(ours[0], where), where) if ours else None

        return await self._call(work)

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        """Few venues let one set both at once on a position; at the others it is left to their own pages."""

        async def work(client: Any) -> None:
            where = market_to_trade(client, AccountType.LINEAR, symbol)
            if self._ways.protect is None:
                raise refused(client, "stops of a position cannot be set here", Refusal.RULES)
            stops = [exact_price(client, where, stop) for stop in (stop_loss, take_profit)]
            await self._ways.protect(client, where, *stops)

        await self._call(work, order=True)

    async def server_time(self) -> float:
        """The venue's clock; the client signs by it from now on."""

        async def work(client: Any) -> float:
            if not client.has.get("fetchTime"):
                return self._clock.time()
            difference = await client.load_time_difference()
            return self._clock.time() - int(difference) / 1000

        return await self._detached(work(await self._ready()), self._timeout, order=False)

    async def rights(self) -> KeyRights:
        """What the venue tells of the key; where it tells nothing, a key that reads counts as one that trades."""

        async def work(client: Any) -> KeyRights:
            return await self._ways.rights(client)

        return await self._call(work)

    async def close(self) -> None:
        """Once what is under way has come to its end; it has a deadline."""
        await asyncio.gather(*self._running, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _with_fee(self, client: Any, order: VenueOrder, where: Any) -> VenueOrder:
        """Some venues tell fees fill by fill only; without them an order is still an order."""
        if not order.filled or order.fee is not None or not client.has.get("fetchOrderTrades"):
            return order
        try:
            return parse.with_fees(order, await client.fetch_order_trades(order.id, where["symbol"]), where)
        except Exception as error:
            log.info("fees are not known", venue=self.venue, error=type(error).__name__)
            return order

    async def _call(self, work: Work[T], *, order: bool = False) -> T:
        """Work with an open client. A failure to open it has sent no order.

        What is refused for its time was not looked at: once the clock is set, it may be sent again, once.
        """
        client = await self._ready()
        try:
            return await self._detached(work(client), self._timeout, order=order)
        except PeerBusy as busy:
            if not was_too_early_or_late(busy):
                raise
        await self.server_time()
        return await self._detached(work(client), self._timeout, order=order)

    async def _ready(self) -> Any:
        client = self._client or await self._detached(self._opened(), OPENING, order=False)
        self._shared.refresh(client)
        return client

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._shared.client(self._credentials)
        return self._client

    async def _detached(self, work: Awaitable[T], timeout: float, *, order: bool) -> T:
        """In a task of its own, to its end or its deadline, whoever gives up on it."""
        task = self._supervisor.start(self._outcome(work, timeout, order=order), name=f"ccxt {self.venue}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        outcome: T | Exception = await asyncio.shield(task)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _outcome(self, work: Awaitable[T], timeout: float, *, order: bool) -> T | Exception:
        """An error is handed on as a value: what nobody waits for any more is no failed task.

        ccxt changes how decimals are rounded, for everybody who shares its context: it gets one of its own.
        """
        try:
            with localcontext():
                async with asyncio.timeout(timeout):
                    return await work
        except Exception as error:
            failure = translated(self.venue, error, self._credentials, order=order)
            if failure is not error:
                failure.__cause__ = error
            return failure
