"""The orders' service over memory: a journal, an exchange with a ledger and faults, and people with accounts."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from bot.errors import (
    KeyRefused,
    NoAccount,
    OrderRefused,
    OrderTooLarge,
    OutcomeUnknown,
    PeerBusy,
    PeerUnavailable,
    RequestConflict,
    TradingPaused,
    UnknownSymbol,
)
from bot.models.account import PAPER, Account, TradingChoices
from bot.models.audit import Act
from bot.models.market import AccountType, Balance, CoinBalance, Instrument, Position, Side, Ticker
from bot.models.notice import Kind, Notice
from bot.models.order import NewOrder, OrderKind, OrderState, OrderStatus, Refusal, VenueOrder
from bot.models.order_draft import OrderWish
from bot.models.order_record import Accepted, Intent, Noted, Order, Outcome, advanced, fill_between
from bot.models.order_rules import Limits
from bot.models.role import Role
from bot.models.trade import Fill
from bot.resilience.clock import Clock, ManualClock
from bot.resilience.tasks import Supervisor
from bot.services.attention import Attention
from bot.services.order_checking import OrderChecker
from bot.services.order_drafting import OrderDrafting
from bot.services.order_holdings import OrderHoldings
from bot.services.order_sending import OrderSender
from bot.services.orders import Orders

D = Decimal
USER, TRADER, CHIEF = 1002, 1006, 1001
PAPER_ID, REAL_ID = 1, 2
LIMITS = Limits(order=D(1000), day=D(5000), large=D(500), far=D("0.05"))
WITHOUT_EFFECT = (OrderState.REFUSED, OrderState.ABSENT)
VENUE = "bybit"


def client_id(request_key: str, place: int) -> str:
    """The same for the same request and place."""
    return "qm" + hashlib.sha256(f"{request_key}#{place}".encode()).hexdigest()[:28]


class MemoryJournal:
    """The twin of the orders table; each of `failures` is raised instead of the next change."""

    def __init__(self) -> None:
        self.rows: dict[int, Order] = {}
        self.by_user: dict[int, list[int]] = {}
        self.by_client_id: dict[str, int] = {}
        self.by_key: dict[str, int] = {}
        self.open: set[int] = set()
        self.fills: list[Fill] = []
        self.notices: dict[str | None, Notice] = {}
        self.acts: list[Act] = []
        self.paused: set[int] = set()
        self.all_paused = False
        self.failures: list[Exception] = []

    async def accept(self, intent: Intent, limits: Limits) -> Accepted:
        self._fail()
        if known := self._promised(intent):
            return Accepted(known, is_new=False)
        self._check(intent, limits)
        added = [self._add(intent, place) for place in range(len(intent.drafts))]
        return Accepted(tuple(added), is_new=True)

    async def promised(self, intent: Intent) -> tuple[Order, ...]:
        return self._promised(intent)

    async def known(self, request_key: str) -> bool:
        return request_key in self.by_key

    async def note(
        self,
        number: int,
        outcome: Outcome,
        now: float,
        telling: Callable[[Order], Sequence[Notice]] | None = None,
    ) -> Noted:
        self._fail()
        before = self.rows[number]
        after = advanced(before, outcome, now)
        if after is before:
            return Noted(before)
        self.rows[number] = after
        if fill := fill_between(before, after, now):
            self.fills.append(fill)
        if after.state.is_final:
            self.open.discard(number)
        said = list(telling(after)) if telling and after.state.is_final else []
        self.notices.update({notice.key: notice for notice in said})
        return Noted(after, len(said))

    async def get(self, which: int | str) -> Order | None:
        if isinstance(which, int):
            return self.rows.get(which)
        return next((each for each in self.rows.values() if each.order.client_id == which), None)

    async def unsettled(self) -> list[Order]:
        return [self.rows[number] for number in sorted(self.open)]

    async def unsettled_of(self, user_id: int) -> list[Order]:
        return [order for order in reversed(await self.unsettled()) if order.user_id == user_id]

    async def pause_all(self, paused: bool, acts: Sequence[Act], now: float) -> bool:
        if self.all_paused is paused:
            return False
        self.all_paused = paused
        self.acts += acts
        return True

    async def paused_for_all(self) -> bool:
        return self.all_paused

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def _promised(self, intent: Intent) -> tuple[Order, ...]:
        drafts = {draft.order.client_id: draft for draft in intent.drafts}
        numbers = {self.by_client_id.get(each) for each in drafts} | {self.by_key.get(k) for k in intent.keys}
        found = [self.rows[number] for number in sorted(numbers - {None})]
        for order in found:
            draft = drafts.get(order.order.client_id)
            same = draft and (draft.order.symbol, draft.order.side) == (order.order.symbol, order.order.side)
            if not same or order.user_id != intent.user_id:
                raise RequestConflict
        return tuple(found)

    def _check(self, intent: Intent, limits: Limits) -> None:
        opening = [draft.worth for draft in intent.drafts if not draft.closes]
        if not opening:
            return
        if self.all_paused or intent.user_id in self.paused:
            raise TradingPaused(everybody=self.all_paused)
        if max(opening) > limits.order:
            raise OrderTooLarge("an order", limits.order, max(opening))
        today = sum(opening) + sum(
            order.worth
            for order in map(self.rows.__getitem__, self.by_user.get(intent.user_id, ()))
            if order.created_at >= intent.day_began and order.state not in WITHOUT_EFFECT
        )
        if today > limits.day:
            raise OrderTooLarge("a day", limits.day, today)

    def _add(self, intent: Intent, place: int) -> Order:
        draft, number = intent.drafts[place], len(self.rows) + 1
        order = Order(
            number,
            intent.keys[place],
            intent.user_id,
            draft.account_id,
            draft.order,
            draft.base,
            draft.quote,
            draft.quoted,
            D(0) if draft.closes else draft.worth,
            OrderState.SENDING,
            intent.at,
        )
        self.rows[number] = order
        self.by_user.setdefault(intent.user_id, []).append(number)
        self.by_client_id[draft.order.client_id] = self.by_key[order.request_key] = number
        self.open.add(number)
        return order


@dataclass
class _Taken:
    order: NewOrder
    at: float
    status: OrderStatus


class MemoryVenue:
    """An exchange. `place_faults` are met one after the other, a None among them is no fault; so are `find_faults`.

    It takes whatever it is sent, and as often: `ledger` tells of doubles. What it has taken is found `visible_after`
    seconds later.
    """

    venue = VENUE

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.arrives_within: float | None = 5.0
        self.visible_after = 0.0
        self.place_faults: list[str | None] = []
        self.find_faults: list[Exception | None] = []
        self.cancel_faults: list[Exception | None] = []
        self.taken: dict[str, _Taken] = {}
        self.ledger: Counter[str] = Counter()
        self.hung = asyncio.Event()
        self.coins: list[CoinBalance] = []
        self.held: list[Position] = []
        self.calls: Counter[str] = Counter()

    async def place(self, order: NewOrder) -> str:
        self.calls["place"] += 1
        fault = self.place_faults.pop(0) if self.place_faults else None
        match fault:
            case "unavailable":
                raise PeerUnavailable(VENUE, "connection refused")
            case "busy":
                raise PeerBusy(VENUE, "too often")
            case "key":
                raise KeyRefused(VENUE, 403, "API key is invalid")
            case "duplicate":
                raise OrderRefused(VENUE, 400, "duplicate id", Refusal.DUPLICATE.value)
            case "funds" | "rules":
                raise OrderRefused(VENUE, 400, "ab not enough", fault)
            case "never":
                raise OutcomeUnknown(VENUE, "no answer")
            case "hang before":
                await self._hang()
        self._take(order)
        match fault:
            case "lost":
                raise OutcomeUnknown(VENUE, "no answer")
            case "bug":
                raise ValueError("cannot read that")
            case "hang after":
                await self._hang()
        return f"v-{order.client_id}"

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        self.calls["cancel"] += 1
        if self.cancel_faults and (fault := self.cancel_faults.pop(0)):
            raise fault
        taken = self.taken.get(client_id)
        if taken is None or taken.status is not OrderStatus.OPEN:
            raise OrderRefused(VENUE, 404, "no such order", Refusal.NOT_FOUND.value)
        taken.status = OrderStatus.CANCELLED

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        self.calls["find"] += 1
        if self.find_faults and (fault := self.find_faults.pop(0)):
            raise fault
        taken = self.taken.get(client_id)
        if taken is None or self._clock.monotonic() < taken.at + self.visible_after:
            return None
        return _seen(taken)

    async def balance(self) -> Balance:
        return Balance(tuple(self.coins))

    async def positions(self) -> Sequence[Position]:
        return self.held

    def settle(self, client_id: str, status: OrderStatus) -> None:
        """What was open has come to this."""
        self.taken[client_id].status = status

    def _take(self, order: NewOrder) -> None:
        self.ledger[order.client_id] += 1
        status = OrderStatus.FILLED if order.kind is OrderKind.MARKET else OrderStatus.OPEN
        self.taken[order.client_id] = _Taken(order, self._clock.monotonic(), status)

    async def _hang(self) -> None:
        self.hung.set()
        await asyncio.get_running_loop().create_future()


def _seen(taken: _Taken) -> VenueOrder:
    order, filled = taken.order, taken.status is OrderStatus.FILLED
    price = order.price or D(10_000)
    return VenueOrder(
        id=f"v-{order.client_id}",
        client_id=order.client_id,
        symbol=order.symbol,
        account_type=order.account_type,
        side=order.side,
        kind=order.kind,
        status=taken.status,
        amount=order.amount,
        filled=order.amount if filled else D(0),
        price=order.price,
        average=price if filled else None,
        fee=order.amount * price / 1000 if filled else None,
    )


class OneExchange:
    """Everybody's client is the same; `away` is raised instead, one after the other."""

    def __init__(self, venue: MemoryVenue) -> None:
        self._venue = venue
        self.away: list[Exception | None] = []

    @asynccontextmanager
    async def use(self, account: Account) -> AsyncIterator[Any]:
        if self.away and (error := self.away.pop(0)):
            raise error
        yield self._venue

    def quotes(self, venue: str) -> Any:
        return self._venue


