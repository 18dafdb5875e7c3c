"""The exchanges that accounts can be at: how their clients are made, and what all clients of one share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.app.desk import Desk
from bot.app.parts import new_id
from bot.gateways.exchanges.bybit import BybitClients
from bot.gateways.exchanges.ccxt_client import is_installed
from bot.gateways.exchanges.ccxt_exchange import CcxtClients
from bot.gateways.exchanges.gate import Gate, Pace
from bot.gateways.exchanges.paper import PaperExchange
from bot.gateways.exchanges.pool import ExchangePool, Factory
from bot.gateways.http_client import HttpClient
from bot.models.account import PAPER, Account, Credentials
from bot.settings import Settings
from bot.storage.paper import PaperStore

log = structlog.get_logger(__name__)

BYBIT = "bybit"  # paper accounts trade at its prices
UNKNOWN_VENUE = Pace(
    address=(600.0, 20.0), account=(300.0, 10.0)
)  # calls a minute and at once: few bear less


@dataclass(frozen=True, slots=True)
class Venues:
    """The clients, and the gate of each venue that is not our own."""

    pool: ExchangePool
    gates: Mapping[str, Gate]

    def have_room(self) -> bool:
        """Whether a call that nobody waits for may be made now."""
        return all(gate.address.wait(order=False) == 0 for gate in self.gates.values())


@asynccontextmanager
async def open_venues(
    settings: Settings, desk: Desk, credentials: Callable[[Account], Awaitable[Credentials]]
) -> AsyncIterator[Venues]:
    """The venues that the settings name; clients are made when they are needed, and closed at the end."""
    trading, clock, supervisor = settings.trading, desk.clock, desk.supervisor
    others = [name for name in trading.exchanges if name != BYBIT]
    if others and not is_installed():
        log.warning("ccxt is not installed: these exchanges cannot be used", exchanges=others)
    http, books = HttpClient(supervisor, timeout=trading.call_timeout), PaperStore(desk.database)

    def paper(account: Account, _: Credentials) -> PaperExchange:
        quotes, money = pool.quotes(BYBIT), trading.paper_money
        return PaperExchange(account.id, quotes, books, clock, start_money=money, new_id=_order_id)

    factories: dict[str, Factory] = {
        PAPER: paper,
        BYBIT: BybitClients(http, clock, url=trading.bybit_url, timeout=trading.call_timeout),
        **{name: CcxtClients(name, clock, supervisor, timeout=trading.call_timeout) for name in others},
    }
    paces = {BYBIT: Pace(), **dict.fromkeys(others, UNKNOWN_VENUE)}
    gates = {
        name: Gate(name, clock, supervisor, pace=pace, timings=desk.timings) for name, pace in paces.items()
    }
    pool = ExchangePool(factories, gates, credentials, clock, supervisor)
    try:
        yield Venues(pool, gates)
    finally:
        await pool.close()
        await http.close()


def _order_id() -> str:
    return new_id() + new_id()
