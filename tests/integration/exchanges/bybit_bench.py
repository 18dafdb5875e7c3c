"""The local exchange, and our client of it, for the tests beside this file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiohttp.test_utils import TestServer

from bot.gateways.exchanges.bybit import BybitClients, BybitExchange
from bot.gateways.http_client import HttpClient
from bot.models.account import Account, Credentials
from bot.models.market import AccountType, Side
from bot.models.order import NewOrder, OrderKind
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor
from sandbox.exchange.app import create_exchange_app
from sandbox.exchange.demo import TRADER, DemoKey, demo_exchange
from sandbox.exchange.errors import MESSAGES, exchange_error_body
from sandbox.exchange.instruments import INSTRUMENTS
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults

NOW = 1_795_000_000.0
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
ANNA = Account(id=1, user_id=7, venue="bybit")


@dataclass
class Bench:
    """The exchange's inside and address; `clock` is its clock and ours."""

    world: ExchangeWorld
    faults: Faults
    clock: ManualClock
    http: HttpClient
    url: str
    timeout: float

    def clients(self, clock: ManualClock | None = None) -> BybitClients:
        """Makes clients; with a clock of their own they have to learn the exchange's."""
        return BybitClients(self.http, clock or self.clock, url=self.url, timeout=self.timeout)

    def client(self, demo: DemoKey = TRADER, clock: ManualClock | None = None) -> BybitExchange:
        """A client of one of the demo accounts."""
        return self.clients(clock)(ANNA, Credentials(demo.key, demo.secret))

    def strike(self, path: str, kind: str, **more: Any) -> None:
        """The next call to a path meets a fault."""
        self.faults.add({"path": path, "kind": kind, "times": 1} | more)

    def refuse(self, path: str, code: int, message: str | None = None, **more: Any) -> None:
        """The next call to a path is refused with a code."""
        text = MESSAGES.get(code, "") if message is None else message
        body = {"retCode": code, "retMsg": text, "result": {}, "retExtInfo": {}, "time": int(NOW * 1000)}
        self.strike(path, "answer", body=json.dumps(body), **more)

    def price(self, symbol: str, price: str) -> None:
        """Hold a price, spot and perpetual."""
        for (_, name), instrument in INSTRUMENTS.items():
            if name == symbol:
                self.world.prices.put(instrument, Decimal(price))

    @property
    def placed(self) -> list[str]:
        """Our ids of all orders that were ever accepted."""
        return [order.link_id for order in self.world.orders.values()]


@asynccontextmanager
async def local_bybit(timeout: float = 2.0) -> AsyncIterator[Bench]:
    """The demo exchange with BTCUSDT held at 50000."""
    clock, faults = ManualClock(NOW), Faults(error_body=exchange_error_body)
    world, http = demo_exchange(clock=clock.time), HttpClient(Supervisor())
    async with TestServer(create_exchange_app(world, faults)) as server:
        bench = Bench(world, faults, clock, http, str(server.make_url("")).rstrip("/"), timeout)
        bench.price("BTCUSDT", "50000")
        yield bench
        await http.close()


def market(client_id: str, amount: str = "0.01", *, side: Side = Side.BUY, linear: bool = False) -> NewOrder:
    """An order for BTC at whatever price there is."""
    account_type = LINEAR if linear else SPOT
    return NewOrder(client_id, "BTCUSDT", account_type, side, OrderKind.MARKET, Decimal(amount))


def limit(client_id: str, amount: str, price: str, *, linear: bool = False) -> NewOrder:
    """An order to buy BTC at a price or better."""
    account_type = LINEAR if linear else SPOT
    return NewOrder(
        client_id, "BTCUSDT", account_type, Side.BUY, OrderKind.LIMIT, Decimal(amount), Decimal(price)
    )
