"""The trading desk before the chat: accounts, look-ups, orders, and what watches over them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.app.desk import Desk
from bot.app.exchanges import Venues, open_venues
from bot.gateways.exchanges.gate import Gate
from bot.jobs import Job
from bot.models.account import Account, Credentials
from bot.models.order_rules import Limits
from bot.resilience.cache import CacheFigures
from bot.services.accounts import Accounts
from bot.services.connecting import Connecting
from bot.services.lookups import Lookups
from bot.services.order_checking import OrderChecker
from bot.services.order_drafting import OrderDrafting
from bot.services.order_holdings import OrderHoldings
from bot.services.order_sending import OrderSender
from bot.services.orders import Orders
from bot.services.position_monitor import PositionMonitor
from bot.services.trades import Trades
from bot.services.trading_service import TradingService
from bot.services.trading_stats import TradingStats
from bot.services.warming import Warming
from bot.settings import Settings
from bot.storage import trade_logs
from bot.storage.accounts import AccountStore
from bot.storage.dialogues import DialogueStore
from bot.storage.orders import OrderStore
from bot.storage.position_watch import PositionWatchStore
from bot.storage.trade_logs import TradeStore
from bot.storage.trading_figures import TradingFiguresStore
from bot.storage.user_settings import UserSettingsStore

MINUTE = 60.0
PATIENCE = 10.0  # seconds beyond a call's own time-out: the client is to notice first that a venue hangs


@dataclass(frozen=True, slots=True)
class TradingDesk:
    """The desk as the chat, /stats and the table of jobs need it."""

    service: TradingService
    connecting: Connecting
    stats: TradingStats
    gates: Mapping[str, Gate]
    jobs: tuple[Job, ...]
    have_room: Callable[[], bool]


@asynccontextmanager
async def open_trading(settings: Settings, desk: Desk) -> AsyncIterator[TradingDesk]:
    """Start the trading desk, and go on with the orders a former process has left; no venue is waited for."""
    trading, clock, supervisor, database = settings.trading, desk.clock, desk.supervisor, desk.database

    async def credentials(account: Account) -> Credentials:
        return await accounts.credentials(account)

    async with AsyncExitStack() as stack:
        venues = await stack.enter_async_context(open_venues(settings, desk, credentials))
        accounts: Accounts = Accounts(
            AccountStore(database, desk.cipher, desk.outbox.posted),
            UserSettingsStore(database),
            venues.pool,
            clock,
            supervisor,
            venues=trading.exchanges,
            name_of=desk.people.name_of,
            ttl=trading.credentials_ttl,
        )
        lookups = Lookups(
            accounts,
            venues.pool,
            clock,
            supervisor,
            balance_ttl=trading.balance_ttl,
            positions_ttl=trading.positions_ttl,
            ticker_ttl=trading.ticker_ttl,
            patience=trading.call_timeout + PATIENCE,
            timings=desk.timings,
        )
        orders = _orders(settings, desk, venues, accounts, lookups)
        trades = Trades(TradeStore(database), clock, settings.pool.timezone)
        connecting = Connecting(DialogueStore(database, desk.cipher), accounts, clock)
        await connecting.load()
        await orders.resume()
        jobs = _jobs(desk, venues, accounts, lookups, orders, connecting)
        service = TradingService(accounts, lookups, orders, trades)
        stats = _stats(settings, desk, venues, service)
        yield TradingDesk(service, connecting, stats, venues.gates, jobs, venues.have_room)


def _orders(settings: Settings, desk: Desk, venues: Venues, accounts: Accounts, lookups: Lookups) -> Orders:
    trading, clock, supervisor, pool = settings.trading, desk.clock, desk.supervisor, venues.pool
    journal = OrderStore(desk.database, desk.letters, record=trade_logs.record)
    limits = Limits(trading.order_limit, trading.day_limit, trading.large_order, trading.far_from_market)
    checker = OrderChecker(journal, accounts, pool, lookups, desk.outbox, desk.attention, supervisor, clock)
    holdings = OrderHoldings(pool, lookups)
    drafting = OrderDrafting(
        journal, accounts, holdings, lookups, desk.people, clock, limits, client_order_id
    )
    sender = OrderSender(journal, accounts, pool, checker, supervisor)
    zone = settings.pool.timezone
    return Orders(
        journal, drafting, sender, checker, accounts, accounts, pool, desk.people, clock, limits, zone
    )


def _jobs(
    desk: Desk, venues: Venues, accounts: Accounts, lookups: Lookups, orders: Orders, connecting: Connecting
) -> tuple[Job, ...]:
    clock, jitter = desk.clock, random.Random()  # noqa: S311 - jitter, not a secret
    store = PositionWatchStore(desk.database, desk.letters)
    monitor = PositionMonitor(venues.pool, store, accounts, clock, desk.outbox.posted, lookups.drop)
    warming = Warming(accounts, lookups, clock, jitter, venues.have_room)
    return (
        Job("orders", 15.0, MINUTE, orders.resume),
        Job("positions", 30.0, 30.0, monitor.look),
        Job("cache warming", 5 * MINUTE, 5 * MINUTE, warming.run, at_once=True),
        Job("idle exchange clients", MINUTE, MINUTE, venues.pool.close_idle),
        Job("lapsed dialogues", MINUTE, MINUTE, connecting.wipe),
    )


def _stats(settings: Settings, desk: Desk, venues: Venues, service: TradingService) -> TradingStats:
    lanes = [lane for gate in venues.gates.values() for lane in (gate.reads, gate.orders)]

    def caches() -> dict[str, CacheFigures]:
        return {**service.lookups.caches(), **service.accounts.figures()}

    return TradingStats(
        TradingFiguresStore(desk.database),
        [lane.health for lane in lanes],
        venues.pool.stats,
        caches,
        desk.clock,
        settings.pool.timezone,
    )


def client_order_id(request_key: str, place: int) -> str:
    """28 letters and digits, the same for the same request and place in it: what comes again is the same order."""
    return "qm" + hashlib.sha256(f"{request_key}#{place}".encode()).hexdigest()[:26]
