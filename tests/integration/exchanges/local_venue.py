"""The local exchange on a port of its own, and what our adapters make of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiohttp.test_utils import TestServer

from bot.gateways.exchanges.ccxt_exchange import CcxtClients
from bot.models.account import Credentials
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor
from sandbox.exchange.app import create_exchange_app
from sandbox.exchange.engine import settle
from sandbox.exchange.errors import exchange_error_body
from sandbox.exchange.instruments import INSTRUMENTS
from sandbox.exchange.records import ApiKey
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults

KEY = Credentials("ContractKey000001", "ContractSecret00000000000000000001")
PRICES = {"BTCUSDT": Decimal(50_000), "ETHUSDT": Decimal(2_500)}


@dataclass
class LocalVenue:
    """A Bybit with one account that has 10,000 USDT and the key `KEY`."""

    url: str
    world: ExchangeWorld
    faults: Faults

    async def set_price(self, price: Decimal) -> None:
        """What BTC costs from now on."""
        self._hold("BTCUSDT", price)
        settle(self.world)

    def fail(self, kind: str, path: str, **more: Any) -> None:
        """Let the next call to a path go wrong."""
        self.faults.add({"kind": kind, "path": path, "times": 1} | more)

    def accepted(self) -> int:
        """How many orders there ever were."""
        return len(self.world.orders)

    def _hold(self, symbol: str, price: Decimal) -> None:
        for (_, name), instrument in INSTRUMENTS.items():
            if name == symbol:
                self.world.prices.put(instrument, price)

    def open(self) -> None:
        """Set what stands still, and who has an account."""
        for symbol, price in PRICES.items():
            self._hold(symbol, price)
        uid = self.world.add_account({"USDT": Decimal(10_000)}).uid
        self.world.add_key(ApiKey(KEY.key, KEY.secret, uid))


@asynccontextmanager
async def local_venue() -> AsyncIterator[LocalVenue]:
    """One that runs while the body does."""
    world, faults = ExchangeWorld(), Faults(error_body=exchange_error_body)
    server = TestServer(create_exchange_app(world, faults))
    await server.start_server()
    try:
        venue = LocalVenue(str(server.make_url("")).rstrip("/"), world, faults)
        venue.open()
        yield venue
    finally:
        await server.close()


def ccxt_clients(venue: LocalVenue, supervisor: Supervisor, *, timeout: float = 5.0) -> CcxtClients:
    """ccxt's own Bybit, with the local exchange as its address."""
    urls = dict.fromkeys(("spot", "futures", "v2", "public", "private"), venue.url)
    config = {"urls": {"api": urls}, "timeout_on_exit": 0}
    return CcxtClients("bybit", SystemClock(), supervisor, timeout=timeout, config=config)
