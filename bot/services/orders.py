"""Orders: drafted, confirmed once, written down, sent, and followed until it is known what has become of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, tzinfo
from weakref import WeakValueDictionary

from bot.errors import (
    KeyRefused,
    NotAllowed,
    OrderRefused,
    OutcomeUnknown,
    QuoteLapsed,
    UnknownOrder,
)
from bot.models.account import Account
from bot.models.audit import Act, Deed
from bot.models.order import OrderKind
from bot.models.order_draft import Draft, OrderWish
from bot.models.order_record import Intent, Order
from bot.models.order_rules import Limits
from bot.models.role import Role
from bot.resilience.clock import Clock
from bot.services.exchange import Exchanges
from bot.services.order_checking import ACCEPTED, OrderChecker
from bot.services.order_drafting import OrderDrafting, Proposal
from bot.services.order_ports import Journal, KeyRing, Roles, TradingAccounts
from bot.services.order_sending import OrderSender

TRADING = "trading"


class Orders:
    """What people do with orders. Every call raises PeerError where the venue is needed and does not answer.

    One tap on Confirm is one order at the venue at most: its id is made with the draft and written down before it is
    sent, and no id is written down twice.
    """

    def __init__(
        self,
        journal: Journal,
        drafting: OrderDrafting,
        sender: OrderSender,
        checker: OrderChecker,
        accounts: TradingAccounts,
        keys: KeyRing,
        exchanges: Exchanges,
        roles: Roles,
        clock: Clock,
        limits: Limits,
        zone: tzinfo,
    ) -> None:
        self._journal = journal
        self._drafting = drafting
        self._sender = sender
        self._checker = checker
        self._accounts = accounts
        self._keys = keys
        self._exchanges = exchanges
        self._roles = roles
        self._clock = clock
        self._limits = limits
        self._zone = zone
        self._confirming: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def draft(self, user_id: int, wish: OrderWish, request_key: str) -> Proposal:
        """What a wish comes to now; nothing is written or sent.

        Raises UnknownSymbol, OrderUnfit, OrderTooLarge, TradingPaused, CannotTrade, NotAllowed.
        """
        return await self._drafting.draft(user_id, wish, request_key)

    async def closing(self, user_id: int, typed: str | None, request_key: str) -> Proposal:
        """What closing one symbol, or everything (None), would do. Goes on while trading is paused."""
        return await self._drafting.closing(user_id, typed, request_key)

    async def requoted(self, user_id: int, drafts: Sequence[Draft]) -> Proposal:
        """Drafts whose price is not good any more, at that of now. Of both only one can be placed."""
        return await self._drafting.requoted(user_id, drafts)

    async def confirm(self, user_id: int, drafts: Sequence[Draft], request_key: str) -> tuple[Order, ...]:
        """Place what was shown, and return what is known of it some seconds later.

        The same tap, or another on the same draft, returns the same orders. Raises QuoteLapsed, TradingPaused,
        OrderTooLarge, CannotTrade, NotAllowed, RequestConflict: then nothing was sent.
        """
        lock = self._confirming.setdefault(drafts[0].order.client_id, asyncio.Lock())
        async with lock:
            orders = await self._accepted(user_id, tuple(drafts), request_key)
        return await self._sender.outcomes(orders)

    async def cancel(self, user_id: int, which: int | str) -> Order:
        """Cancel what is still open of an order, by its number or our id of it; returns what is known of it then.

        Again is no harm. Raises UnknownOrder, KeyRefused.
        """
        order = await self._own(user_id, which)
        if order.state.is_final:
            return order
        account = await self._accounts.account(user_id, order.account_id)
        with self._checker.held(order.number):
            with suppress(OrderRefused, OutcomeUnknown):  # it has ended, or nobody knows: looking tells
                await self._cancel(order, account)
            order = await self._checker.follow(order, ACCEPTED, until_final=True)
        self._checker.watch(order)
        return order

    async def settle_by_hand(self, user_id: int, number: int) -> Order:
        """The owner, or an admin, has looked, and the order is not at the venue. Raises UnknownOrder, OrderUnfit."""
        is_admin = self._roles.role_of(user_id) is Role.ADMIN
        order = await self._journal.get(number)
        if order is None or not (is_admin or order.user_id == user_id):
            raise UnknownOrder
        return order if order.state.is_final else await self._checker.settle_by_hand(order)

    async def unsettled_of(self, user_id: int) -> Sequence[Order]:
        """A person's orders that are open or being looked for, newest first."""
        return await self._journal.unsettled_of(user_id)

    async def pause(self, user_id: int, *, paused: bool) -> None:
        """Take no new orders from the person, or take them again."""
        await self._accounts.set_paused(user_id, paused)

    async def pause_all(self, admin_id: int, name: str, *, paused: bool) -> bool:
        """The same for everybody; returns whether that is a change. Raises NotAllowed."""
        if self._roles.role_of(admin_id) is not Role.ADMIN:
            raise NotAllowed(Role.ADMIN.value)
        act = Act(admin_id, name, Deed.PAUSE if paused else Deed.RESUME, TRADING)
        return await self._journal.pause_all(paused, [act], self._clock.time())

    async def known(self, request_key: str) -> bool:
        """Whether a tap with that key has placed something."""
        return await self._journal.known(request_key)

    async def resume(self) -> None:
        """Go on finding out what has become of every unsettled order: after a start, and now and then."""
        await self._checker.resume()

    @property
    def stuck(self) -> tuple[int, ...]:
        """The numbers of the orders that a person should look for."""
        return self._checker.stuck

    async def _accepted(self, user_id: int, drafts: tuple[Draft, ...], request_key: str) -> Sequence[Order]:
        intent = Intent(user_id, drafts, request_key, *self._now())
        if known := await self._journal.promised(intent):
            return known
        account = await self._drafting.tradable(user_id, drafts[0].account_id)
        for draft in drafts:
            await self._check_quote(draft, account)
        at, day_began = self._now()
        accepted = await self._journal.accept(replace(intent, at=at, day_began=day_began), self._limits)
        if accepted.is_new:
            for order in accepted.orders:
                self._sender.begin(order, account)
        return accepted.orders

    async def _check_quote(self, draft: Draft, account: Account) -> None:
        """Who closes wants to be out, and not to hear that the price has moved."""
        if draft.lapsed(self._clock.time()):
            raise QuoteLapsed("the price is too old")
        if draft.closes or draft.order.kind is OrderKind.LIMIT:
            return
        if draft.drifted(await self._drafting.price_now(draft, account)):
            raise QuoteLapsed("the price has moved")

    async def _cancel(self, order: Order, account: Account) -> None:
        sent = order.order
        try:
            async with self._exchanges.use(account) as exchange:
                await exchange.cancel(sent.account_type, sent.symbol, sent.client_id)
        except KeyRefused as error:
            await self._keys.refuse(account, error.message)
            raise

    async def _own(self, user_id: int, which: int | str) -> Order:
        order = await self._journal.get(which)
        if order is None or order.user_id != user_id:
            raise UnknownOrder
        return order

    def _now(self) -> tuple[float, float]:
        """This moment, and when its day began."""
        now = self._clock.time()
        day = datetime.fromtimestamp(now, self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return now, day.timestamp()
