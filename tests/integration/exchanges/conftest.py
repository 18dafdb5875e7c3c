"""An exchange of each kind with one account, new for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from benches import SYMBOL, Bench
from local_venue import KEY, LocalVenue, ccxt_clients, local_venue
from paper_bench import PaperDesk
from sqlalchemy import Connection

from bot.gateways.exchanges.bybit import BybitClients, BybitExchange
from bot.gateways.exchanges.ccxt_exchange import CcxtExchange
from bot.gateways.http_client import HttpClient
from bot.models.account import Account
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor
from bot.services.exchange import Exchange
from bot.storage.database import Database
from bot.storage.tables import metadata
from bot.storage.trading_tables import paper_accounts, paper_orders

ACCOUNT = Account(1, 7, "bybit")


def _create(connection: Connection) -> None:
    """Only what paper accounts need: all migrations before each test would take most of its time."""
    with connection.begin():
        metadata.create_all(connection, [paper_accounts, paper_orders])


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    await database.migrate(_create)
    yield database
    await database.close()


@pytest.fixture
def paper(database: Database) -> PaperDesk:
    return PaperDesk(database)


@pytest.fixture
async def venue() -> AsyncIterator[LocalVenue]:
    async with local_venue() as venue:
        yield venue


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    await supervisor.close()


@pytest.fixture
async def over_ccxt(venue: LocalVenue, supervisor: Supervisor) -> AsyncIterator[CcxtExchange]:
    exchange = ccxt_clients(venue, supervisor)(ACCOUNT, KEY)
    yield exchange
    await exchange.close()


@pytest.fixture
async def over_http(venue: LocalVenue, supervisor: Supervisor) -> AsyncIterator[BybitExchange]:
    http = HttpClient(supervisor)
    yield BybitClients(http, SystemClock(), url=venue.url)(ACCOUNT, KEY)
    await http.close()


@pytest.fixture(params=["paper", "bybit", "ccxt"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """The same handles for each kind of exchange."""
    if request.param == "paper":
        paper: PaperDesk = request.getfixturevalue("paper")

        async def set_price(price: Decimal) -> None:
            paper.market.prices[SYMBOL] = price

        return Bench(paper.reopen(), set_price)
    venue: LocalVenue = request.getfixturevalue("venue")
    exchange: Exchange = request.getfixturevalue("over_ccxt" if request.param == "ccxt" else "over_http")
    return Bench(exchange, venue.set_price, lambda: venue.fail("lose_answer", "order/create"))