@dataclass
class MemoryAccounts:
    """Everybody has a paper account; TRADER has a real one, and trades on it."""

    journal: MemoryJournal
    account_type: AccountType = AccountType.SPOT
    real: Account = field(default_factory=lambda: Account(REAL_ID, TRADER, VENUE, tail="a3f9"))
    refused: list[str] = field(default_factory=list)
    gone: bool = False

    async def chosen(self, user_id: int) -> Account:
        return self.real if user_id == TRADER else self._paper(user_id)

    async def account(self, user_id: int, account_id: int) -> Account:
        if self.gone:
            raise NoAccount
        return self._paper(user_id) if account_id == PAPER_ID else self.real

    async def choices(self, user_id: int) -> TradingChoices:
        return TradingChoices(account_type=self.account_type, paused=user_id in self.journal.paused)

    async def set_paused(self, user_id: int, paused: bool) -> None:
        (self.journal.paused.add if paused else self.journal.paused.discard)(user_id)

    async def refuse(self, account: Account, reason: str) -> None:
        self.refused.append(reason)
        self.real = replace(self.real, refused=reason)

    def _paper(self, user_id: int) -> Account:
        return Account(PAPER_ID, user_id, PAPER)


@dataclass(frozen=True)
class Aged:
    """A price with its age."""

    value: Ticker


class OnePrice:
    """Every coin is at the same price; a number in `prices` is the next one asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.price = D(10_000)
        self.away: list[Exception] = []
        self.dropped: list[int] = []
        self.asked = 0

    async def fresh_ticker(self, venue: str, account_type: AccountType, symbol: str) -> Aged:
        self.asked += 1
        if self.away:
            raise self.away.pop(0)
        return Aged(Ticker(symbol, self.price, self.price, self.price, self._clock.time()))

    async def instrument(self, venue: str, account_type: AccountType, typed: str) -> Instrument:
        base = typed.upper().removesuffix("USDT")
        if base not in ("BTC", "ETH", "SOL", "DUST"):
            raise UnknownSymbol(typed, ("BTCUSDT",))
        return Instrument(f"{base}USDT", base, "USDT", account_type, D("0.5"), D("0.001"), D("0.001"), D(1))

    def drop(self, account_id: int) -> None:
        self.dropped.append(account_id)


class MemoryRoles:
    """Who may do what."""

    def __init__(self) -> None:
        self.roles = {USER: Role.USER, TRADER: Role.TRADER, CHIEF: Role.ADMIN}

    def role_of(self, user_id: int) -> Role | None:
        return self.roles.get(user_id)


class Bell:
    """What was told, and how often there was something in the outbox."""

    def __init__(self) -> None:
        self.told: dict[str | None, tuple[int | str, Kind, Mapping[str, Any]]] = {}
        self.rung = 0

    async def tell(self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        self.told.setdefault(key, (user_id, kind, data))

    async def tell_admins(self, kind: Kind, data: Mapping[str, Any], key: str | None = None) -> None:
        self.told.setdefault(key, ("admins", kind, data))

    def posted(self) -> None:
        self.rung += 1


class OrderBench:
    """One desk over any number of starts: `start` begins a process, `kill` ends it wherever it stands."""

    def __init__(self, clock: Clock | None = None, journal: Any = None) -> None:
        self.clock = clock or ManualClock()
        self.journal = journal or MemoryJournal()
        self.venue = MemoryVenue(self.clock)
        self.exchanges = OneExchange(self.venue)
        self.accounts = MemoryAccounts(self.journal)
        self.prices = OnePrice(self.clock)
        self.roles, self.bell = MemoryRoles(), Bell()
        self.start()

    def start(self) -> Orders:
        """A new process."""
        self.attention, self.supervisor = Attention(), Supervisor()
        self.checker = OrderChecker(
            self.journal,
            self.accounts,
            self.exchanges,
            self.prices,
            self.bell,
            self.attention,
            self.supervisor,
            self.clock,
        )
        drafting = OrderDrafting(
            self.journal,
            self.accounts,
            OrderHoldings(self.exchanges, self.prices),
            self.prices,
            self.roles,
            self.clock,
            LIMITS,
            client_id,
        )
        sender = OrderSender(self.journal, self.accounts, self.exchanges, self.checker, self.supervisor)
        self.orders = Orders(
            self.journal,
            drafting,
            sender,
            self.checker,
            self.accounts,
            self.accounts,
            self.exchanges,
            self.roles,
            self.clock,
            LIMITS,
            UTC,
        )
        return self.orders

    async def kill(self) -> None:
        """End the process where it stands."""
        await self.supervisor.close()

    async def buy(self, user_id: int = TRADER, key: str = "m1", amount: str = "0.01", **wish: Any) -> Any:
        """The draft of an order to buy."""
        wanted = OrderWish(Side.BUY, "btc", D(amount), **wish)
        return (await self.orders.draft(user_id, wanted, key)).drafts

    async def confirmed(
        self, drafts: Any, tap: str = "t1", user_id: int = TRADER, within: float = 10.0
    ) -> Order:
        """What the person reads of it some seconds later."""
        task = asyncio.create_task(self.orders.confirm(user_id, drafts, tap))
        await self.tick(within)
        [order] = await task
        return order

    async def tick(self, seconds: float) -> None:
        """Time passes."""
        assert isinstance(self.clock, ManualClock)
        await self.clock.tick(seconds)
